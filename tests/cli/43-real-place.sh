#!/usr/bin/env bash
# A country from OpenStreetMap: what its plan is worth, counted by SpatiaLite from the layers alone.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs spatialite
place=$WG_SOURCE_DIR/../shared/real/liechtenstein
if [[ ! -f $place/communities.geojson ]]; then
    note "skipped: $place is not there"
    exit 77
fi

expect 0 "$WANGGE" partition --communities "$place/communities.geojson" --buildings "$place/buildings.gpkg" \
    --barriers "$place/barriers.gpkg" --households 150:300 -o plan.sqlite
spatialite -silent plan.sqlite >figures <<'END'
.mode list
.separator ' '
CREATE TEMP TABLE part AS
    WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 50)
    SELECT code, GeometryN(geom, n) AS geom, Area(GeometryN(geom, n)) AS area FROM cells, k WHERE n <= NumGeometries(geom);
CREATE TEMP TABLE core AS SELECT code, area, Buffer(geom, -5) AS geom FROM part;
CREATE TEMP TABLE piece AS
    WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 50)
    SELECT c.rowid AS part, Area(GeometryN(geom, n)) / area AS share FROM core c, k WHERE n <= NumGeometries(geom);
CREATE TEMP TABLE shape AS
    SELECT row_number() OVER (ORDER BY worth) - 1 AS place, worth FROM
        (SELECT 4 * pi() * area / (Perimeter(geom) * Perimeter(geom)) AS worth, max(area) FROM part GROUP BY code);
SELECT 'out', count(*) FROM cells WHERE status <> 'ok' OR households < 150 OR households > 300;
SELECT 'cut', count(*) FROM buildings b WHERE Area(b.geom) > 0 AND b.cell IS NOT NULL AND EXISTS (SELECT 1 FROM cells c
    WHERE c.code <> b.cell AND Area(Intersection(b.geom, c.geom)) > 0.01 * Area(b.geom)
    AND c.community = b.community AND c.rowid IN (SELECT rowid FROM SpatialIndex WHERE f_table_name = 'cells' AND search_frame = b.geom));
SELECT 'streets', sum(shared_m * (rank > 0)) / sum(shared_m) >= 0.94 FROM edges e
    JOIN units a ON a.id = e.u JOIN units b ON b.id = e.v WHERE a.cell <> b.cell;
SELECT 'compact', avg(worth) >= 0.50 FROM shape;
SELECT 'tenth', max(worth) >= 0.32 FROM shape WHERE place <= 0.1 * (SELECT count(*) - 1 FROM shape);
SELECT 'even', sqrt(avg(households * households) - avg(households) * avg(households)) / avg(households) <= 0.12 FROM cells;
SELECT 'necks', count(*) FROM (SELECT part FROM piece WHERE share > 0.03 GROUP BY part HAVING count(*) > 1);
SELECT 'gaps', abs((SELECT sum(Area(geom)) FROM cells) / (SELECT sum(Area(geom)) FROM communities) - 1) < 1e-9;
SELECT 'parts', (SELECT count(*) FROM part) > (SELECT count(*) FROM cells);
END
same figures "out 0
cut 0
streets 1
compact 1
tenth 1
even 1
necks 0
gaps 1
parts 1"
done_testing
