#!/usr/bin/env bash
# A community in, a plan out: on the small sample.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs ogrinfo spatialite python3
small=$WG_SOURCE_DIR/datasets/small
inputs=(--communities "$small/communities.geojson" --buildings "$small/buildings.geojson" --barriers "$small/roads.geojson"
    --compounds "$small/compounds.geojson" --households 150:300)

json() { # json FILE EXPRESSION: a Python expression over the document d
    python3 -c "import json,sys; d=json.load(open('$1')); print($2)"
}

expect 0 "$WANGGE" partition "${inputs[@]}" --json -o plan.sqlite
nothing_left plan.sqlite
is "cells out of limits" "$(json .stdout "d['out']")" 0
is "every cell is counted" "$(json .stdout "d['cells'] == sum(c['cells'] for c in d['communities'])")" True
is "the content hash" "$(json .stdout "len(d['hash'])")" 64
cp .stdout first.json

# The plan opens in other programs, with the layers of the contract.
for layer in communities levels barriers units edges cells buildings shares exceptions runs; do
    ok "ogrinfo lists $layer" bash -c "ogrinfo -ro -so plan.sqlite $layer | grep -q 'Layer name: $layer'"
done
is "spatialite counts the cells" "$(spatialite -silent plan.sqlite 'SELECT count(*) FROM cells WHERE ST_IsValid(geom)')" \
    "$(json first.json "d['cells']")"
is "households of cells and of buildings in them agree" \
    "$(spatialite -silent plan.sqlite "SELECT (SELECT sum(households) FROM cells) = (SELECT sum(households) FROM buildings WHERE cell IS NOT NULL)")" 1

# check agrees, from the plan alone.
expect 0 "$WANGGE" check --cells "plan.sqlite|layername=cells" --communities "plan.sqlite|layername=communities" \
    --buildings "plan.sqlite|layername=buildings" --households 150:300 --strict

# The same content from one thread and from two, and from a second run.
expect 0 "$WANGGE" partition "${inputs[@]}" --threads 1 --json -o one.sqlite
is "one thread" "$(json .stdout "d['hash']")" "$(json first.json "d['hash']")"
expect 0 "$WANGGE" partition "${inputs[@]}" --threads 2 --json --overwrite -o one.sqlite
is "two threads" "$(json .stdout "d['hash']")" "$(json first.json "d['hash']")"
expect 0 "$WANGGE" partition "${inputs[@]}" --seed 7 --json --overwrite -o one.sqlite
is "another seed is recorded" "$(spatialite -silent one.sqlite 'SELECT seed FROM runs')" 7

# An existing output is refused.
expect 1 "$WANGGE" partition "${inputs[@]}" -o plan.sqlite
error_is "plan.sqlite: exists (use --overwrite to replace it)"

# A limit that cannot be met is explained, and --strict ends with 3.
expect 3 "$WANGGE" partition "${inputs[@]}" --population 1:2 --strict --json --overwrite -o one.sqlite
ok "each cell out of limits has a sentence" test "$(json .stdout "all(len(c['text']) > 10 for c in d['out_of_limits'])")" = True

# A tower divided by its stairs is still one building: inside, outside and duplicates add up to the rows of the input.
python3 - "$small/buildings.geojson" >stairs.geojson <<'END'
import json, sys
tower = max(json.load(open(sys.argv[1]))['features'], key=lambda f: (f['properties']['households'] or 0, f['properties']['id']))
ring = tower['geometry']['coordinates'][0]
ring = ring[0] if tower['geometry']['type'] == 'MultiPolygon' else ring
x, y = (sum(p[i] for p in ring[:-1]) / (len(ring) - 1) for i in (0, 1))
print(json.dumps({'type': 'FeatureCollection', 'features': [
    {'type': 'Feature', 'properties': {}, 'geometry': {'type': 'Point', 'coordinates': [x + k * 1e-5, y]}} for k in (-1, 0, 1)]}))
END
expect 0 "$WANGGE" partition "${inputs[@]:0:8}" --stairs stairs.geojson --households 10:20 --json --overwrite -o one.sqlite
is "buildings add up" "$(json .stdout "sum(d['buildings'][k] for k in ('inside', 'outside', 'duplicates'))")" \
    "$(spatialite -silent one.sqlite 'SELECT count(*) FROM buildings')"
ok "the tower is divided" test "$(spatialite -silent one.sqlite 'SELECT count(*) FROM shares')" -ge 2

# Groups and micro cells.
expect 0 "$WANGGE" partition "${inputs[@]}" --groups 1:3 --micro 30:100 --overwrite -o one.sqlite
is "every cell has a group" "$(spatialite -silent one.sqlite 'SELECT count(*) FROM cells WHERE grp IS NULL')" 0
is "micro cells add up to their cells" \
    "$(spatialite -silent one.sqlite "SELECT count(*) FROM cells c WHERE abs(c.households - (SELECT sum(m.households) FROM micro m WHERE m.grp = c.code)) > 1e-6")" 0
done_testing
