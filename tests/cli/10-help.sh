# Help, version, man pages and completion, for every command.
source "$WG_TESTS/lib.sh"

expect 0 "$WANGGE" help
stderr_is ""
stdout_has "wangge (网格)"
help=$(cat .stdout)
expect 0 "$WANGGE" --help
stdout_is "$help"
expect 0 "$WANGGE" -h
stdout_is "$help"
expect 2 "$WANGGE"
stdout_is ""
stderr_is "$help"

expect 0 "$WANGGE" version
version=$(cat .stdout)
expect 0 "$WANGGE" --version
stdout_is "$version"
is "version" "$version" "wangge $(sed -n 's/^#define WANGGE_VERSION "\(.*\)"/\1/p' "$WG_SOURCE_DIR/engine/include/wangge.h")"
expect 0 "$WANGGE" version --json
stdout_is "{\"name\": \"wangge\", \"version\": \"${version#wangge }\"}"

commands=$("$WANGGE" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
is "number of commands" "$(wc -w <<<"$commands")" 16
common="--overwrite --strict --lang --threads --seed --config --json --quiet --verbose --help"
for command in $commands; do
    expect 0 "$WANGGE" help "$command"
    stderr_is ""
    stdout_has "Usage: wangge $command "
    stdout_has "Example:"
    for flag in $common; do
        stdout_has " $flag"
    done
    text=$(cat .stdout)
    expect 0 "$WANGGE" "$command" --help
    stdout_is "$text"
    expect 0 "$WANGGE" help "$command" --lang zh
    stdout_has "用法：wangge $command"
    stdout_has "示例："
    has_not .stdout "(null)"
    ok "$command: no line is too long" test "$(wc -L <.stdout)" -le 120

    expect 0 "$WANGGE" man "$command"
    has .stdout ".TH WANGGE\\-${command^^} 1"
    if command -v man >/dev/null; then
        is "wangge man $command: complaints of man" "$(man --warnings -E UTF-8 -l .stdout 2>&1 >/dev/null | head -n 3)" ""
    fi
    page="$WG_BINARY_DIR/cli/man/en/wangge-$command.1"
    ok "the page of $command is installed" cmp .stdout "$page"
done
expect 0 "$WANGGE" man
has .stdout '.TH WANGGE 1'

# Every flag of the help is completed, and values of choices are.
expect 0 "$WANGGE" completion bash
cp .stdout completion.bash
complete_line() { # WORDS...
    bash -c 'source ./completion.bash; shift 0; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wangge; printf "%s\n" "${COMPREPLY[@]}"' _ "$@"
}
is "completion of par" "$(complete_line wangge par)" partition
is "completion of help ex" "$(complete_line wangge help ex)" export
is "completion of --lang" "$(complete_line wangge report --lang '' | tr '\n' ' ')" "en zh "
is "completion of --exclaves" "$(complete_line wangge partition --exclaves '' | tr '\n' ' ')" "attach separate "
is "completion of a number" "$(complete_line wangge partition --seed '')" ""
touch map.geojson
is "completion of a file" "$(complete_line wangge partition --communities map)" map.geojson
for command in $commands; do
    flags=$("$WANGGE" help "$command" | grep -oE '^(      |  -., )--[a-z-]+' | grep -oE -- '--[a-z-]+' | LC_ALL=C sort -u | tr '\n' ' ')
    is "completion of $command --" "$(complete_line wangge "$command" -- | LC_ALL=C sort | tr '\n' ' ')" "$flags"
done
ok "the completion script is clean" bash -n completion.bash

done_testing
