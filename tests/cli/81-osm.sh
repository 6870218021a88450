#!/usr/bin/env bash
# An OpenStreetMap extract alone: populate takes what is tagged and spreads what the boundaries say; partition records the extract.
set -u
source "$WG_TESTS/lib.sh"
needs sqlite3 python3 ogr2ogr
python3 - <<'EOF'
nodes, ways = [], []


def ring(x, y, width, height):
    first = len(nodes) + 1
    for dx, dy in [(0, 0), (width, 0), (width, height), (0, height)]:
        nodes.append(f'<node id="{len(nodes) + 1}" version="1" lat="{y + dy:.7f}" lon="{x + dx:.7f}"/>')
    return [first, first + 1, first + 2, first + 3, first]


def way(identity, refs, **tags):
    ways.append(f'<way id="{identity}" version="1">' + "".join(f'<nd ref="{r}"/>' for r in refs) +
                "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items()) + "</way>")


way(1, ring(9.5, 47.0, 0.01, 0.01))
way(10, ring(9.501, 47.001, 0.0003, 0.0002), building="apartments", building__flats=10, building__levels=5)
way(11, ring(9.503, 47.001, 0.0003, 0.0002), building="house", building__levels=2)
way(12, ring(9.505, 47.001, 0.0003, 0.0002), building="house", building__levels=1)
way(13, ring(9.507, 47.001, 0.0003, 0.0002), building="industrial")
relation = ('<relation id="7" version="1"><member type="way" ref="1" role="outer"/><tag k="type" v="boundary"/><tag k="boundary" v="administrative"/>'
            '<tag k="admin_level" v="8"/><tag k="name" v="Ort"/><tag k="population" v="101"/></relation>')
open("town.osm", "w").write('<osm version="0.6">' + "".join(nodes + ways) + relation + "</osm>")
EOF

expect 0 "$WANGGE" populate --osm town.osm -o people.gpkg --json
stdout_has '"total": 101.0'
people() { sqlite3 people.gpkg "select $1 from buildings where id = '$2'"; }
is "tagged flats stay" "$(people households w10)" 10
is "the boundary's people, all of them" "$(sqlite3 people.gpkg 'select sum(population) from buildings')" 101
is "nobody lives in a factory" "$(people "ifnull(population, 0)" w13)" 0
is "twice the floors, about twice the people" "$(sqlite3 people.gpkg "select abs(a.population - 2 * b.population) <= 2 from buildings a, buildings b where a.id = 'w11' and b.id = 'w12'")" 1
expect 0 "$WANGGE" populate --osm town.osm -o people.gpkg --overwrite
stdout_has "OpenStreetMap contributors"

expect 0 "$WANGGE" partition --osm town.osm --households 5:40 -o plan.sqlite
is "the extract is recorded as the source" \
    "$(sqlite3 plan.sqlite "select count(*) from runs, json_each(inputs) where json_extract(value, '\$.source') = 'town.osm' and json_extract(value, '\$.sha256') = '$(sha256sum town.osm | cut -d' ' -f1)'")" 2
is "with its attribution" "$(sqlite3 plan.sqlite 'select attrib from runs')" "© OpenStreetMap contributors, ODbL 1.0"

# Redraw takes the extract as partition does: the plan comes back as it was; other limits make other cells of it.
expect 0 "$WANGGE" redraw --cells plan.sqlite --osm town.osm --households 5:40 --stability 1 -o again.sqlite
outlines="SELECT code, hex(geom) FROM cells ORDER BY code"
is "the same cells" "$(sqlite3 again.sqlite "$outlines" | sha256sum)" "$(sqlite3 plan.sqlite "$outlines" | sha256sum)"
expect 0 "$WANGGE" redraw --cells plan.sqlite --osm town.osm --households 1:12 -o smaller.sqlite
is "every household is there" "$(sqlite3 smaller.sqlite 'select sum(households) from cells')" "$(sqlite3 plan.sqlite 'select sum(households) from cells')"
ok "the cells are others" test "$(sqlite3 smaller.sqlite 'select count(*) from cells')" -gt "$(sqlite3 plan.sqlite 'select count(*) from cells')"
is "with its attribution" "$(sqlite3 smaller.sqlite 'select attrib from runs')" "© OpenStreetMap contributors, ODbL 1.0"
expect 2 "$WANGGE" redraw --cells plan.sqlite -o none.sqlite
error_is "redraw: --communities is missing (see 'wangge help redraw')"
expect 2 "$WANGGE" populate -o people.gpkg

# From the extract to the report in one command.
printf 'jobs:\n  - partition: {osm: town.osm, level: 8, households: 5:40, output: town.sqlite}\n  - report: {plan: town.sqlite, output: report, format: [html, csv, geojson]}\n' >town.yaml
expect 0 "$WANGGE" run town.yaml
ok "the page is there" test -s report/index.html
has report/index.html "OpenStreetMap contributors"
has report/coverage.csv "7,"
done_testing
