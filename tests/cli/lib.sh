# Helpers of the command-line tests. A test reads as a command and its exact answer:
#
#     source "$WG_TESTS/lib.sh"
#     expect 2 "$WANGGE" partition
#     stderr_is "wangge: error: partition: --communities is missing (see 'wangge help partition')"
#     stdout_has '"cells": 4'
#     done_testing
#
# shellcheck shell=bash
failures=0
checks=0

note() {
    printf '%s\n' "$*" >&2
}

wrong() {
    failures=$((failures + 1))
    note "not ok: $*"
}

# expect STATUS COMMAND...: run; stdout, stderr and status are kept for the checks that follow.
expect() {
    local wanted=$1
    shift
    last="${*/#"$WANGGE"/wangge}"
    "$@" >.stdout 2>.stderr </dev/null
    local status=$?
    checks=$((checks + 1))
    if [[ $status -ne $wanted ]]; then
        wrong "$last: exit status $status, not $wanted"
        sed 's/^/    /' .stdout .stderr | tail -n 20 >&2
    fi
}

# same FILE TEXT: the file is exactly the text (a line end at its end is added).
same() {
    checks=$((checks + 1))
    if ! diff <(printf '%s\n' "$2") "$1" >.diff; then
        wrong "$last: $1 is not as expected"
        sed 's/^/    /' .diff >&2
    fi
}

stdout_is() {
    if [[ -z $1 ]]; then
        empty .stdout
    else
        same .stdout "$1"
    fi
}

stderr_is() {
    if [[ -z $1 ]]; then
        empty .stderr
    else
        same .stderr "$1"
    fi
}

empty() {
    checks=$((checks + 1))
    if [[ -s $1 ]]; then
        wrong "$last: $1 is not empty"
        sed 's/^/    /' "$1" | head -n 20 >&2
    fi
}

# has FILE TEXT: a line contains the text.
has() {
    checks=$((checks + 1))
    if ! grep -qF -- "$2" "$1"; then
        wrong "$last: $1 does not have: $2"
        sed 's/^/    /' "$1" | head -n 20 >&2
    fi
}

has_not() {
    checks=$((checks + 1))
    if grep -qF -- "$2" "$1"; then
        wrong "$last: $1 has: $2"
    fi
}

stdout_has() {
    has .stdout "$1"
}

stderr_has() {
    has .stderr "$1"
}

# The last error line, without warnings and notes before it.
error_is() {
    checks=$((checks + 1))
    local line
    line=$(grep '^wangge: error: ' .stderr | tail -n 1)
    if [[ $line != "wangge: error: $1" ]]; then
        wrong "$last: the error is not as expected"
        note "    wanted: wangge: error: $1"
        note "    got:    $line"
    fi
}

# is WHAT GOT WANTED
is() {
    checks=$((checks + 1))
    [[ $2 == "$3" ]] || wrong "$1: got \"$2\", not \"$3\""
}

# ok WHAT COMMAND...: the command succeeds.
ok() {
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" || wrong "$what"
}

# nothing_left [NAMES...]: the directory holds these files and no other (half-written outputs are hidden ones).
nothing_left() {
    checks=$((checks + 1))
    local found wanted
    found=$(find . -mindepth 1 -maxdepth 1 ! -name .stdout ! -name .stderr ! -name .diff -printf '%f\n' | LC_ALL=C sort | tr '\n' ' ')
    wanted=$(for name in "$@"; do echo "$name"; done | LC_ALL=C sort | tr '\n' ' ')
    [[ $found == "$wanted" || ( -z $found && $# -eq 0 ) ]] || wrong "$last: left behind: $found(wanted: $wanted)"
}

# needs PROGRAM...: skip the test where a program is not installed.
needs() {
    local program
    for program in "$@"; do
        if ! command -v "$program" >/dev/null; then
            note "skipped: $program is not installed"
            exit 77
        fi
    done
}

done_testing() {
    if [[ $checks -eq 0 ]]; then
        wrong "no check was made"
    fi
    if [[ $failures -gt 0 ]]; then
        note "$failures of $checks checks failed"
        exit 1
    fi
    note "$checks checks"
    exit 0
}
