# Bad input: the exact message, the exit status, and nothing half-written left behind.
source "$WG_TESTS/lib.sh"
needs python3 ogr2ogr
small=$WG_SOURCE_DIR/datasets/small
cp "$small/communities.geojson" communities.geojson
cp "$small/buildings.geojson" buildings.geojson
cp "$small/roads.geojson" roads.geojson

# change FROM TO CODE: the GeoJSON `d` with its features `f`, changed by Python.
change() {
    python3 - "$@" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
f = d["features"]
exec(sys.argv[3])
json.dump(d, open(sys.argv[2], "w"), ensure_ascii=False)
END
}

# with STATUS INPUT FILE [FLAG]...: partition the small sample with one input replaced. A failure leaves nothing behind; a plan
# that comes out is looked at and taken away.
with() {
    local status=$1 input=$2 file=$3
    shift 3
    local communities=communities.geojson buildings=buildings.geojson barriers=roads.geojson
    printf -v "$input" '%s' "$file"
    rm -f plan.sqlite
    expect "$status" "$WANGGE" partition --communities "$communities" --buildings "$buildings" --barriers "$barriers" \
        --households 150:300 -o plan.sqlite "$@"
    if [[ $status -ne 0 ]]; then
        stdout_is ""
        is "$last: left behind" "$(find . -mindepth 1 -name '*plan*' | head -n 1)" ""
    fi
}

# refused INPUT FILE MESSAGE [FLAG]...
refused() {
    local input=$1 file=$2 message=$3
    shift 3
    with 1 "$input" "$file" "$@"
    error_is "$message"
}

# listed INPUT FILE "LAYER,FEATURE,PROBLEM,DETAIL": the plan is made, and its exceptions have this row.
listed() {
    with 0 "$1" "$2"
    ogr2ogr -f CSV -lco STRING_QUOTING=IF_NEEDED -select layer,feature,problem,detail exceptions.csv plan.sqlite exceptions
    has exceptions.csv "$3"
    rm -f exceptions.csv
}

echo "not a map" >text.geojson
change communities.geojson empty.geojson 'f.clear()'
change communities.geojson no_geometry.geojson 'f[0]["geometry"] = None'
change communities.geojson bow_tie.geojson 'f[0]["geometry"]["coordinates"] = [[[113.197,23.099],[113.203,23.104],[113.203,23.099],[113.197,23.104],[113.197,23.099]]]'
change communities.geojson overlap.geojson 'import copy; g = copy.deepcopy(f[0]); g["properties"]["code"] = "449101001002"; g["geometry"]["coordinates"] = [[[x + 0.001, y] for x, y in r] for r in g["geometry"]["coordinates"]]; f.append(g)'
change communities.geojson lines.geojson 'f[0]["geometry"] = {"type": "LineString", "coordinates": f[0]["geometry"]["coordinates"][0]}'
change communities.geojson same_code.geojson 'import copy; g = copy.deepcopy(f[0]); g["geometry"]["coordinates"] = [[[x + 0.01, y] for x, y in r] for r in g["geometry"]["coordinates"]]; f.append(g)'
change buildings.geojson no_households.geojson '[b["properties"].pop("households") for b in f]'
change buildings.geojson text_number.geojson '[b["properties"].update(households=str(b["properties"]["households"])) for b in f]; f[4]["properties"]["households"] = "many"'
change buildings.geojson negative.geojson 'f[4]["properties"]["households"] = -3'
change buildings.geojson lost.geojson 'f[4]["geometry"] = None'
change buildings.geojson far.geojson 'import json as j; [b.update(geometry=j.loads(j.dumps(b["geometry"]), parse_float=lambda v: float(v) - 1)) for b in f]'
change buildings.geojson torn.geojson 'c = f[4]["geometry"]["coordinates"][0]; c[1], c[2] = c[2], c[1]'
change buildings.geojson none.geojson 'f.clear()'
ogr2ogr -f "ESRI Shapefile" -t_srs EPSG:4547 -lco ENCODING=UTF-8 no_crs.shp buildings.geojson 2>/dev/null && rm no_crs.prj

# What cannot be read.
refused communities nowhere.geojson 'nowhere.geojson: no such file (check the path)'
refused barriers nowhere.gpkg 'nowhere.gpkg: no such file (check the path)'
refused communities text.geojson 'text.geojson: not a vector data source that GDAL reads (check the format)'
refused communities 'communities.geojson|layername=nope' 'communities.geojson: no layer named nope (layers: communities)'
refused communities empty.geojson 'empty.geojson: communities: the layer has no features'
refused buildings none.geojson 'none.geojson: buildings: the layer has no features'

