#!/usr/bin/env bash
# Hand edits of plans of every kind: limits on people and on area, groups and micro cells, towers divided by their stairs. After each step
# everything is counted again from the buildings and the outlines; taking the steps back gives the content that was there.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs spatialite python3
small=$WG_SOURCE_DIR/datasets/small
sample=$WG_SOURCE_DIR/datasets/sample
town=(--communities "$small/communities.geojson" --buildings "$small/buildings.geojson" --barriers "$small/roads.geojson"
    --compounds "$small/compounds.geojson")

cat >edits.py <<'END'
"""edits.py PLAN LIMITS STEPS: random edits of a plan, each judged; LIMITS are the plan's as FIELD=MIN:MAX,..."""
import json, os, random, re, subprocess, sys

plan, limits, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
limits = [re.match(r"(\w+)=(.*):(.*)", text).groups() for text in limits.split(",")]


def sql(query):
    done = subprocess.run(["spatialite", "-silent", "-separator", "\t", plan, query], capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def edit(*flags):
    done = subprocess.run([os.environ["WANGGE"], "edit", plan, "--json", *flags], capture_output=True, text=True)
    assert done.returncode in (0, 1, 2), (flags, done.returncode, done.stderr)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def status_of(figures):
    low = any(low and figures[field] < float(low) - 1e-6 for field, low, _ in limits)
    high = any(high and figures[field] > float(high) + 1e-6 for field, _, high in limits)
    return "mixed" if low and high else "under" if low else "over" if high else "ok"


def judge():
    """Figures of cells from their buildings, shares and outlines, not from what the plan says of itself."""
    whole = {}
    for cell, households, population in sql("SELECT cell, households, population FROM buildings WHERE how <> 'split' AND cell <> '' "
                                            "UNION ALL SELECT cell, households, population FROM shares"):
        sums = whole.setdefault(cell, [0, 0])
        sums[0] += float(households or 0)
        sums[1] += float(population or 0)
    retired = {code for (code,) in sql("SELECT code FROM retired")} if sql("SELECT 1 FROM sqlite_master WHERE name = 'retired'") else set()
    for code, households, population, area, shape, status, kind in sql(
            "SELECT code, households, population, area_m2, ST_Area(geom), status, kind FROM cells"):
        mine = whole.get(code, [0, 0])
        assert abs(float(households) - mine[0]) < 1e-6, (code, "households", households, mine)
        assert abs(float(population) - mine[1]) < 1e-6, (code, "population", population, mine)
        assert abs(float(area) - float(shape)) < 0.01, (code, area, shape)
        wanted = status_of({"households": mine[0], "population": mine[1], "area": float(shape)})
        assert kind == "dedicated" or status == wanted, (code, status, wanted)
        assert code not in retired, code
    (united,) = sql("SELECT max(abs(ST_Area(c.geom) - (SELECT total(ST_Area(u.geom)) FROM units u WHERE u.cell = c.code))) FROM cells c")
    assert float(united[0]) < 0.01, united
    for code, off in sql("SELECT l.code, ST_Area(ST_SymDifference(l.geom, (SELECT ST_UnaryUnion(ST_Collect(c.geom)) FROM cells c WHERE c.grp = l.code))) "
                         "FROM levels l WHERE l.level = 'group'"):
        assert abs(float(off or 0)) < 0.01, (code, "group", off)
    grouped = sql("SELECT count(*) FROM cells WHERE grp <> '' AND grp NOT IN (SELECT code FROM levels WHERE level = 'group')")
    assert grouped == [["0"]], grouped
    if sql("SELECT 1 FROM sqlite_master WHERE name = 'micro'"):
        assert sql("SELECT count(*) FROM micro m LEFT JOIN cells c ON c.code = m.grp WHERE c.code IS NULL "
                   "OR ST_Area(ST_Difference(m.geom, c.geom)) > 0.01") == [["0"]]


choose = random.Random(7)
edit("--rename", sql("SELECT code FROM cells ORDER BY code LIMIT 1")[0][0] + ":一")  # where the history begins
history, done, refused = [], {}, 0
hashes = [edit("--rename", sql("SELECT code FROM cells ORDER BY code LIMIT 1")[0][0] + ":二")["hash"]]
judge()
while len(hashes) <= steps:
    kind = ["--move", "--move", "--merge", "--split", "--rename"][choose.randrange(5)] if len(done) > 3 else \
        ["--move", "--merge", "--split", "--rename"][len(done)]
    cells = [code for (code,) in sql("SELECT code FROM cells ORDER BY code")]
    if kind == "--move":  # of a unit at a border, to the other side of it
        unit, cell = choose.choice(sql("SELECT e.u, v.cell FROM edges e JOIN units u ON u.id = e.u JOIN units v ON v.id = e.v "
                                       "WHERE u.cell <> v.cell AND e.hard = 0 AND u.community = v.community ORDER BY e.u, e.v"))
        flags = (kind, unit + ":" + cell)
    elif kind == "--merge":
        flags = (kind, ",".join(choose.choice(sql("SELECT DISTINCT u.cell, v.cell FROM edges e JOIN units u ON u.id = e.u JOIN units v ON v.id = e.v "
                                                  "WHERE u.cell <> v.cell AND u.community = v.community ORDER BY 1, 2"))))
    else:
        code = choose.choice(cells)
        flags = (kind, code if kind == "--split" else code + ":新名")
    answer = edit(*flags)
    if isinstance(answer, str):
        assert "(" in answer, answer  # what to do instead is named
        refused += 1
        assert refused < 20 * steps, answer
        continue
    done[kind] = done.get(kind, 0) + 1
    hashes.append(answer["hash"])
    for figure in ("households", "population"):
        before, after = answer["before"][figure], answer["after"][figure]
        assert abs(before - after) < 1e-6, (flags, figure, before, after)
    judge()
for before in reversed(hashes[:-1]):
    assert edit("--undo")["hash"] == before, before
judge()
assert len(done) == 4, done
END
export WANGGE

expect 0 "$WANGGE" partition "${town[@]}" --population 300:600 -o people.sqlite
expect 0 python3 edits.py people.sqlite population=300:600 6
expect 0 "$WANGGE" partition "${town[@]}" --area 1ha:4ha --households :250 -o area.sqlite
expect 0 python3 edits.py area.sqlite area=10000:40000,households=:250 6
expect 0 "$WANGGE" partition "${town[@]}" --households 40:80 --groups 2:4 --micro 10:40 -o nested.sqlite
ok "there are groups and micro cells" test "$(spatialite -silent nested.sqlite "SELECT min((SELECT count(*) FROM levels WHERE level = 'group'), (SELECT count(*) FROM micro))")" -gt 1
expect 0 python3 edits.py nested.sqlite households=40:80 8

# Towers divided by their stairs: what would move a share is refused, the rest goes on.
expect 0 "$WANGGE" partition --communities "$sample/communities.gpkg" --buildings "$sample/buildings.gpkg" --barriers "$sample/roads.gpkg" \
    --stairs "$sample/stairs.gpkg" --population :800 --effort 1 -o towers.sqlite
is "towers are divided" "$(spatialite -silent towers.sqlite "SELECT count(DISTINCT building) FROM shares")" 3
expect 0 python3 edits.py towers.sqlite population=:800 4
read -r unit from to < <(spatialite -silent -separator ' ' towers.sqlite \
    "SELECT u.id, u.cell, v.cell FROM units u JOIN buildings b ON b.how = 'split' AND ST_Area(ST_Intersection(u.geom, b.geom)) > 10
     JOIN edges e ON u.id IN (e.u, e.v) JOIN units v ON v.id IN (e.u, e.v) AND v.cell <> u.cell AND v.community = u.community ORDER BY 1, 3 LIMIT 1")
before=$(sha256sum towers.sqlite)
expect 2 "$WANGGE" edit towers.sqlite --move "$unit:$to"
stderr_has "unit $unit of cell $from holds stairs of building"
is "nothing was written" "$(sha256sum towers.sqlite)" "$before"
expect 0 "$WANGGE" edit towers.sqlite --merge "$to,$from"
is "shares go along" "$(spatialite -silent towers.sqlite "SELECT count(*) FROM shares WHERE cell = '$from'")" 0
is "none is lost" "$(spatialite -silent towers.sqlite "SELECT count(*) FROM buildings b WHERE how = 'split' AND abs(households - (SELECT sum(households) FROM shares WHERE building = b.id)) > 1e-6")" 0
nothing_left edits.py people.sqlite area.sqlite nested.sqlite towers.sqlite
done_testing
