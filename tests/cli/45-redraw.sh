#!/usr/bin/env bash
# From the cells of today: unchanged where nothing is to be done, locks kept, codes kept, a ledger that balances.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs spatialite python3
small=$WG_SOURCE_DIR/datasets/small
inputs=(--communities "$small/communities.geojson" --buildings "$small/buildings.geojson" --barriers "$small/roads.geojson"
    --compounds "$small/compounds.geojson" --households 150:300)

expect 0 "$WANGGE" partition "${inputs[@]}" -o plan.sqlite

# Stability 1 and limits met: the cells come back as they were, byte for byte.
again=(--communities "plan.sqlite|layername=communities" --buildings "$small/buildings.geojson" --barriers "$small/roads.geojson"
    --compounds "$small/compounds.geojson" --households 150:300)
expect 0 "$WANGGE" redraw --cells "plan.sqlite|layername=cells" "${again[@]}" --stability 1 -o again.sqlite
cells="SELECT code, name, hex(ST_AsBinary(geom)) FROM cells ORDER BY code"
is "the same cells" "$(spatialite -silent again.sqlite "$cells" | sha256sum)" "$(spatialite -silent plan.sqlite "$cells" | sha256sum)"

# Cells drawn by hand: locked cells keep their buildings, whatever the rest does.
present=$small/cells_present.geojson
locked=$(python3 -c "import json; print(json.load(open('$present'))['features'][0]['properties']['code'])")
expect 0 "$WANGGE" redraw --cells "$present" "${inputs[@]}" --stability 0.5 --lock "$locked" -o redrawn.sqlite
expect 0 "$WANGGE" compare "$present" redrawn.sqlite --buildings "$small/buildings.geojson" --json -o changes
ok "tables and maps are there" test -s changes/ledger.csv -a -s changes/crosswalk.csv -a -s changes/letters.csv \
    -a -s changes/changes.geojson -a -s changes/before.png -a -s changes/after.png
python3 - "$locked" <<'END' || wrong "the ledger balances to the household and the locked cell is kept"
import csv, sys
letters = list(csv.DictReader(open("changes/letters.csv", encoding="utf-8-sig")))
ledger = list(csv.DictReader(open("changes/ledger.csv", encoding="utf-8-sig")))
number = lambda text: float(text or 0)
old, new = {}, {}
for row in letters:
    old[row["old"]] = old.get(row["old"], 0) + number(row["households"])
    new[row["new"]] = new.get(row["new"], 0) + number(row["households"])
assert abs(sum(number(r["hh_old"]) for r in ledger) - sum(v for k, v in old.items() if k)) < 0.5
assert abs(sum(number(r["hh_new"]) for r in ledger) - sum(v for k, v in new.items() if k)) < 0.5
moved = [r for r in letters if r["old"] == sys.argv[1] and r["new"] != sys.argv[1]]
joined = [r for r in letters if r["new"] == sys.argv[1] and r["old"] not in (sys.argv[1], "")]
assert not moved and not joined, (moved, joined)
END

# A code that does not exist protects nothing: that is an error.
expect 1 "$WANGGE" redraw --cells "$present" "${inputs[@]}" --lock NOPE -o other.sqlite
error_is "--lock NOPE: there is no cell of this code in cells_present.geojson: cells_present"
nothing_left again.sqlite changes plan.sqlite redrawn.sqlite

# The trade-off as a table.
expect 0 "$WANGGE" redraw --cells "$present" "${inputs[@]}" --stability 0:1:0.5
is "three steps and a heading" "$(wc -l <.stdout)" 4
done_testing
