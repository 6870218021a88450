#!/usr/bin/env bash
# Map sheets on paper, and what --strict makes of findings.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs pdfinfo pdftotext python3
small=$WG_SOURCE_DIR/datasets/small
expect 0 "$WANGGE" partition --communities "$small/communities.geojson" --buildings "$small/buildings.geojson" \
    --barriers "$small/roads.geojson" --households 150:300 -o plan.sqlite

sheets() { # FLAGS...: paper, pages and what the index says
    expect 0 "$WANGGE" report plan.sqlite --format pdf --overwrite -o maps "$@"
    pdfinfo maps/maps.pdf | sed -n 's/^Page size:.*(\(.*\))/\1/p'
    pdfinfo maps/maps.pdf | sed -n 's/^Pages: *//p'
    pdftotext -layout maps/maps.pdf - | sed -n 's/^ *\(Index of .*\)/\1/p'
}
is "A3 unless said" "$(sheets | xargs)" "A3 5 Index of 4 sheets at 1:1 000"
is "A4 needs more sheets" "$(sheets --paper A4 | xargs)" "A4 10 Index of 9 sheets at 1:1 000"
is "a4, at a scale" "$(sheets --paper a4 --scale 2000 | xargs)" "A4 5 Index of 4 sheets at 1:2 000"
is "one sheet" "$(sheets --scale 25000 | xargs)" "A3 2 Index of 1 sheet at 1:25 000"
ok "a sheet says its scale" bash -c 'pdftotext -f 2 -l 2 maps/maps.pdf - | grep -q "1:25 000"'
expect 2 "$WANGGE" report plan.sqlite --format pdf --paper A5 -o wrong
stderr_is "wangge: error: paper 'A5': unknown (A3, A4)"
expect 2 "$WANGGE" report plan.sqlite --format pdf --scale 1 -o wrong
stderr_has "more than 2000 map sheets"
ok "nothing is left" test ! -e wrong

# Findings: rejects, cells out of limits, sums that do not reconcile. A report without one is as good with --strict.
expect 0 "$WANGGE" report plan.sqlite --format csv --strict -o clean
expect 0 "$WANGGE" report plan.sqlite --incidents "$small/incidents.csv" --format csv -o loose
expect 3 "$WANGGE" report plan.sqlite --incidents "$small/incidents.csv" --format csv --strict -o strict
stdout_has "387 in a cell, 13 not"
ok "the report is there all the same" diff -r loose strict
expect 0 "$WANGGE" partition --communities "$small/communities.geojson" --buildings "$small/buildings.geojson" \
    --barriers "$small/roads.geojson" --households 9000: -o over.sqlite
expect 3 "$WANGGE" report over.sqlite --format csv --strict -o under
done_testing
