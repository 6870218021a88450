#!/usr/bin/env bash
# Some communities of a city alone: the part that they have in the plan of all, whatever the source, and only what is near them is read.
set -u
source "$WG_TESTS/lib.sh"
needs sqlite3 ogr2ogr
sample=$WG_SOURCE_DIR/datasets/sample
communities=$sample/communities.gpkg buildings=$sample/buildings.gpkg roads=$sample/roads.gpkg

partition() { # OUTPUT ARGUMENTS...
    local output=$1
    shift
    "$WANGGE" partition --communities "$communities" --buildings "$buildings" --barriers "$roads" --barriers "$sample/river.gpkg" \
        --barriers "$sample/railway.gpkg" --compounds "$sample/compounds.gpkg" --dedicated "$sample/dedicated.gpkg" \
        --stairs "$sample/stairs.gpkg" --households 150:300 --effort 1 --json -o "$output" --overwrite --verbose "$@"
}
# What a plan says of some communities: whose each building is, figures of the cells, what was listed of buildings.
about() { # PLAN CODE,CODE...
    local list="'${2//,/\',\'}'"
    sqlite3 "$1" "select id, community, cell, how from buildings where community in ($list) order by id" \
        "select code, name, kind, households, population, buildings, round(area_m2), round(compact, 4), parts, status, reason from cells where community in ($list) order by code" \
        "select community, kind, households, population, round(area_m2), cell from units where community in ($list) order by community, 3, 5, 6" \
        "select feature, problem, detail from exceptions where layer = 'buildings' and feature in (select id from buildings where community in ($list)) order by 1, 2, 3"
}
hash_of() { sed -n 's/^ *"hash": "\([0-9a-f]*\)".*/\1/p' "$1"; }

expect 0 partition whole.sqlite
codes=$(sqlite3 whole.sqlite "select code from communities order by code")
some=$(echo "$codes" | sed -n '2p;7p;8p' | paste -sd,)
for choice in $(echo "$codes" | sed -n '1p;5p;9p;12p') "$some"; do
    expect 0 partition some.sqlite --only-communities "$choice"
    about whole.sqlite "$choice" >whole.txt
    about some.sqlite "$choice" >some.txt
    ok "$choice: as in the plan of all" cmp whole.txt some.txt
    ok "$choice: something was compared" test -s some.txt
    is "$choice: and nothing else" "$(sqlite3 some.sqlite "select group_concat(code) from (select code from communities order by code)")" "$choice"
    is "$choice: no other building" "$(sqlite3 some.sqlite "select count(*) from buildings where instr('$choice', community) = 0")" 0
    is "$choice: the choice is recorded" "$(sqlite3 some.sqlite "select group_concat(j.value) from runs, json_each(inputs, '\$[0].only') j")" "$choice"
done

# A tenth of the buildings is read, not all of them.
all=$(ogrinfo -so "$buildings" buildings | sed -n 's/^Feature Count: //p')
expect 0 partition one.sqlite --only-communities "$(echo "$codes" | sed -n 5p)"
read=$(sed -n 's/.*buildings.gpkg: buildings: \([0-9]*\) rows near the chosen communities were read/\1/p' .stderr)
ok "$read of $all rows were read" test "$read" -gt 0 -a "$((4 * read))" -lt "$all"
cp .stdout one.json

# By name; in batches; from sources with another index, or none. The same bytes.
name=$(sqlite3 whole.sqlite "select name from communities order by code limit 1 offset 4")
code=$(echo "$codes" | sed -n 5p)
expect 0 partition other.sqlite --only-communities "$name"
is "by name" "$(hash_of .stdout)" "$(hash_of one.json)"
expect 0 partition other.sqlite --only-communities "$code" --memory 1
has .stderr "rows wait on disk"
is "in batches" "$(hash_of .stdout)" "$(hash_of one.json)"
sqlite3 one.sqlite "select id, cell from buildings order by id" >one.txt
ogr2ogr -f FlatGeobuf b.fgb "$buildings" buildings 2>/dev/null
ogr2ogr -f "ESRI Shapefile" -lco ENCODING=UTF-8 -lco SPATIAL_INDEX=YES b.shp "$buildings" buildings 2>/dev/null
ogr2ogr -f CSV -lco GEOMETRY=AS_WKT -lco CREATE_CSVT=NO b.csv "$buildings" buildings
ogr2ogr -f GPKG -lco SPATIAL_INDEX=NO b.gpkg "$buildings" buildings
ok "the Shapefile has an index" test -s b.qix
for buildings in b.fgb b.shp b.gpkg b.csv; do
    stated=()
    [[ $buildings == *.csv ]] && stated=(--crs-of buildings=EPSG:4490)
    expect 0 partition other.sqlite --only-communities "$code" "${stated[@]}"
    sqlite3 other.sqlite "select id, cell from buildings order by id" >other.txt
    ok "from $buildings" cmp one.txt other.txt
    has .stderr "$buildings: b"
    has .stderr "rows near the chosen communities were read"
done

# Communities that are not there, buildings that lie elsewhere.
buildings=$sample/buildings.gpkg
expect 1 partition none.sqlite --only-communities 999
error_is "--only-communities: communities.gpkg: communities: no community has the code or the name 999"
expect 1 partition none.sqlite --only-communities "$code" --crs-of buildings=EPSG:32633
ok "no plan was left" test ! -e none.sqlite
done_testing
