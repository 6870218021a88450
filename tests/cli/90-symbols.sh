# The shared library exports what wangge.h declares: nothing more, nothing less.
source "$WG_TESTS/lib.sh"
needs nm

library=$(find "$WG_BINARY_DIR" -name 'libwangge.so' | head -n 1)
ok "the library is there" test -e "$library"
nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ { sub(/@.*/, "", $3); print $3 }' |
    grep -vE '^(__|_init$|_fini$|_edata$|_end$)' | LC_ALL=C sort >exported
tr '\n' ' ' <"$WG_SOURCE_DIR/engine/include/wangge.h" | grep -oE 'WG_API [^;]*\(' |
    sed -E 's/\(.*//' | grep -oE 'wg_[a-z0-9_]+ *$' | tr -d ' ' | LC_ALL=C sort -u >declared
last="symbols"
is "symbols exported but not declared" "$(LC_ALL=C comm -23 exported declared | tr '\n' ' ')" ""
is "symbols declared but not exported" "$(LC_ALL=C comm -13 exported declared | tr '\n' ' ')" ""
ok "there are many" test "$(wc -l <declared)" -gt 60
is "types of other libraries in the header" "$(grep -cE 'GEOS|OGR|PJ_|sqlite3' "$WG_SOURCE_DIR/engine/include/wangge.h" | head -n 1)" \
    "$(grep -E 'GEOS|OGR|PJ_|sqlite3' "$WG_SOURCE_DIR/engine/include/wangge.h" | grep -cE '^ *(/?\*|.*/\*)')"

done_testing
