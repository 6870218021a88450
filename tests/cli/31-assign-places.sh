# wangge assign: files of the wrong place, fields by name, what a source has and must keep.
source "$WG_TESTS/lib.sh"
needs python3 ogr2ogr ogrinfo

python3 - <<'END'
import json
def box(x, y): return [[[x, y], [x + .01, y], [x + .01, y + .01], [x, y + .01], [x, y]]]
names = [("110101001001001", 116.40, 39.90), ("110101001001002", 116.41, 39.90)]
json.dump({"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {"code": c}, "geometry": {"type": "Polygon", "coordinates": box(x, y)}}
    for c, x, y in names]}, open("cells.geojson", "w"))
END

# --- a file of which nothing is in a cell is a wrong place, CRS or field: said with both extents and what to do
printf 'id,lon,lat\n1,120.1,30.2\n2,120.3,30.1\n' >elsewhere.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features elsewhere.csv -o out.csv
stdout_has "in 2 = assigned 0 + rejected 2"
stderr_has "elsewhere.csv: none of the 2 features is in a cell; they span x 120.1 to 120.3, y 30.1 to 30.2, the cells x 116.4 to 116.42, y 39.9 to 39.91, both in EPSG:4326 (is it the right place? state the CRS with --crs-of features=...)"
ogr2ogr -f GPKG -a_srs EPSG:4326 -oo X_POSSIBLE_NAMES=lon -oo Y_POSSIBLE_NAMES=lat elsewhere.gpkg elsewhere.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features elsewhere.gpkg -o out.gpkg
stderr_has "elsewhere.gpkg: none of the 2 features is in a cell; they span x 120.1 to 120.3"
printf 'id,lon,lat\n1,39.905,116.405\n2,39.906,116.406\n' >swapped.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features swapped.csv --overwrite -o out.csv
stderr_has "(exchange longitude and latitude: --x and --y name the fields)"
expect 0 "$WANGGE" assign --cells cells.geojson --features swapped.csv --x lat --y lon --overwrite -o out.csv
stdout_has "in 2 = assigned 2 + rejected 0"
printf 'id,lon,lat\n1,,\n2,0,0\n' >nothing.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features nothing.csv --overwrite -o out.csv
stderr_has "(check which fields hold the coordinates: --x and --y name them)"
printf 'id,lon,lat\n1,116.405,39.905\n2,120.3,30.1\n' >some.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features some.csv --overwrite -o out.csv
has_not .stderr "none of the"

# --- coordinates found by name, whatever they are called, and in any column
for names in lon,lat lng,lat 经度,纬度 x,y LONGITUDE,LATITUDE POINT_X,POINT_Y; do
    printf 'id,%s,%s,note\n1,39.905,116.405,a\n' "${names#*,}" "${names%,*}" >named.csv
    expect 0 "$WANGGE" assign --cells cells.geojson --features named.csv --overwrite -o out.csv
    is "$names" "$(tail -n 1 out.csv | cut -d, -f1-5)" "1,39.905,116.405,a,110101001001001"
done

# --- numbers that are none: NaN, infinity, words, empty; empty geometries and none
printf 'id,lon,lat\n1,NaN,39.905\n2,inf,39.905\n3,-Infinity,1e999\n4,east,39.905\n5,,\n6,116.405,39.905\n' >odd.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features odd.csv --overwrite -o out.csv
is "no place, said why" "$(python3 -c 'import csv; print(" ".join(r["id"] + ":" + (r["reason"] or r["how"]) for r in csv.DictReader(open("out.csv"))))')" \
    "1:bad_coordinate 2:bad_coordinate 3:bad_coordinate 4:bad_coordinate 5:no_coordinate 6:inside"
python3 - <<'END'
import json
geometries = [None, {"type": "Polygon", "coordinates": []}, {"type": "MultiPoint", "coordinates": []},
              {"type": "GeometryCollection", "geometries": []}, {"type": "Point", "coordinates": [116.405, 39.905]}]
json.dump({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": i}, "geometry": g}
                                                     for i, g in enumerate(geometries)]}, open("empty.geojson", "w"))
END
ogr2ogr -f GPKG empty.gpkg empty.geojson
for source in empty.geojson empty.gpkg; do
    expect 0 "$WANGGE" assign --cells cells.geojson --features $source --overwrite --rejects empty-rejects.csv -o out.csv
    stdout_has "in 5 = assigned 1 + rejected 4"
    is "$source: none of the empty ones is lost" "$(grep -c no_coordinate empty-rejects.csv)" 4
done