# Communities.
refused communities no_geometry.geojson 'no_geometry.geojson: communities: no feature has a geometry'
refused communities lines.geojson 'lines.geojson: communities: feature 0: is not a polygon (communities must be polygons)'
refused communities same_code.geojson "same_code.geojson: communities: two communities have the code 449101001001 (dissolve a community's parts into one feature, or name another field with --field communities.code=FIELD)"
refused communities overlap.geojson 'overlap.geojson: communities: feature 1: community 449101001002 overlaps community 449101001001 by 147895 m², up to 325.1 m wide, near 725311.8, 2556469.6 (correct the polygons, or use --repair to leave the land to 449101001001)'
with 0 communities overlap.geojson --repair
listed communities bow_tie.geojson 'communities,449101001001,invalid_geometry,polygon was made valid: Self-intersection'

# Figures.
refused buildings no_households.geojson 'no_households.geojson: buildings: no field for households (name it with --field households=FIELD; fields: id, use, floors, registered, floating, name, addr)'
refused buildings buildings.geojson '--field households=HH_CNT: no input has a field named HH_CNT (wangge info lists the fields)' --field households=HH_CNT
refused buildings negative.geojson 'negative.geojson: buildings: feature 4: field households: -3 is negative (correct it, or clear it where it is unknown)'
listed buildings text_number.geojson 'buildings,4,unreadable_number,"text_number.geojson: buildings: feature 4: field households: ""many"" is not a number"'
stderr_has 'wangge: text_number.geojson: buildings: households is unknown for 2 of 61 buildings and counts 0 there (listed in exceptions)'

# Footprints.
listed buildings lost.geojson 'buildings,B000005,no_geometry,"has no geometry on the grid; the building is not counted"'
listed buildings torn.geojson 'buildings,B000005,invalid_geometry,"the footprint crosses itself; what an odd number of its lines surrounds was taken"'
refused buildings far.geojson 'far.geojson: buildings: no building lies in any community of communities.geojson: communities (compare the coordinates of both: wangge info)'

# CRS.
refused buildings no_crs.shp 'no_crs.shp: no_crs: the CRS is not known (state it with --crs-of NAME=EPSG:…; wangge info has advice)'
stderr_has 'wangge: warning: no_crs.shp: no_crs: the CRS is not known; x 417832.8748 to 418211.0565, y 2555805.455 to 2556215.682 look like Gauss-Kruger or UTM without the zone in front of the easting (state the CRS of this input with --crs-of)'
with 0 buildings no_crs.shp --crs-of buildings=EPSG:4547
with 2 buildings no_crs.shp --crs-of buildings=EPSG:99999
error_is 'CRS "EPSG:99999" is not understood (write EPSG:4326, EPSG:4490, gcj02, bd09, WKT …)'

# Limits and outputs.
base=("$WANGGE" partition --communities communities.geojson --buildings buildings.geojson)
rm -f plan.sqlite
expect 2 "${base[@]}" -o plan.sqlite --households 150300
stderr_is 'wangge: error: limit on households: "150300": one number is no limit (did you mean 150:300?)'
expect 2 "${base[@]}" -o plan.sqlite --households 300:150
stderr_is 'wangge: error: limit on households: "300:150": the minimum is above the maximum (did you mean 150:300?)'
expect 2 "${base[@]}" -o plan.sqlite
error_is 'no limit says how large a cell is (give --households MIN:MAX, --population, --area, --limit or --count)'
expect 1 "${base[@]}" --households 150:300 -o nowhere/plan.sqlite
stderr_has 'nowhere'
ok "no plan was left" test ! -e plan.sqlite -a ! -e nowhere
echo "mine" >plan.sqlite
expect 1 "${base[@]}" --households 150:300 -o plan.sqlite
error_is 'plan.sqlite: exists (use --overwrite to replace it)'
is "the file that was there" "$(cat plan.sqlite)" mine
# A failure leaves the old output, also with --overwrite.
expect 1 "$WANGGE" partition --communities overlap.geojson --buildings buildings.geojson --households 150:300 --overwrite -o plan.sqlite
is "the file that was there" "$(cat plan.sqlite)" mine

done_testing
