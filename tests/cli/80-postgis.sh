#!/usr/bin/env bash
# PostGIS out and in again, against a server of the test's own: all or nothing, nothing overwritten unasked, no password anywhere.
set -u
source "$WG_TESTS/lib.sh"
source "$WG_SOURCE_DIR/tests/support/postgis.sh"
postgis_start || exit 77
small=$WG_SOURCE_DIR/datasets/small
table="$POSTGIS|layername=populated"

populate() {
    "$WANGGE" populate --buildings "$small/buildings.geojson" --totals "$small/communities.geojson" -o "$table" "$@"
}

expect 0 populate
is "rows" "$(postgis_sql city "select count(*) from populated")" 61
is "srid" "$(postgis_sql city "select distinct st_srid(geom) from populated")" 4326
is "index" "$(postgis_sql city "select count(*) from pg_indexes where tablename = 'populated' and indexdef like '%gist%'")" 1
is "names as they are" "$(postgis_sql city "select count(*) from information_schema.columns where table_name = 'populated' and column_name in ('fig_from', 'households')")" 2
has_not .stderr only-for-this-test
has_not .stdout only-for-this-test

postgis_sql city "update populated set fig_from = 'mine'"
expect 1 populate
has .stderr "table populated exists (use --overwrite to replace it)"
has_not .stderr only-for-this-test
is "left as it was" "$(postgis_sql city "select count(*) from populated where fig_from = 'mine'")" 61
expect 0 populate --overwrite
is "replaced" "$(postgis_sql city "select count(*) from populated where fig_from = 'mine'")" 0

# A write that fails at its end (a trigger refuses the last row) leaves the old table, whole.
postgis_sql city "update populated set fig_from = 'mine';
create function refuse() returns event_trigger language plpgsql as \$\$ begin raise exception 'no more tables today'; end \$\$;
create event trigger refuse on ddl_command_end when tag in ('CREATE INDEX') execute function refuse()"
expect 1 populate --overwrite
has_not .stderr only-for-this-test
postgis_sql city "drop event trigger refuse"
is "the old table is whole" "$(postgis_sql city "select count(*) from populated where fig_from = 'mine'")" 61
is "no other table is left" "$(postgis_sql city "select count(*) from pg_tables where schemaname = 'public' and tablename <> 'spatial_ref_sys'")" 1

expect 0 "$WANGGE" info "$table" --json
stdout_has '"features": 61'
stdout_has '"format": "PostgreSQL"'
has_not .stdout only-for-this-test
expect 1 "$WANGGE" info "$POSTGIS|layername=absent"
has .stderr "no layer named absent"
has_not .stderr only-for-this-test
expect 1 "$WANGGE" info "${POSTGIS/only-for-this-test/another-secret}|layername=populated"
has_not .stderr another-secret
postgis_stop
expect 1 "$WANGGE" info "$table"
has_not .stderr only-for-this-test
done_testing