# --- fields: all in their order, or the selected ones in theirs; long names survive a Shapefile
printf 'the_number_of_the_report,b,a,lon,lat\n1,x,y,116.405,39.905\n' >fields.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features fields.csv --overwrite -o out.csv
is "all fields" "$(head -n 1 out.csv)" "the_number_of_the_report,b,a,lon,lat,cell,community,street,how,share,reason"
expect 0 "$WANGGE" assign --cells cells.geojson --features fields.csv --fields a,the_number_of_the_report --overwrite -o out.csv
is "selected fields" "$(sed -n 1p out.csv | cut -d, -f1-3) $(sed -n 2p out.csv | cut -d, -f1-3)" \
    "a,the_number_of_the_report,cell y,1,110101001001001"
expect 0 "$WANGGE" assign --cells cells.geojson --features fields.csv -o long.shp
is "a Shapefile's names" "$(sed -n 2p long.fields.csv)" '"the_number","the_number_of_the_report",""'
is "its values" "$(ogr2ogr -f CSV /vsistdout/ long.shp -select the_number,cell | tail -n 1 | tr -d '"')" "1,110101001001001"
expect 1 "$WANGGE" assign --cells cells.geojson --features fields.csv --fields missing --overwrite -o out.csv
stderr_has "no field named missing"

# --- geometry is kept: lines and polygons, Z and M, in every format that has a place for them
wkt() {
    ogr2ogr -f CSV /vsistdout/ "$1" -lco GEOMETRY=AS_WKT -select id | tail -n 1
}
make() { # make KIND TYPE WKT: a GeoPackage of one geometry
    printf 'id,WKT\n1,"%s"\n' "$3" >kept.csv
    ogr2ogr -f GPKG -a_srs EPSG:4326 -oo GEOM_POSSIBLE_NAMES=WKT -oo KEEP_GEOM_COLUMNS=NO -nlt "$2" "$1.gpkg" kept.csv
    geometry[$1]=$3
}
same_geometry() { # numbers and dimensions; a layer of one may be a layer of many, and Shapefile turns rings round
    python3 - "$1" "$2" <<'END'
import re, sys
def told(text):
    body = text.strip('"').split('"')[0]
    return body.split("(")[0].replace("MULTI", "").split(), sorted(float(n) for n in re.findall(r"-?\d+\.?\d*", body))
a, b = sys.argv[1:]
print("ok" if told(a) == told(b) else "%s became %s" % (a, b))
END
}
declare -A geometry
make pz POINTZ "POINT Z (116.405 39.905 12.5)"
make pzm POINTZM "POINT ZM (116.405 39.905 12.5 7)"
make line LINESTRINGZ "LINESTRING Z (116.401 39.901 1,116.402 39.902 2.25,116.403 39.901 -3)"
make area MULTIPOLYGONZ "MULTIPOLYGON Z (((116.401 39.901 1,116.403 39.901 2,116.403 39.903 3,116.401 39.901 1)))"
make flat LINESTRING "LINESTRING (116.401 39.901,116.402 39.902)"
for kind in pz pzm line area flat; do
    for format in gpkg fgb shp geojson csv; do
        expect 0 "$WANGGE" assign --cells cells.geojson --features $kind.gpkg --fields id --overwrite -o kept.$format
        case $kind-$format in
        pzm-geojson) is "a point in GeoJSON" "$(grep -c -F '"coordinates":[116.405,39.905,12.5]' kept.geojson)" 1 ;;
        p*-csv) is "a point in CSV" "$(cut -d, -f1-5 kept.csv | tr '\n' ' ')" "x,y,z,id,cell 116.405,39.905,12.5,1,110101001001001 " ;;
        *) is "$kind to $format" "$(same_geometry "${geometry[$kind]}" "$(wkt kept.$format)")" ok ;;
        esac
    done
done
# another CRS moves x and y alone; a row that a split does not touch and a rejected one keep theirs
expect 0 "$WANGGE" assign --cells cells.geojson --features line.gpkg --to-crs EPSG:32650 --overwrite -o kept.gpkg
is "heights in another CRS" "$(wkt kept.gpkg | grep -o -E ' (1|2.25|-3)[,)]' | tr -d '\n')" " 1, 2.25, -3)"
expect 0 "$WANGGE" assign --cells cells.geojson --features line.gpkg --split --overwrite -o kept.gpkg
is "beside a split" "$(wkt kept.gpkg | grep -o -E ' (1|2.25|-3)[,)]' | tr -d '\n')" " 1, 2.25, -3)"
make far POINTZ "POINT Z (1 2 3)"
expect 0 "$WANGGE" assign --cells cells.geojson --features far.gpkg --overwrite --rejects far-rejects.gpkg -o kept.gpkg
is "of a reject" "$(wkt far-rejects.gpkg | cut -d, -f1)" '"POINT Z (1 2 3)"'
done_testing
