#!/usr/bin/env bash
# wangge info on the traps of real data; the files are made by ogr2ogr, iconv and printf, not by wangge.
set -u
source "$WG_TESTS/lib.sh"
needs ogr2ogr iconv
small=$WG_SOURCE_DIR/datasets/small

# A zone in front of the easting, in a file that claims the zone without it.
ogr2ogr -f "ESRI Shapefile" gk.shp "$small/buildings.geojson" -t_srs EPSG:4526 -lco ENCODING=GBK 2>/dev/null
ogr2ogr -f "ESRI Shapefile" other.shp "$small/buildings.geojson" -t_srs EPSG:4547 2>/dev/null
cp other.prj gk.prj
rm gk.cpg
expect 0 "$WANGGE" info gk.shp
stdout_has "zone_prefix: eastings have 8 digits and begin with zone 38;"
stdout_has "(state --crs-of input=EPSG:4526)"
stdout_has "GB18030 (detected from the content)"
stdout_has "households → households (integer"
cp gk.prj keep.prj
expect 0 "$WANGGE" info gk.shp --crs-of input=EPSG:4526
has_not .stdout "doubt"

# No .prj at all.
rm gk.prj
expect 0 "$WANGGE" info gk.shp --json
stdout_has '"crs": null'
stdout_has '"code": "no_crs"'
stdout_has '"suggested": "EPSG:4526"'

# Degrees in a projected file.
ogr2ogr -f "ESRI Shapefile" deg.shp "$small/buildings.geojson" 2>/dev/null
cp other.prj deg.prj
expect 0 "$WANGGE" info deg.shp
stdout_has "degrees_in_projected"
stdout_has "state --crs-of input=EPSG:4326"

# Axes swapped, in GBK with full-width digits, text in a number column, a negative number.
printf '编号,经度,纬度,户数\n1,23.1,113.2,约30\n2,23.2,113.3,１２\n3,23.15,113.25,三户五\n4,0,0,-4\n' | iconv -f UTF-8 -t GBK >swapped.csv
expect 0 "$WANGGE" info swapped.csv
stdout_has "swapped_axes"
stdout_has "zero_coordinates: 1 features lie at 0, 0"
stdout_has "unreadable_number: field 户数: 1 values are not numbers"
stdout_has "negative_number: field 户数: 1 values are negative"
stdout_has "about_number: field 户数: 1 values are only about"
stdout_has "GB18030 (detected from the content)"
expect 0 "$WANGGE" info swapped.csv --lang zh
stdout_has "坐标系"

# Households for a tenth of the buildings; a bow-tie; a building without geometry.
printf '{"type":"FeatureCollection","features":[' >tenth.geojson
for i in $(seq 9); do
    printf '{"type":"Feature","properties":{"id":"%d","户数":null},"geometry":{"type":"Polygon","coordinates":[[[113.%d,23],[113.%d1,23],[113.%d1,23.01],[113.%d,23]]]}},' "$i" "$i" "$i" "$i" "$i"
done >>tenth.geojson
printf '%s' '{"type":"Feature","properties":{"id":"10","户数":9},"geometry":{"type":"Polygon","coordinates":[[[113,23],[113.1,23.1],[113.1,23],[113,23.1],[113,23]]]}},' \
    '{"type":"Feature","properties":{"id":"11"},"geometry":null}]}' >>tenth.geojson
expect 0 "$WANGGE" info tenth.geojson
stdout_has "sparse_figures: field 户数 is known for 1 of 11 features (9 %)"
stdout_has "geometry: 1 features: Self-intersection (first: feature 9)"
stdout_has "geometry: 1 features: without geometry (first: feature 10)"

# A Shapefile whose writer was killed while it moved the files: reading finishes that.
mkdir moving && cd moving || exit 1
ogr2ogr -f "ESRI Shapefile" r.shp "$small/buildings.geojson" 2>/dev/null
mkdir -p .wangge-abc123/old
printf 'r.shp' >.wangge-abc123/.owner
printf 'replace\nr.shx\nr.dbf\nr.prj\nr.shp\n' >.wangge-abc123/.commit
mv r.shp r.dbf .wangge-abc123/
rm -f r.cpg
expect 0 "$WANGGE" info r.shp
stderr_is "wangge: warning: r.shp: a run was interrupted while it put the file in its place; this is finished now"
nothing_left r.dbf r.prj r.shp r.shx
cd ..

# What cannot be read.
expect 1 "$WANGGE" info absent.shp
error_is "absent.shp: no such file (check the path)"
echo hello >notes.txt
expect 1 "$WANGGE" info notes.txt
error_is "notes.txt: not a vector data source that GDAL reads (check the format)"
done_testing
