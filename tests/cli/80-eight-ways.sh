#!/usr/bin/env bash
# One district as planners have it, in eight ways: UTF-8 GeoJSON, GBK Shapefile in a CGCS2000 zone, BD-09 CSV in GB18030, GeoPackage in EPSG:4490,
# a spreadsheet joined to a Shapefile, FlatGeobuf, PostGIS, OSM XML. Every way gives the same plan.
set -u
source "$WG_TESTS/lib.sh"
python=
for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'from osgeo import ogr' 2>/dev/null && python=$candidate && break
done
[[ -n $python ]] || { note "skipped: GDAL's Python is not installed (apt install python3-gdal)"; exit 77; }
sample=$WG_SOURCE_DIR/datasets/sample
source "$WG_SOURCE_DIR/tests/support/postgis.sh"
database=
postgis_start && database=$POSTGIS
ok "the ways are made" "$python" "$WG_SOURCE_DIR/tests/support/eight_ways.py" make "$sample" . ${database:+"$database"} 2>.make ||
    cat .make >&2

plan() { # WAY ARGUMENTS...
    local way=$1
    shift
    expect 0 "$WANGGE" partition --households 150:300 -o "$way.sqlite" --json "$@"
    cp .stdout "$way.json"
    cp .stderr "$way.err"
}

# value WAY EXPRESSION: from the JSON of `d` (the run's) or `c` (the comparison's)
value() {
    "$python" -c "import json,sys
d=json.load(open('$1.json')); b=json.load(open('geojson.json'))
try: c=json.load(open('$1.compare'))
except OSError: c={}
print($2)"
}

# compare WAY SAME OUTLINE_M: at least this share of buildings in the same cell, outlines at most so far apart
compare() {
    "$python" "$WG_SOURCE_DIR/tests/support/eight_ways.py" compare geojson.sqlite "$1.sqlite" ids.txt >"$1.compare"
    is "$1: buildings in the same cell ($(cat "$1.compare"))" "$(value "$1" "c['same'] >= $2")" True
    is "$1: outline within $3 m ($(cat "$1.compare"))" "$(value "$1" "c['outline_m'] <= $3")" True
    is "$1: totals" "$(value "$1" "(d['households'], d['cells'], d['out']) == (b['households'], b['cells'], b['out'])")" True
    is "$1: excess" "$(value "$1" "abs(d['score']['excess'] - b['score']['excess']) <= 0.01 * b['score']['excess']")" True
    is "$1: score" "$(value "$1" "abs(d['score']['score'] - b['score']['score']) <= 0.01 * b['score']['score']")" True
}

plan geojson --communities geojson/communities.geojson --buildings geojson/buildings.geojson --barriers geojson/roads.geojson
plan shp --communities shp/communities.shp --buildings shp/buildings.shp --barriers shp/roads.shp
compare shp 0.99 0.02
plan bd09 --communities bd09/communities.csv --buildings bd09/buildings.csv --barriers bd09/roads.csv \
    --crs-of communities=bd09 --crs-of buildings=bd09 --crs-of barriers=bd09
compare bd09 0.99 1
plan gpkg --communities gpkg/communities.gpkg --buildings gpkg/buildings.gpkg --barriers gpkg/roads.gpkg
compare gpkg 0.99 0.02
plan xlsx --communities xlsx/communities.shp --buildings "xlsx/buildings.shp|join=xlsx/figures.xlsx" --barriers xlsx/roads.shp
compare xlsx 0.99 0.02
plan fgb --communities fgb/communities.fgb --buildings fgb/buildings.fgb --barriers fgb/roads.fgb
compare fgb 0.99 0.02
plan osm --osm district.osm --level 10
compare osm 0.99 0.02
if [[ -n $database ]]; then
    plan postgis --communities "$database|layername=communities" --buildings "$database|layername=buildings" --barriers "$database|layername=roads"
    compare postgis 0.99 0.02
    ok "no password in the plan" bash -c '! grep -q only-for-this-test postgis.sqlite postgis.json postgis.err'
else
    note "the way through PostGIS was left out"
fi

# What was understood is said: the encoding of the GBK files, the zone, the offset where nobody states it.
expect 0 "$WANGGE" info shp/buildings.shp --json
stdout_has '"name": "GB18030"'
stdout_has "\"id\": \"EPSG:$(cat shp/epsg)\""
stdout_has '"role": "registered"'
expect 0 "$WANGGE" info bd09/buildings.csv geojson/roads.geojson --crs-of input=EPSG:4326
stdout_has "offset_bd09"
done_testing
