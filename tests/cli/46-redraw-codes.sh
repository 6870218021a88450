#!/usr/bin/env bash
# Codes over several redraws: kept where a cell goes on, never given out again once retired; the three forms of a code.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs python3 ogr2ogr
small=$WG_SOURCE_DIR/datasets/small
inputs=(--communities "$small/communities.geojson" --buildings "$small/buildings.geojson" --barriers "$small/roads.geojson"
    --compounds "$small/compounds.geojson")
codes() { # the codes of a layer of a plan, one a line
    ogr2ogr -f CSV /vsistdout/ "$1" "$2" -select code | tr -d '"' | tail -n +2 | sort
}

# Six cells, three, seven, two: what goes is retired in the plan and in all that follow it.
expect 0 "$WANGGE" partition "${inputs[@]}" --households 80:120 -o first.sqlite
codes first.sqlite cells >used.txt
: >gone.txt
before=first.sqlite
for limits in 150:300 70:110 250:400; do
    after=plan-${limits%:*}.sqlite
    expect 0 "$WANGGE" redraw --cells "$before" "${inputs[@]}" --households "$limits" -o "$after"
    codes "$after" cells >now.txt
    is "no code twice at $limits" "$(uniq -d now.txt)" ""
    is "no retired code comes back at $limits" "$(comm -12 now.txt gone.txt)" ""
    comm -23 used.txt now.txt >gone.txt # ever used, not in use now
    is "the plan of $limits lists all that are gone" "$(codes "$after" retired)" "$(cat gone.txt)"
    ok "some codes are kept at $limits" test -n "$(comm -12 now.txt used.txt)"
    sort -u used.txt now.txt -o used.txt
    before=$after
done
ok "codes were retired and new ones given out" test -s gone.txt -a "$(wc -l <used.txt)" -gt "$(wc -l <now.txt)"

# 15 digits (12 + 3), 20 digits with the object class of the standard's register, an object class that is none.
is "12 + 3 digits" "$(codes first.sqlite cells | grep -cvE '^[0-9]{12}[0-9]{3}$')" 0
expect 0 "$WANGGE" partition "${inputs[@]}" --households 80:120 --codes cjt349 --object-class 010100 -o twenty.sqlite
is "20 digits" "$(codes twenty.sqlite cells | grep -cvE '^010100[0-9]{12}[0-9]{2}$')" 0
expect 2 "$WANGGE" partition "${inputs[@]}" --households 80:120 --codes cjt349 --object-class 1x -o bad.sqlite
error_is 'object class "1x" does not have 6 digits'
nothing_left first.sqlite plan-150.sqlite plan-70.sqlite plan-250.sqlite twenty.sqlite gone.txt now.txt used.txt
done_testing
