#!/usr/bin/env bash
# The city generator: usage, the committed bytes, true totals, sound geometry, every format, towns that share their line.
set -u
generator=$WG_BINARY_DIR/wangge-citygen
datasets=$WG_SOURCE_DIR/datasets
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}
equal() { # what, expected, got
    [ "$2" = "$3" ] || fail "$1: expected $2, got $3"
}
status() { # expected status, arguments
    local expected=$1 got
    shift
    "$generator" "$@" >out.txt 2>err.txt
    got=$?
    equal "exit status of: $*" "$expected" "$got"
}
# One value of an SQL query with SpatiaLite's functions on a GeoPackage.
query() {
    ogrinfo -q -dialect sqlite -sql "$2" "$1" | sed -n 's/^ *[a-z_]* ([A-Za-z0-9]*) = //p' | head -1
}

[ -x "$generator" ] || { echo "SKIP: wangge-citygen is not built" >&2; exit 77; }
command -v ogrinfo >/dev/null || { echo "SKIP: ogrinfo (gdal-bin) is not installed" >&2; exit 77; }

# usage
status 0 --help
grep -q '^example: ' out.txt || fail "--help shows no example"
status 2
status 2 -o d --buildings many
status 2 -o d --buildings 19
status 2 -o d --format dwg
status 2 -o d stray
[ ! -e d ] || fail "a refused command left something behind"
touch file
status 1 -o file --buildings 20

# the committed data are what the generator makes
"$datasets/verify" || fail "datasets/verify"
"$generator" --seed 4 -o sample >/dev/null || fail "sample"
"$generator" --seed 6 --buildings 60 --incidents 400 --format geojson -o small >/dev/null || fail "small"
(cd "$datasets" && cat SHA256SUMS) | sha256sum --check --quiet || fail "the generator no longer makes datasets/: run datasets/make"
"$generator" --seed 5 --buildings 60 --incidents 400 --format geojson -o other >/dev/null
cmp -s small/buildings.geojson other/buildings.geojson && fail "another seed makes the same place"

# a clean town: totals to the person, unique keys, sound geometry
"$generator" --seed 3 --clean --incidents 3000 -o clean >/dev/null || fail "clean"
equal "communities" 27 "$(query clean/communities.gpkg 'SELECT count(*) AS n FROM communities')"
equal "buildings" 9000 "$(query clean/buildings.gpkg 'SELECT count(*) AS n FROM buildings')"
equal "groups" 13 "$(query clean/communities.gpkg 'SELECT count(DISTINCT grp) AS n FROM communities')"
equal "cells" 119 "$(query clean/cells_present.gpkg 'SELECT count(*) AS n FROM cells_present')"
equal "households of buildings" 31000 "$(query clean/buildings.gpkg 'SELECT sum(households) AS n FROM buildings')"
equal "households of cells" 31000 "$(query clean/cells_present.gpkg 'SELECT sum(households) AS n FROM cells_present')"
equal "registered" 80000 "$(query clean/buildings.gpkg 'SELECT sum(registered) AS n FROM buildings')"
equal "registered of communities" 80000 "$(query clean/communities.gpkg 'SELECT sum(registered) AS n FROM communities')"
equal "floating" 150000 "$(query clean/buildings.gpkg 'SELECT sum(floating) AS n FROM buildings')"
equal "missing figures" 0 "$(query clean/buildings.gpkg \
    'SELECT count(*) AS n FROM buildings WHERE floors IS NULL OR use IS NULL OR households IS NULL OR registered IS NULL')"
equal "square kilometres" 50.3 "$(query clean/communities.gpkg \
    'SELECT round(sum(ST_Area(ST_Transform(geom, 4547))) / 1e6, 1) AS n FROM communities')"
for layer in communities cells_present buildings compounds dedicated river; do
    equal "invalid $layer" 0 "$(query clean/$layer.gpkg "SELECT count(*) AS n FROM $layer WHERE NOT ST_IsValid(geom)")"
