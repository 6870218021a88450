# Start a PostGIS server of the test's own on loopback, in the scratch directory; it ends with the test.
#
#     source "$WG_SOURCE_DIR/tests/support/postgis.sh"
#     postgis_start || exit 77        # says why on stderr where it cannot
#     "$POSTGIS"                      # PG:host=… port=… dbname=… user=… password=…
#
# shellcheck shell=bash
postgis_bin() {
    local directory
    for directory in /usr/lib/postgresql/*/bin; do
        [[ -x $directory/initdb && -x $directory/postgres ]] && echo "$directory" && return 0
    done
    return 1
}

postgis_as_user() { # initdb and postgres refuse to run as root
    if [[ $(id -u) -eq 0 ]]; then
        (cd / && runuser -u "$postgis_user" -- "$@")
    else
        "$@"
    fi
}

postgis_stop() {
    if [[ -n ${postgis_data-} && -f $postgis_data/postmaster.pid ]]; then
        kill -INT "$(head -n 1 "$postgis_data/postmaster.pid")" 2>/dev/null
        for _ in $(seq 50); do
            [[ -f $postgis_data/postmaster.pid ]] || break
            sleep 0.1
        done
    fi
    [[ -n ${postgis_home-} ]] && rm -rf "$postgis_home"
}

postgis_start() {
    local bin version port
    bin=$(postgis_bin) || { echo "skipped: PostgreSQL's server is not installed (apt install postgresql postgis)" >&2; return 1; }
    version=$(basename "$(dirname "$bin")")
    [[ -f /usr/share/postgresql/$version/extension/postgis.control ]] ||
        { echo "skipped: PostGIS is not installed (apt install postgresql-$version-postgis-3)" >&2; return 1; }
    postgis_user=nobody
    [[ $(id -u) -eq 0 ]] && id postgres >/dev/null 2>&1 && postgis_user=postgres
    postgis_home=$(mktemp -d /tmp/wangge-pg-XXXXXX)
    postgis_data=$postgis_home/data
    [[ $(id -u) -eq 0 ]] && chown "$postgis_user" "$postgis_home"
    trap postgis_stop EXIT
    echo "only-for-this-test" >"$postgis_home/secret"
    chmod 644 "$postgis_home/secret"
    postgis_as_user "$bin/initdb" -D "$postgis_data" -U planner -A scram-sha-256 --pwfile="$postgis_home/secret" -E UTF8 --locale=C >/dev/null ||
        { echo "skipped: initdb failed" >&2; return 1; }
    for port in 54329 54330 54331 54332; do
        postgis_as_user "$bin/pg_ctl" -D "$postgis_data" -w -s -l "$postgis_home/log" \
            -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$postgis_home -c fsync=off" start >/dev/null 2>&1 && break
        port=
    done
    [[ -n $port ]] || { echo "skipped: the server does not start: $(tail -n 3 "$postgis_home/log")" >&2; return 1; }
    POSTGIS="PG:host=127.0.0.1 port=$port dbname=city user=planner password=only-for-this-test"
    postgis_port=$port
    postgis_sql postgres "create database city" && postgis_sql city "create extension postgis"
}

postgis_sql() { # DATABASE STATEMENT: rows as plain text
    PGPASSWORD=only-for-this-test psql -h 127.0.0.1 -p "$postgis_port" -U planner -d "$1" -qAtX -c "$2"
}
