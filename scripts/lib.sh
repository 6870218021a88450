# Shared by the scripts: where things are, and how they are built.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc)
export CCACHE_BASEDIR=$root

# build NAME [cmake arguments...]: configure and build into build/NAME; output only where it fails.
build() {
    local name=$1 directory=$root/build/$1 log
    shift
    local launcher=()
    if command -v ccache >/dev/null; then
        launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
    log=$(mktemp)
    if ! { cmake -S "$root" -B "$directory" -G Ninja "${launcher[@]}" "$@" && cmake --build "$directory" -j "$jobs"; } >"$log" 2>&1; then
        grep -E 'error|warning|FAILED|CMake Error' -A 12 "$log" | head -n 200
        tail -n 20 "$log"
        rm -f "$log"
        echo "build of $name failed" >&2
        return 1
    fi
    rm -f "$log"
}

# The program alone, as scripts/run and a user want it: build/release/wangge.
build_program() {
    build release -DCMAKE_BUILD_TYPE=Release -DWANGGE_TESTS=OFF -DWANGGE_BENCH=OFF
}
