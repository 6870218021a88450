#!/usr/bin/env bash
# What became of every cell: ledger, crosswalk, letters and maps that add up to the household, for two layers and for three.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs python3
small=$WG_SOURCE_DIR/datasets/small
inputs=(--communities "$small/communities.geojson" --buildings "$small/buildings.geojson" --barriers "$small/roads.geojson"
    --compounds "$small/compounds.geojson")

expect 0 "$WANGGE" partition "${inputs[@]}" --households 150:300 -o plan.sqlite
expect 0 "$WANGGE" compare "$small/cells_present.geojson" plan.sqlite --buildings "$small/buildings.geojson" -o two
stdout_has "cells_present.geojson: cells_present (2 cells) -> plan.sqlite: cells (3 cells)"
nothing_left plan.sqlite two

# The figures of all tables are those of the buildings.
python3 - "$small" two <<'END' || wrong "ledger, crosswalk and letters add up"
import csv, json, sys
def table(name):
    return list(csv.DictReader(open(f"{sys.argv[2]}/{name}.csv", encoding="utf-8-sig")))
number = lambda text: float(text or 0)
buildings = json.load(open(f"{sys.argv[1]}/buildings.geojson"))["features"]
households = sum(b["properties"]["households"] or 0 for b in buildings)
letters, ledger, crosswalk = table("letters"), table("ledger"), table("crosswalk")
assert len(letters) == len(buildings), len(letters)
assert abs(sum(number(r["households"]) for r in letters) - households) < 1e-6
for side in ("old", "new"):
    totals = {}
    for r in letters:
        totals[r[side]] = totals.get(r[side], 0) + number(r["households"])
    for code in {r[side] for r in ledger if r[side] and number(r["hh_" + side])}:
        # the ledger's row of the cell, the crosswalk's rows, and the letters say the same
        row = [r for r in ledger if r[side] == code and r["hh_" + side] != ""]
        assert len(row) == 1, (code, row)
        assert abs(number(row[0]["hh_" + side]) - totals.get(code, 0)) < 1e-6, code
        assert abs(sum(number(r["households"]) for r in crosswalk if r[side] == code) - totals.get(code, 0)) < 1e-6, code
for r in ledger:
    if r["hh_old"]:
        assert abs(number(r["hh_stay"]) + number(r["hh_out"]) - number(r["hh_old"])) < 1e-6, r
    if r["hh_new"]:
        assert abs(number(r["hh_stay"]) + number(r["hh_in"]) - number(r["hh_new"])) < 1e-6, r
moved = sum(number(r["hh_out"]) for r in ledger)
assert abs(moved - sum(number(r["households"]) for r in letters if r["changed"] == "yes" and r["old"])) < 1e-6
assert {r["change"] for r in ledger} <= {"kept", "adjusted", "split", "merged", "new", "retired"}
END

# A layer with itself: everything is kept, nobody moves, every cell nests.
expect 0 "$WANGGE" compare plan.sqlite plan.sqlite --json -o same
stdout_has '"moved_households": 0.0'
stdout_has '"not_nested": 0.0'
is "no letter is needed" "$(cut -d, -f6 same/letters.csv | sort -u | grep -c yes)" 0

# Three networks of different departments: every pair, and all together in one table.
expect 0 "$WANGGE" partition "${inputs[@]}" --households 100:200 -o police.sqlite
expect 0 "$WANGGE" compare "$small/cells_present.geojson" plan.sqlite police.sqlite --buildings "$small/buildings.geojson" -o three
ok "tables of every pair" test -s three/crosswalk.csv -a -s three/crosswalk_1_3.csv -a -s three/crosswalk_2_3.csv \
    -a -s three/changes_2_3.geojson -a -s three/before.png -a -s three/after.png -a -s three/gaps.geojson
python3 - three <<'END' || wrong "every cell of every network has its place in both others"
import csv, sys
rows = list(csv.DictReader(open(f"{sys.argv[1]}/nesting.csv", encoding="utf-8-sig")))
networks = {r["network"] for r in rows}
assert len(networks) == 3, networks
for network in networks:
    own = [r for r in rows if r["network"] == network]
    assert len({r["cell"] for r in own}) * 2 == len(own)
    assert all(r["nested"] == "yes" or float(r["hh_pct"]) < 99.91 for r in own)
END

# One network out of two departments'; each gets its crosswalk.
expect 0 "$WANGGE" redraw --cells plan.sqlite --cells police.sqlite --weight-of cells:2=0.5 "${inputs[@]}" --households 150:300 -o one.sqlite
if command -v spatialite >/dev/null; then
    is "a crosswalk for each" "$(spatialite -silent one.sqlite 'SELECT count(DISTINCT network) FROM crosswalk')" 2
    # The weights decide whose cells go on.
    kept() { # kept NETWORK WEIGHT WEIGHT: households that stay in the cell of NETWORK that continues theirs
        expect 0 "$WANGGE" redraw --cells plan.sqlite --cells police.sqlite --weight-of cells:1="$2" --weight-of cells:2="$3" "${inputs[@]}" \
            --households 100:300 -o weighed.sqlite --overwrite
        spatialite -silent weighed.sqlite "SELECT CAST(total(households) AS INTEGER) FROM crosswalk WHERE continues = 'yes' AND network LIKE '$1%'"
    }
    is "all of the heavy first one's" "$(kept plan 100 0.01)" "$(spatialite -silent plan.sqlite "SELECT CAST(sum(households) AS INTEGER) FROM cells")"
    ok "more of the second one's where that is heavy" test "$(kept police 0.01 100)" -gt "$(kept police 100 0.01)"
fi

expect 2 "$WANGGE" compare plan.sqlite -o other
expect 1 "$WANGGE" compare plan.sqlite nowhere.geojson -o other
nothing_left one.sqlite plan.sqlite police.sqlite same three two weighed.sqlite
done_testing
