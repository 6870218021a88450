#!/usr/bin/env bash
# Codes over several redraws: kept where a cell goes on, never given out again once retired; the three forms of a code.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs python3 ogr2ogr
small=$WG_SOURCE_DIR/datasets/small
inputs=(--communities "$small/communities.geojson" --buildings "$small/buildings.geojson" --barriers "$small/roads.geojson"
    --compounds "$small/compounds.geojson")
codes() { # the codes of a layer of a plan, one a line
    ogr2ogr -f CSV /vsistdout/ "$1" "$2" -select code | tr -d '"' | tail -n +2 | sort
}

# Six cells, three, seven, two: what goes is retired in the plan and in all that follow it.
expect 0 "$WANGGE" partition "${inputs[@]}" --households 80:120 -o first.sqlite
codes first.sqlite cells >used.txt
: >gone.txt
before=first.sqlite
for limits in 150:300 70:110 250:400; do
    after=plan-${limits%:*}.sqlite
    expect 0 "$WANGGE" redraw --cells "$before" "${inputs[@]}" --households "$limits" -o "$after"
    codes "$after" cells >now.txt
    is "no code twice at $limits" "$(uniq -d now.txt)" ""
    is "no retired code comes back at $limits" "$(comm -12 now.txt gone.txt)" ""
    comm -23 used.txt now.txt >gone.txt # ever used, not in use now
    is "the plan of $limits lists all that are gone" "$(codes "$after" retired)" "$(cat gone.txt)"
    ok "some codes are kept at $limits" test -n "$(comm -12 now.txt used.txt)"
    sort -u used.txt now.txt -o used.txt
    before=$after
done
ok "codes were retired and new ones given out" test -s gone.txt -a "$(wc -l <used.txt)" -gt "$(wc -l <now.txt)"

# 15 digits (12 + 3), 20 digits with the object class of the standard's register, an object class that is none.
is "12 + 3 digits" "$(codes first.sqlite cells | grep -cvE '^[0-9]{12}[0-9]{3}$')" 0
expect 0 "$WANGGE" partition "${inputs[@]}" --households 80:120 --codes cjt349 --object-class 010100 -o twenty.sqlite
is "20 digits" "$(codes twenty.sqlite cells | grep -cvE '^010100[0-9]{12}[0-9]{2}$')" 0
expect 2 "$WANGGE" partition "${inputs[@]}" --households 80:120 --codes cjt349 --object-class 1x -o bad.sqlite
error_is 'object class "1x" does not have 6 digits'

# West to east, then north to south, whatever the outlines; names count along, or follow a template.
expect 0 "$WANGGE" partition "${inputs[@]}" --households 20:40 --lang zh -o zh.sqlite
ogr2ogr -f CSV /vsistdout/ zh.sqlite -dialect SQLite -sql "SELECT code, name, ST_X(ST_Centroid(geom)) AS x, ST_Y(ST_Centroid(geom)) AS y FROM cells" >order.csv
python3 - <<'END' || wrong "cells are numbered from west to east and named in order"
import csv
rows = sorted(csv.DictReader(open("order.csv", encoding="utf-8")), key=lambda row: row["code"])
assert len(rows) > 12
assert rows == sorted(rows, key=lambda row: (round(float(row["x"]), 3), -round(float(row["y"]), 3)))
assert [row["code"] for row in rows] == [f"449101001001{i:03}" for i in range(1, len(rows) + 1)]
digits = "一二三四五六七八九"
numeral = lambda i: ("" if i < 10 else "十" if i < 20 else digits[i // 10 - 1] + "十") + ("" if i % 10 == 0 else digits[i % 10 - 1])
assert [row["name"] for row in rows] == [f"第{numeral(i)}网格" for i in range(1, len(rows) + 1)], rows[9]
END
expect 0 "$WANGGE" redraw --cells zh.sqlite "${inputs[@]}" --households 20:40 --names '{community} {n}号' --stability 0 -o template.sqlite
ok "new cells are named by the template, kept ones keep their names" \
    test "$(ogr2ogr -f CSV /vsistdout/ template.sqlite cells -select name | tail -n +2 | grep -cE '(号|网格)"?$')" = "$(codes template.sqlite cells | wc -l)"

# 120 cells of one household each: three digits are enough for them, two are not, which is an error and no plan.
python3 - <<'END'
import json
def write(name, rows):
    json.dump({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32649"}},
               "features": [{"type": "Feature", "properties": fields, "geometry": {"type": "Polygon", "coordinates": [[
                   [500000 + x0, 4400000 + y0], [500000 + x1, 4400000 + y0], [500000 + x1, 4400000 + y1], [500000 + x0, 4400000 + y1],
                   [500000 + x0, 4400000 + y0]]]}} for fields, (x0, y0, x1, y1) in rows]}, open(name, "w"))
write("strip.geojson", [({"code": "440106001001"}, (0, 0, 2400, 40))])
write("squares.geojson", [({"id": str(i)}, (20 * i, 0, 20 * i + 20, 40)) for i in range(120)])
write("houses.geojson", [({"id": str(i), "households": 1}, (20 * i + 5, 10, 20 * i + 15, 20)) for i in range(120)])
END
strip=(--communities strip.geojson --buildings houses.geojson --units squares.geojson --households 1:1)
expect 0 "$WANGGE" partition "${strip[@]}" -o many.sqlite
is "the last of 120" "$(codes many.sqlite cells | tail -n 1)" 440106001001120
expect 1 "$WANGGE" partition "${strip[@]}" --codes cjt349 -o overflow.sqlite
stderr_has "99"
nothing_left strip.geojson squares.geojson houses.geojson many.sqlite order.csv zh.sqlite template.sqlite first.sqlite plan-150.sqlite plan-70.sqlite plan-250.sqlite twenty.sqlite gone.txt now.txt used.txt
done_testing
