#!/usr/bin/env bash
# Exports open in other programs, are valid and seamless after rounding and reprojection, and have the same bytes every time.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs ogrinfo spatialite python3
small=$WG_SOURCE_DIR/datasets/small
formats=geojson,shp,gpkg,fgb,csv,xlsx

expect 0 "$WANGGE" partition --communities "$small/communities.geojson" --buildings "$small/buildings.geojson" \
    --barriers "$small/roads.geojson" --households 150:300 --lang zh -o plan.sqlite
expect 0 "$WANGGE" export plan.sqlite --format "$formats" --lang zh -o out

# Every file opens, with its CRS; Chinese text and aliases read back.
cells=$(spatialite -silent plan.sqlite "SELECT count(*) FROM cells")
for file in cells.shp cells.fgb plan.gpkg cells.csv; do
    is "$file has the plan's cells" "$(ogrinfo -ro -so -al "out/$file" cells 2>/dev/null | sed -n 's/^Feature Count: //p' | head -n 1)" "$cells"
done
ogrinfo -ro -so -al out/cells.geojson >.info
has .info 'ID["EPSG",4326]'
ogrinfo -ro -al out/cells.shp >.info
has .info 'name (String) = 第一网格'
is "the text encoding is stated" "$(cat out/cells.cpg)" "UTF-8"
ok "the projection is stated" grep -q PROJCS out/cells.prj
has out/cells.qml 'name="户数"'
has out/fields.csv '户数'
is "the table begins with a byte order mark" "$(head -c 3 out/cells.csv | od -An -tx1 | tr -d ' ')" efbbbf
ogrinfo -ro -q out/plan.gpkg -sql "SELECT count(*) AS n FROM layer_styles WHERE f_table_name = 'cells' AND styleQML LIKE '%graduatedSymbol%'" >.info
has .info 'n (Integer) = 1'

# Independently of the program: valid, no gap, no overlap, in every format and in another CRS.
expect 0 "$WANGGE" export plan.sqlite --format geojson,shp --to-crs EPSG:3857 --layers cells,communities -o mercator
expect 0 "$WANGGE" export plan.sqlite --format geojson --to-crs gcj02 --layers cells,communities -o gcj02
for python in python3 /usr/bin/python3; do
    if "$python" -c 'import shapely, osgeo' 2>/dev/null; then
        "$python" - <<'END' || wrong "exports are valid and seamless"
from osgeo import ogr
from shapely import wkb
from shapely.ops import unary_union
def read(path, layer=None):
    data = ogr.Open(path)
    rows = data.GetLayerByName(layer) if layer else data.GetLayer(0)
    return [wkb.loads(bytes(row.GetGeometryRef().ExportToWkb())) for row in rows]
for name, layer in [("out/%s.geojson", 0), ("out/%s.shp", 0), ("out/%s.fgb", 0), ("out/plan.gpkg", 1),
                    ("mercator/%s.shp", 0), ("mercator/%s.geojson", 0), ("gcj02/%s.geojson", 0)]:
    cells, communities = [read(name if layer else name % what, what if layer else None) for what in ("cells", "communities")]
    assert all(shape.is_valid for shape in cells + communities), name
    land, cover = unary_union(communities), unary_union(cells)
    assert land.symmetric_difference(cover).area <= 1e-12 * land.area, name
    assert abs(sum(shape.area for shape in cells) / land.area - 1) <= 1e-9, name
    for i, a in enumerate(cells):
        assert all(a.intersection(b).area == 0 for b in cells[:i]), name
END
        break
    fi
done

# The same bytes from two runs, on one and on two threads, from a plan that was made again.
expect 0 "$WANGGE" partition --communities "$small/communities.geojson" --buildings "$small/buildings.geojson" \
    --barriers "$small/roads.geojson" --households 150:300 --lang zh --threads 1 -o again.sqlite
expect 0 "$WANGGE" export again.sqlite --format "$formats" --lang zh --threads 1 -o again
expect 0 "$WANGGE" export plan.sqlite --format "$formats" --lang zh --threads 2 -o twice
ok "the same bytes from two runs" diff -r out twice
ok "the same bytes from one thread" diff -r out again

# Nothing is replaced unless asked for, and nothing half-written stays.
expect 1 "$WANGGE" export plan.sqlite -o out
has .stderr 'out: exists'
expect 0 "$WANGGE" export plan.sqlite --overwrite -o out
ok "the directory was exchanged as a whole" test ! -e out/cells.shp -a -s out/cells.geojson
mkdir mine && echo mine >mine/file
expect 1 "$WANGGE" export plan.sqlite --overwrite -o mine
ok "a directory that is not an export stays" grep -q mine mine/file
expect 1 "$WANGGE" export plan.sqlite --layers cells,roads -o none
has .stderr 'plan.sqlite: the plan has no layer roads (it has cells, communities'
ok "nothing is left behind" test ! -e none
expect 1 "$WANGGE" export "$small/communities.geojson" -o none
has .stderr 'communities.geojson: is not a SQLite file (a plan is made by wangge partition)'

# Text for old desktops.
expect 0 "$WANGGE" export plan.sqlite --format shp --layers cells --encoding GB18030 --lang zh -o old
ogrinfo -ro -al old/cells.shp >.info
has .info 'name (String) = 第一网格'
done_testing