done
for layer in communities:code cells_present:code buildings:id compounds:id dedicated:id facilities:id stairs:id; do
    name=${layer%:*} key=${layer#*:}
    equal "doubled keys of $name" 0 "$(query clean/$name.gpkg "SELECT count($key) - count(DISTINCT $key) AS n FROM $name")"
done
# cells and communities cover the same ground once: their areas add up to that of their union
for layer in communities cells_present; do
    equal "overlap of $layer, m2" 0 "$(query clean/$layer.gpkg "SELECT CAST(round(sum(ST_Area(ST_Transform(geom, 4547))) -
        ST_Area(ST_Transform(ST_Union(geom), 4547))) AS INTEGER) AS n FROM $layer" | sed 's/^-0$/0/')"
    equal "pieces of all $layer" 1 "$(query clean/$layer.gpkg "SELECT ST_NumGeometries(ST_Multi(ST_Union(geom))) AS n FROM $layer")"
done
equal "communities with an exclave" 1 "$(query clean/communities.gpkg \
    'SELECT count(*) AS n FROM communities WHERE ST_NumGeometries(geom) = 2')"
equal "rows of incidents" 3000 "$(tail -n +2 clean/incidents.csv | wc -l)"
equal "incidents without a place" 0 "$(awk -F, 'NR > 1 && ($11 < 113 || $11 > 114 || $12 < 22.9 || $12 > 23.3)' clean/incidents.csv | wc -l)"
equal "incidents closed before they were opened" 0 "$(awk -F, 'NR > 1 && $6 != "" && $6 < $4' clean/incidents.csv | wc -l)"
ogr2ogr -f GPKG cells.gpkg clean/cells_present.gpkg -nln cells >/dev/null
ogr2ogr -f GPKG -update cells.gpkg clean/communities.gpkg -nln communities >/dev/null
equal "cells outside their community" 0 "$(query cells.gpkg 'SELECT count(*) AS n FROM cells s JOIN communities c ON
    c.code = s.community WHERE ST_Area(ST_Intersection(s.geom, c.geom)) < 0.99999 * ST_Area(s.geom)')"

# the faults of the committed sample are there
[ "$(query sample/buildings.gpkg 'SELECT count(*) AS n FROM buildings WHERE households IS NULL')" -gt 10 ] || fail "no missing households"
[ "$(query sample/buildings.gpkg 'SELECT count(*) AS n FROM buildings WHERE households > 300')" -ge 2 ] || fail "no tower over 300 households"
[ "$(awk -F, 'NR > 1 && $11 == ""' sample/incidents.csv | wc -l)" -gt 100 ] || fail "no incident without a coordinate"
[ "$(awk -F, 'NR > 1 && $12 > 100' sample/incidents.csv | wc -l)" -gt 10 ] || fail "no swapped coordinate"
overlap=$(query sample/cells_present.gpkg "SELECT CAST(sum(ST_Area(ST_Transform(geom, 4547))) -
    ST_Area(ST_Transform(ST_Union(geom), 4547)) AS INTEGER) AS n FROM cells_present")
[ "$overlap" -gt 100 ] || fail "hand-drawn cells do not overlap ($overlap m2)"

# every format says the same
for format in geojson shp fgb; do
    "$generator" --seed 2 --buildings 500 --incidents 0 --format $format -o f_$format >/dev/null || fail "$format"
    equal "buildings as $format" 501 "$(query f_$format/buildings.$format 'SELECT count(*) AS n FROM buildings')"
    ogr2ogr -f CSV f_$format.csv f_$format/buildings.$format -select id,use,floors,households,name,addr >/dev/null
done
cmp f_geojson.csv f_shp.csv || fail "shp and geojson differ"
cmp <(sort f_geojson.csv) <(sort f_fgb.csv) || fail "fgb and geojson differ" # FlatGeobuf orders by place

# two towns: exact numbers, one line between them
"$generator" --seed 9 --clean --buildings 18000 --communities 70 --incidents 0 -o two >/dev/null || fail "two towns"
equal "communities of two towns" 70 "$(query two/communities.gpkg 'SELECT count(*) AS n FROM communities')"
equal "streets" 2 "$(query two/communities.gpkg 'SELECT count(DISTINCT street) AS n FROM communities')"
equal "overlap of two towns, m2" 0 "$(query two/communities.gpkg "SELECT CAST(round(sum(ST_Area(ST_Transform(geom, 4547))) -
    ST_Area(ST_Transform(ST_Union(geom), 4547))) AS INTEGER) AS n FROM communities" | sed 's/^-0$/0/')"

[ "$failures" -eq 0 ] || { echo "$failures failures" >&2; exit 1; }
