#!/usr/bin/env bash
# Groups and micro cells of the sample, judged by SpatiaLite: sizes, in one piece, inside what they belong to.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs spatialite
sample=$WG_SOURCE_DIR/datasets/sample
expect 0 "$WANGGE" partition --communities "$sample/communities.gpkg" --buildings "$sample/buildings.gpkg" \
    --barriers "$sample/roads.gpkg" --barriers "$sample/railway.gpkg" --barriers "$sample/river.gpkg" \
    --compounds "$sample/compounds.gpkg" --households 150:300 --micro 30:100 --groups 3:6 -o plan.sqlite
sql() { spatialite -silent plan.sqlite "$1"; }

# Micro cells: 30 to 100 households, save where one building alone has more; connected; inside their cell, all of it.
ok "there are several a cell" test "$(sql 'SELECT count(*) FROM micro')" -gt "$(sql 'SELECT 2 * count(*) FROM cells')"
is "no micro cell is out of its limits, but towers" \
    "$(sql "SELECT count(*) FROM micro WHERE (households < 30 OR households > 100) AND reason <> 'unit_over'")" 0
is "each is in one piece, where its cell is" \
    "$(sql "SELECT count(*) FROM micro m JOIN cells c ON c.code = m.grp WHERE ST_NumGeometries(ST_Multi(m.geom)) > ST_NumGeometries(ST_Multi(c.geom))")" 0
is "each lies in its cell" \
    "$(sql 'SELECT count(*) FROM micro m LEFT JOIN cells c ON c.code = m.grp WHERE c.code IS NULL OR ST_Area(ST_Difference(m.geom, c.geom)) > 0.001')" 0
is "together they are the cell" \
    "$(sql 'SELECT count(*) FROM cells c WHERE abs(ST_Area(c.geom) - (SELECT sum(ST_Area(m.geom)) FROM micro m WHERE m.grp = c.code)) > 0.001')" 0
is "and have its households" \
    "$(sql 'SELECT count(*) FROM cells c WHERE abs(c.households - (SELECT sum(m.households) FROM micro m WHERE m.grp = c.code)) > 1e-6')" 0

# Groups: 3 to 6 cells, connected, inside one street.
is "every cell is in a group" "$(sql 'SELECT count(*) FROM cells WHERE grp IS NULL')" 0
is "sizes" "$(sql 'SELECT count(*) FROM (SELECT count(*) AS n FROM cells GROUP BY grp) WHERE n < 3 OR n > 6')" 0
is "each is in one piece" \
    "$(sql "SELECT count(*) FROM levels l WHERE l.level = 'group' AND ST_NumGeometries(ST_Multi(l.geom)) > 1")" 0
is "each is the union of its cells" \
    "$(sql "SELECT count(*) FROM levels l WHERE l.level = 'group' AND abs(ST_Area(l.geom) - (SELECT sum(ST_Area(c.geom)) FROM cells c WHERE c.grp = l.code)) > 0.001")" 0
is "each is in one street" \
    "$(sql "SELECT count(*) FROM levels l WHERE l.level = 'group' AND NOT EXISTS (SELECT 1 FROM levels s WHERE s.level = 'street' AND s.code = l.parent)")" 0
nothing_left plan.sqlite
done_testing
