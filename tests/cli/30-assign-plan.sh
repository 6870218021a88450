# wangge assign into a plan: months accumulate, rows with an id count once, the plan's levels come along.
source "$WG_TESTS/lib.sh"
needs python3 ogr2ogr ogrinfo
small=$WG_SOURCE_DIR/datasets/small
[[ -e $small/communities.geojson ]] || { note "skipped: the sample is not there"; exit 77; }
expect 0 "$WANGGE" partition --communities "$small/communities.geojson" --buildings "$small/buildings.geojson" \
    --barriers "$small/roads.geojson" --households 150:300 -o plan.sqlite

# Each building's centre as an incident of January, the first ten again in February, one of them elsewhere.
python3 - "$small/buildings.geojson" <<'END'
import json, sys
rows = []
for i, f in enumerate(json.load(open(sys.argv[1]))["features"]):
    g = f["geometry"]
    ring = g["coordinates"][0] if g["type"] == "Polygon" else g["coordinates"][0][0]
    rows.append((i, sum(p[0] for p in ring[:-1]) / (len(ring) - 1), sum(p[1] for p in ring[:-1]) / (len(ring) - 1)))
def write(name, rows):
    with open(name, "w") as f:
        f.write("id,category,lon,lat\n")
        for r in rows:
            f.write("n%d,noise,%.7f,%.7f\n" % r)
write("january.csv", rows)
write("february.csv", rows[:10] + [(10000 + r[0], r[1], r[2]) for r in rows[10:20]])
END
january=$(($(wc -l <january.csv) - 1))
expect 0 "$WANGGE" assign --cells plan.sqlite --features january.csv --id id -o plan.sqlite
stdout_has "in $january = assigned"
rows() {
    ogrinfo -so plan.sqlite incidents | sed -n 's/^Feature Count: //p'
}
is "January's rows" "$(rows)" "$january"
expect 0 "$WANGGE" assign --cells plan.sqlite --features february.csv --id id -o plan.sqlite
is "February adds the ten that are new" "$(rows)" "$((january + 10))"
expect 0 "$WANGGE" assign --cells plan.sqlite --features february.csv --id id -o plan.sqlite
is "the same file again adds nothing" "$(rows)" "$((january + 10))"
is "every row that has a cell has its community" \
    "$(ogr2ogr -f CSV /vsistdout/ plan.sqlite incidents -where "how <> 'none' AND (community IS NULL OR cell IS NULL)" -select id | tail -n +2 | wc -l)" 0

# The plan's own layers are not touched, and the same point asked of the plan and of its exported cells is in the same cell.
expect 2 "$WANGGE" assign --cells plan.sqlite --features january.csv -o "plan.sqlite|layername=cells"
expect 0 "$WANGGE" assign --cells plan.sqlite --features january.csv --fields id -o direct.csv
expect 0 ogr2ogr -f GPKG cells.gpkg plan.sqlite cells
expect 0 "$WANGGE" assign --cells cells.gpkg --features january.csv --fields id -o exported.csv
is "cells from the plan and from a GeoPackage" "$(cut -d, -f1,2 direct.csv | md5sum)" "$(cut -d, -f1,2 exported.csv | md5sum)"

# A report on incidents of which none is in a cell says where they are and where the cells are.
printf 'id,lon,lat\n1,120.1,30.2\n2,120.3,30.1\n' >elsewhere.csv
expect 0 "$WANGGE" report plan.sqlite --incidents elsewhere.csv --crs-of incidents=EPSG:4326 -o elsewhere
stderr_has "none of the 2 incidents is in a cell; they span x "
stderr_has "(is it the right place, and the right --crs-of incidents=...?)"
printf 'id,cell\n1,nowhere\n' >unknown.csv
expect 0 "$WANGGE" report plan.sqlite --incidents unknown.csv -o unknown
stderr_has "none of the 1 incidents is in a cell: none has a coordinate, and none names a cell of the plan"
expect 0 "$WANGGE" report plan.sqlite --incidents january.csv --crs-of incidents=EPSG:4326 -o january
has_not .stderr "none of the"
done_testing
