#!/usr/bin/env bash
# Files that are broken in every way that came to mind, through partition and populate: a clear message or a plan that lists what was wrong, never a
# crash, nothing half-written, and never long.
set -u
source "$WG_TESTS/lib.sh"
needs python3 ogr2ogr sqlite3
small=$WG_SOURCE_DIR/datasets/small
cp "$small/communities.geojson" "$small/buildings.geojson" "$small/roads.geojson" .
python3 "$WG_TESTS/../support/nasty.py" || wrong "the files are not made"
ogr2ogr -f GPKG good.gpkg buildings.geojson -nln buildings
for part in 100 4096 20000 60000; do head -c "$part" good.gpkg >"cut_$part.gpkg"; done
ogr2ogr -f FlatGeobuf good.fgb buildings.geojson
for part in 8 200 5000; do head -c "$part" good.fgb >"cut_$part.fgb"; done
ogr2ogr -f "ESRI Shapefile" -lco ENCODING=UTF-8 good.shp buildings.geojson 2>/dev/null
set_of() { # NAME: a copy of the Shapefile
    local part
    for part in shp shx dbf prj cpg; do cp "good.$part" "$1.$part"; done
}
set_of no_dbf && rm no_dbf.dbf
set_of no_shx && rm no_shx.shx
set_of cut_shp && head -c 500 good.shp >cut_shp.shp
set_of cut_dbf && head -c 700 good.dbf >cut_dbf.dbf
set_of empty_dbf && : >empty_dbf.dbf
set_of noise_shp && head -c 3000 /dev/urandom | tail -c 2900 >noise_shp.shp
ogr2ogr -f GPKG -where "1 = 0" no_rows.gpkg buildings.geojson -nln buildings
ogr2ogr -f GPKG -t_srs EPSG:3857 mercator.gpkg roads.geojson
ogr2ogr -f GPKG -t_srs EPSG:4526 zone.gpkg buildings.geojson
sqlite3 not_spatial.sqlite "create table buildings (id text, households int); insert into buildings values ('a', 1)"
mkdir folder

# run INPUT FILE [FLAG]...: status 0 or 1 and nothing else; a failure names the file, says what to do and leaves nothing.
run() {
    local input=$1 file=$2
    shift 2
    local communities=communities.geojson buildings=buildings.geojson barriers=roads.geojson
    printf -v "$input" '%s' "$file"
    rm -f plan.sqlite
    last="partition with $input $file"
    timeout 100 "$WANGGE" partition --communities "$communities" --buildings "$buildings" --barriers "$barriers" --households 150:300 \
        --effort 1 -o plan.sqlite "$@" >.stdout 2>.stderr </dev/null
    status=$?
    sound "$file" plan.sqlite
    if [[ $input == buildings ]]; then
        rm -f people.gpkg
        last="populate with $file"
        local own=$status
        mv .stderr .keep
        timeout 100 "$WANGGE" populate --buildings "$file" --totals "$communities" -o people.gpkg >.stdout 2>.stderr </dev/null
        status=$?
        sound "$file" people.gpkg
        mv .keep .stderr
        status=$own
        rm -f people.gpkg
    fi
}
sound() {
    checks=$((checks + 1))
    if grep -qE 'AddressSanitizer|LeakSanitizer|runtime error|Assertion' .stderr || [[ $status -ne 0 && $status -ne 1 ]]; then
        wrong "$last: status $status"
        tail -n 20 .stderr >&2
    elif [[ $status -eq 1 ]]; then
        local line
        line=$(grep '^wangge: error: ' .stderr | tail -n 1)
        [[ $line == "wangge: error: "*"${1%%|*}"* ]] || wrong "$last: the file is not named: $line"
        [[ -z $(find . -name "*${2%.*}*" -o -name '.wangge*') ]] || wrong "$last: something was left behind"
    else
        [[ -s $2 ]] || wrong "$last: no output"
    fi
}
fails() { # INPUT FILE MESSAGE
    run "$1" "$2"
    [[ $status -eq 1 ]] || wrong "$last: status $status, not 1"
    error_is "$3"
}
lists() { # INPUT FILE PROBLEM: the plan is made, and this is among its exceptions
    run "$1" "$2"
    [[ $status -eq 0 ]] || wrong "$last: status $status, not 0: $(tail -n 1 .stderr)"
    is "$last: listed" "$(sqlite3 plan.sqlite "select count(*) > 0 from exceptions where layer = '$1' and problem = '$3'")" 1
}

# Whatever it is, it ends with a message or a plan.
for file in cut_*.gpkg cut_*.fgb no_dbf.shp no_shx.shp cut_shp.shp cut_dbf.shp empty_dbf.shp noise_shp.shp no_rows.gpkg zone.gpkg not_spatial.sqlite folder \
    nasty_*; do
    run buildings "$file"
    run communities "$file"
    run barriers "$file"
done
run barriers mercator.gpkg
is "three CRS at once" "$status" 0

# What is said of some of them.
fails buildings nasty_noise.geojson 'nasty_noise.geojson: not a vector data source that GDAL reads (check the format)'
fails buildings nasty_locked.xlsx 'nasty_locked.xlsx: is protected by a password, or of an old Office format (save it as .xlsx without a password)'
fails buildings nasty_utf16.csv 'nasty_utf16.csv: is UTF-16 text (save it as CSV UTF-8)'
fails buildings no_rows.gpkg 'no_rows.gpkg: buildings: the layer has no features'
fails buildings nasty_lines.geojson 'nasty_lines.geojson: buildings: feature 37: is a line, not a footprint or a point (was the layer of roads given?)'
fails buildings no_dbf.shp 'no_dbf.shp: no_dbf: no field for households (name it with --field households=FIELD; fields: none)'
fails buildings nasty_null.geojson 'nasty_null.geojson: buildings: no building lies in any community of communities.geojson: communities (compare the coordinates of both: wangge info)'
fails communities nasty_points.geojson 'nasty_points.geojson: buildings: feature 0: is not a polygon (communities must be polygons)'
fails communities nasty_communities_twice.geojson "nasty_communities_twice.geojson: communities: two communities have the code 449101001001 (dissolve a community's parts into one feature, or name another field with --field communities.code=FIELD)"
fails buildings nasty_swapped.geojson 'nasty_swapped.geojson: buildings: feature 20: a coordinate cannot be transformed from EPSG:4326 to EPSG:32649, nor can those of 20 others (is the CRS right?)'
stderr_has 'swapped'
lists buildings nasty_half_null.geojson no_geometry
lists buildings nasty_lost.geojson lost_coordinate
is "a building with a coordinate beyond the world is listed, the others are placed" \
    "$(sqlite3 plan.sqlite "select count(cell), (select group_concat(feature) from exceptions where problem = 'lost_coordinate') from buildings")" "58|11,3,7"
run buildings nasty_lost.geojson --memory 1
lists buildings nasty_tangles.geojson invalid_geometry
lists buildings nasty_twice.geojson duplicate_building
lists buildings nasty_all_one.geojson same_footprint
lists buildings nasty_huge_figures.geojson unreadable_number
lists buildings nasty_many_vertices.geojson building_outside
lists buildings cut_shp.shp no_geometry
run buildings nasty_collections.geojson
is "collections of polygons are footprints" "$(sqlite3 plan.sqlite "select count(*) from buildings where cell is not null")" 61
done_testing
