#!/usr/bin/env bash
# wangge check tells a good cell layer from a bad one, and hand edits keep a plan good.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs spatialite python3
small=$WG_SOURCE_DIR/datasets/small

expect 0 "$WANGGE" partition --communities "$small/communities.geojson" --buildings "$small/buildings.geojson" \
    --barriers "$small/roads.geojson" --households 150:300 -o plan.sqlite
expect 0 "$WANGGE" check --cells plan.sqlite
has .stdout 'sound: yes'
has .stdout 'whole: yes'
has .stdout 'connected: yes'
has .stdout 'within limits: yes'
expect 0 "$WANGGE" check --cells plan.sqlite --lang zh
has .stdout '无缝无叠：是'

# Other limits are other findings.
expect 3 "$WANGGE" check --cells plan.sqlite --households 1:100 --json
python3 -c 'import json; r = json.load(open(".stdout")); assert not r["answers"]["within"] and r["answers"]["sound"]' \
    || wrong "limits are a finding, soundness is not"

# An export is as sound as the plan; one cell taken away is a gap, one cell twice is an overlap.
expect 0 "$WANGGE" export plan.sqlite --layers cells,communities -o out
expect 0 "$WANGGE" check --cells out/cells.geojson --communities out/communities.geojson --buildings "$small/buildings.geojson"
python3 - <<'END'
import json
layer = json.load(open("out/cells.geojson"))
rows = layer["features"]
json.dump(dict(layer, features=rows[1:]), open("gap.geojson", "w"))
json.dump(dict(layer, features=rows + rows[:1]), open("twice.geojson", "w"))
END
expect 3 "$WANGGE" check --cells gap.geojson --communities out/communities.geojson
has .stdout 'm² are in no cell'
expect 3 "$WANGGE" check --cells twice.geojson --communities out/communities.geojson
has .stdout 'shares land with cell'
has .stdout '2 cells have this code'

# Cells drawn by hand are judged too.
expect 3 "$WANGGE" check --cells "$small/cells_present.geojson" --communities "$small/communities.geojson" --households 150:300

# A plan that somebody damaged with SQL.
cp plan.sqlite damaged.sqlite
spatialite -silent damaged.sqlite "UPDATE cells SET households = households + 1 WHERE fid = 1" >/dev/null
expect 3 "$WANGGE" check --cells damaged.sqlite
has .stdout 'households is given as'

# Hand edits: what is accepted leaves a good plan, what breaks it is refused with the way that works, and there is a way back.
hash() { "$WANGGE" edit "$1" --rename "$2" --json | sed -n 's/.*"hash": "\(.*\)".*/\1/p'; }
first=$(spatialite -silent plan.sqlite "SELECT code FROM cells ORDER BY code LIMIT 1")
name=$(spatialite -silent plan.sqlite "SELECT name FROM cells ORDER BY code LIMIT 1")
before=$(hash plan.sqlite "$first:$name")
expect 0 "$WANGGE" edit plan.sqlite --split "$first"
has .stdout "cell $first is divided: "
expect 0 "$WANGGE" check --cells plan.sqlite --households 1:100000
new=$(spatialite -silent plan.sqlite "SELECT max(code) FROM cells")
expect 0 "$WANGGE" edit plan.sqlite --merge "$first,$new" --rename "$first:北里"
has .stdout "code $new is retired"
is "the code is kept as retired" "$(spatialite -silent plan.sqlite "SELECT code || ' ' || successor FROM retired")" "$new $first"
expect 0 "$WANGGE" check --cells plan.sqlite
expect 0 "$WANGGE" edit plan.sqlite --split "$first"
ok "a retired code is not used again" test "$(spatialite -silent plan.sqlite "SELECT max(code) FROM cells")" != "$new"
expect 1 "$WANGGE" edit plan.sqlite --merge "$first,nowhere"
has .stderr 'there is no cell nowhere'
expect 0 "$WANGGE" edit plan.sqlite --undo
expect 0 "$WANGGE" edit plan.sqlite --undo
expect 0 "$WANGGE" edit plan.sqlite --undo
is "the content is as it was" "$(hash plan.sqlite "$first:$name")" "$before"
done_testing
