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
expect 1 "$WANGGE" redraw --cells "$present" "${inputs[@]}" --free NOPE -o other.sqlite
error_is "--free NOPE: there is no community of this code in communities.geojson: communities"
nothing_left again.sqlite changes plan.sqlite redrawn.sqlite

# Another target leaves cells that meet the limits as they are, save in a community that is drawn from nothing.
count() { spatialite -silent "$1" "SELECT count(*) FROM cells"; }
again[-1]=150:155:300
expect 0 "$WANGGE" redraw --cells plan.sqlite "${again[@]}" --stability 1 -o kept.sqlite
is "kept" "$(count kept.sqlite)" "$(count plan.sqlite)"
expect 0 "$WANGGE" redraw --cells plan.sqlite "${again[@]}" --stability 1 --free 449101001001 -o freed.sqlite
ok "drawn from nothing, nearer to the target" test "$(count freed.sqlite)" -gt "$(count plan.sqlite)"

# The trade-off as a table: it is what was asked for, so --quiet leaves it; more stability never moves more.
expect 0 "$WANGGE" redraw --cells "$present" "${inputs[@]}" --stability 0:1:0.5
is "three steps and a heading" "$(wc -l <.stdout)" 4
cp .stdout table.txt
expect 0 "$WANGGE" redraw --cells "$present" "${inputs[@]}" --stability 0:1:0.5 --quiet
is "the table with --quiet" "$(cat .stdout)" "$(cat table.txt)"
is "nothing else with --quiet" "$(cat .stderr)" ""
is "households that change cell, never more" "$(tail -n +2 table.txt | cut -f4)" "$(tail -n +2 table.txt | cut -f4 | sort -rn)"
expect 0 "$WANGGE" redraw --cells "$present" "${inputs[@]}" --stability 0:1:0.5 --json --quiet
python3 - <<'END' || wrong "the same figures as JSON"
import csv, json
rows = json.load(open(".stdout"))["sweep"]
table = list(csv.reader(open("table.txt"), delimiter="\t"))[1:]
assert len(rows) == len(table) == 3
for row, line in zip(rows, table):
    assert [float(x) for x in line[:3]] == [row["stability"], row["cells"], row["out"]], (row, line)
    assert abs(float(line[3]) - row["moved"]) < 0.51 and abs(float(line[4]) - row["moved"] / row["total"]) < 0.001
END

# Stability 0 keeps nothing, which is not the default.
for stability in 0 0.9; do
    expect 0 "$WANGGE" redraw --cells "$present" "${inputs[@]}" --stability $stability -o "at-$stability.sqlite"
done
expect 0 "$WANGGE" redraw --cells "$present" "${inputs[@]}" -o default.sqlite
cells="SELECT hex(ST_AsBinary(geom)) FROM cells ORDER BY code"
is "0.9 is the default" "$(spatialite -silent default.sqlite "$cells" | sha256sum)" "$(spatialite -silent at-0.9.sqlite "$cells" | sha256sum)"
ok "0 is another plan" test "$(spatialite -silent at-0.sqlite "$cells" | sha256sum)" != "$(spatialite -silent at-0.9.sqlite "$cells" | sha256sum)"
done_testing
