#!/usr/bin/env bash
# A city in batches of communities is the same city: same hash, same rows in the same order, whatever the memory; and nothing stays on the disk.
set -u
source "$WG_TESTS/lib.sh"
sample=$WG_SOURCE_DIR/datasets/sample

buildings=$sample/buildings.gpkg
partition() { # OUTPUT ARGUMENTS...
    local output=$1
    shift
    "$WANGGE" partition --communities "$sample/communities.gpkg" --buildings "$buildings" --barriers "$sample/roads.gpkg" \
        --barriers "$sample/river.gpkg" --barriers "$sample/railway.gpkg" --compounds "$sample/compounds.gpkg" --dedicated "$sample/dedicated.gpkg" \
        --households 150:300 --effort 1 --json -o "$output" "$@"
}
hash_of() { sed -n 's/^ *"hash": "\([0-9a-f]*\)".*/\1/p' "$1"; }
# Everything that a plan says, row by row in its order.
dump() {
    local table
    for table in communities levels cells micro units edges buildings shares barriers exceptions; do
        sqlite3 "$1" "select '$table', * from $table order by fid" 2>/dev/null
    done
    sqlite3 "$1" "select inputs, limits, seed, crs, score from runs"
}

# compare NAME MEMORIES ARGUMENTS...: at once and in batches of so many megabytes
compare() {
    local name=$1 memories=$2
    shift 2
    expect 0 partition whole.sqlite --overwrite "$@"
    cp .stdout whole.json
    for memory in $memories; do
        expect 0 partition parts.sqlite --overwrite --verbose --memory $memory "$@"
        cp .stdout parts.json
        has .stderr "rows wait on disk beside parts.sqlite"
        is "$name: hash with $memory MB" "$(hash_of parts.json)" "$(hash_of whole.json)"
    done
    dump whole.sqlite >whole.txt
    dump parts.sqlite >parts.txt
    ok "$name: the same rows in the same order" cmp whole.txt parts.txt
    sed -i 's/"plan": "[a-z]*.sqlite"//' whole.json parts.json
    ok "$name: the same is said" cmp whole.json parts.json
}

compare plain "3 1"
compare "threads, micro cells, groups" 1 --threads 1 --micro 30:100 --groups 3:6
compare "towers by their stairs" 1 --stairs "$sample/stairs.gpkg" --population :800
has parts.txt "tower_divided"

# Points and polygons in one layer, values that are missing throughout a batch, and rows without geometry.
python3 - "$sample" <<'EOF'
import sqlite3, subprocess, sys, json
subprocess.run(["ogr2ogr", "-f", "GeoJSON", "-t_srs", "EPSG:4326", "-lco", "COORDINATE_PRECISION=9", "mixed.geojson", sys.argv[1] + "/buildings.gpkg"], check=True)
data = json.load(open("mixed.geojson"))
for i, feature in enumerate(data["features"]):
    if i % 7 == 0:
        ring = feature["geometry"]["coordinates"][0]
        ring = ring[0] if isinstance(ring[0][0], list) else ring
        feature["geometry"] = {"type": "Point", "coordinates": ring[0]}
    if i % 101 == 0:
        feature["geometry"] = None
    if i in (10, 6001):
        feature["geometry"] = {"type": "Point", "coordinates": [113, 95]}
    if i > 500:
        feature["properties"]["floating"] = None
    feature["properties"]["registered"] = None
json.dump(data, open("mixed.geojson", "w"))
EOF
buildings=mixed.geojson
compare "mixed geometry" 1
has parts.txt "registered is unknown for every building and counts 0"
has parts.txt "floating is unknown and counts 0"
has parts.txt "feature 6001: a coordinate is no number, or cannot be transformed from EPSG:4326; the building has no place"

# A field that no input has is refused as ever; so is an output that exists.
expect 1 partition parts.sqlite --overwrite --memory 1 --field households=nothing
has .stderr "no input has a field named nothing"
expect 1 partition parts.sqlite --memory 1
has .stderr "parts.sqlite: exists"

# Nothing is left behind by a run that is killed.
partition killed.sqlite --memory 1 --effort 10 >/dev/null 2>&1 &
sleep 0.7
kill -KILL $! 2>/dev/null
wait 2>/dev/null
is "no spool is left" "$(find . -maxdepth 1 -name '.wangge-spool*')" ""
done_testing
