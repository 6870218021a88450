#!/usr/bin/env bash
# What the flags of the atoms do, on a town of one community that is small enough to be counted by hand.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs spatialite python3

# town.py: communities.geojson (600 m by 400 m; with "exclave": a part of 60 m by 60 m, 8 m east), 20 houses of 15
# households on either side of x = 300, one of 10 in the exclave, a tower with four stairs, and lines.
cat >town.py <<'END'
import json, sys
X, Y = 500000, 4000000

def ring(x, y, w, h):
    return [[X + x, Y + y], [X + x + w, Y + y], [X + x + w, Y + y + h], [X + x, Y + y + h], [X + x, Y + y]]

def write(name, features):
    json.dump({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:32650"}},
               "features": [{"type": "Feature", "properties": p, "geometry": {"type": t, "coordinates": c}}
                            for p, t, c in features]}, open(name, "w"))

land = [[ring(0, 0, 600, 400)], [ring(608, 100, 60, 60)]]
house = lambda n, x, y, households: ({"id": n, "households": households}, "Polygon", [ring(x, y, 12, 10)])
row = [house(f"h{k:02}", 20 + 28 * (k % 20) + (20 if k % 20 >= 10 else 0), 100 + 200 * (k // 20), 15) for k in range(40)]
write("one.geojson", [({"code": "A"}, "Polygon", land[0])])
write("two.geojson", [({"code": "A"}, "MultiPolygon", land)])
write("houses.geojson", row)
write("exclave.geojson", row + [house("x", 630, 120, 10)])
write("tower.geojson", row[:20] + [({"id": "tower", "households": 600, "stairs": 4}, "Polygon", [ring(280, 200, 40, 12)])])
write("huge.geojson", [house("huge", 100, 100, 1234567)])
line = lambda x, y0, y1, **more: (more, "LineString", [[X + x, Y + y0], [X + x, Y + y1]])
write("lane.geojson", [line(300, -9, 409, grade=3, kind="lane")])
write("roads.geojson", [line(150, -9, 409, kind="主干路"), line(300, -9, 409, kind="次干路"), line(450, -9, 409, kind="支路")])
write("twin.geojson", [line(296, -9, 409, kind="主干路"), line(304, -9, 409, kind="主干路")])
write("short.geojson", [line(300, 0, 398.5, kind="主干路")])
END
python3 town.py

plan() { # COMMUNITIES BUILDINGS ARGUMENTS...: into plan.sqlite
    local land=$1 houses=$2
    shift 2
    expect 0 "$WANGGE" partition --communities "$land.geojson" --buildings "$houses.geojson" --households 150:300 --overwrite -o plan.sqlite "$@"
}
sql() {
    spatialite -silent plan.sqlite "$1"
}
listed() {
    sql "SELECT count(*) FROM exceptions WHERE problem = '$1'"
}

# --- ranks: by the field, by the grades of Chinese roads
plan one houses --barriers lane.geojson --rank grade
is "the rank of the field" "$(sql 'SELECT DISTINCT rank FROM edges WHERE rank > 0')" 3
plan one houses --barriers roads.geojson
is "main road, secondary road, branch road" "$(sql "SELECT group_concat(rank) FROM (SELECT rank FROM barriers ORDER BY MbrMinX(geom))")" \
    "2,3,5"
is "the cells run along roads" "$(sql 'SELECT count(*) FROM cells')" "$(sql "SELECT count(*) FROM cells WHERE status = 'ok' AND parts = 1")"

# --- ends that nearly meet
plan one houses --barriers short.geojson --snap 2 --split-share 1
is "an end 1.5 m before the border is led to it" "$(listed line_extended) $(listed dangling_line) $(sql 'SELECT count(*) FROM units')" "1 0 2"
plan one houses --barriers short.geojson --snap 1 --split-share 1
is "or is a dead end" "$(listed line_extended) $(listed dangling_line)" "0 1"

# --- slivers: the strip between two carriageways
plan one houses --barriers twin.geojson --split-share 1
is "8 m between carriageways join a side" "$(listed sliver_merged) $(sql 'SELECT count(*) FROM units')" "1 2"
plan one houses --barriers twin.geojson --split-share 1 --sliver 1
is "unless slivers are narrower" "$(listed sliver_merged) $(sql 'SELECT count(*) FROM units')" "0 3"

# --- the share of a maximum above which a block is divided
plan one houses --barriers lane.geojson --split-share 1
is "two blocks of 300 households stay whole" "$(sql 'SELECT count(*) FROM units')" 2
plan one houses --barriers lane.geojson --split-share 0.5
more=$(sql 'SELECT count(*) FROM units')
plan one houses --barriers lane.geojson --split-share 0.1
ok "a smaller share divides more ($more)" test "$more" -gt 2 -a "$(sql 'SELECT count(*) FROM units')" -gt "$more"

# --- exclaves
plan two exclave --barriers lane.geojson
is "attached" "$(sql "SELECT count(*), sum(parts = 2), sum(status = 'under') FROM cells")" "3|1|0"
plan two exclave --barriers lane.geojson --exclaves separate
is "separate, with a reason" "$(sql "SELECT households, status, length(reason) > 0, length(reason_txt) > 10 FROM cells WHERE households < 150")" \
    "10.0|under|1|1"
plan two exclave --barriers lane.geojson --exclaves separate --bridge-gap 10
is "a gap of 8 m is bridged" "$(sql "SELECT sum(parts = 2), sum(status = 'under') FROM cells")" "1|0"

# --- a tower by its number of stairs
plan one tower --barriers lane.geojson
is "the tower's households are shared out" "$(sql "SELECT count(*) > 1, sum(households), round(sum(share), 9) FROM shares WHERE building = 'tower'")" "1|600.0|1.0"
is "it is split" "$(sql "SELECT how FROM buildings WHERE id = 'tower'")" split
is "and listed" "$(listed tower_divided)" 1

# --- a figure above a million is written in full, a reason is a sentence, and one cell has no inner line to speak of
plan one huge
stdout_has "1 cells (0 dedicated), 1234567 households"
stdout_has "over: One unit alone has 1234567 households, over the maximum of 300. (building huge)"
ok "nothing is said of streets" grep -qx "out of limits: 1; households CV 0.000; compactness mean 0.754 (10th percentile 0.754)" .stdout
plan one huge --lang zh
stdout_has "单个单元的户数为1234567，已超过上限300。（楼栋 huge）"
done_testing
