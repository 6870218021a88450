# The installed tree: a program of others builds against it through pkg-config and through CMake, and partitions.
source "$WG_TESTS/lib.sh"
needs cc cmake ninja pkg-config
if grep -q '^WANGGE_SANITIZE:BOOL=ON' "$WG_BINARY_DIR/CMakeCache.txt"; then
    note "skipped: the library needs the sanitisers' runtime"
    exit 77
fi
small=$WG_SOURCE_DIR/datasets/small
example=$WG_SOURCE_DIR/tests/example
arguments=("$small/communities.geojson" "$small/buildings.geojson" "$small/roads.geojson")

expect 0 cmake --install "$WG_BINARY_DIR" --prefix "$PWD/tree"
pc=$(find tree -name wangge.pc)
PKG_CONFIG_PATH=$PWD/$(dirname "$pc")
export PKG_CONFIG_PATH
is "version in pkg-config" "$(pkg-config --modversion wangge)" "$("$WANGGE" version | cut -d' ' -f2)"
libdir=$(pkg-config --variable=libdir wangge)

# The tree can be moved: nothing in it knows where it was built.
ok "the installed program finds its library" ./tree/bin/wangge version >/dev/null
ok "headers" test -f tree/include/wangge.h
is "manual pages" "$(find tree/share/man/man1 -name 'wangge*.1' | wc -l)" "$(find tree/share/man/zh_CN/man1 -name 'wangge*.1' | wc -l)"
ok "a page for each command and one for all" test "$(find tree/share/man/man1 -name 'wangge*.1' | wc -l)" -eq 17
ok "completion" test -f tree/share/bash-completion/completions/wangge

read -ra flags <<<"$(pkg-config --cflags --libs wangge)"
expect 0 cc -std=c17 -Wall -Wextra -Werror "$example/partition.c" "${flags[@]}" -o by_pkg_config
LD_LIBRARY_PATH=$libdir expect 0 ./by_pkg_config "${arguments[@]}" plan1.sqlite
cp .stdout cells1

expect 0 cmake -G Ninja -S "$example" -B example -DCMAKE_PREFIX_PATH="$PWD/tree"
expect 0 cmake --build example
expect 0 ./example/partition "${arguments[@]}" plan2.sqlite
cp .stdout cells2

ok "both list the same cells" cmp cells1 cells2
ok "cells are listed" test -s cells1
expect 0 "$WANGGE" partition --communities "${arguments[0]}" --buildings "${arguments[1]}" --barriers "${arguments[2]}" \
    --households 150:225:300 -o plan3.sqlite
expect 0 ogr2ogr -f CSV -select code,households /vsistdout/ plan3.sqlite cells
ok "the command gives the same cells" diff <(tail -n +2 .stdout | tr ',' ' ' | tr -d '"') cells1
ok "the example is shorter than 60 lines" test "$(wc -l <"$example/partition.c")" -lt 60

sed -n '/^```c$/,/^```$/p' "$WG_SOURCE_DIR/engine/docs/api.md" | sed '1d;$d' >quoted.c
ok "the documentation quotes the example as it is" diff quoted.c "$example/partition.c"

done_testing
