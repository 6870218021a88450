#!/usr/bin/env bash
# Small counts are hidden so that no arithmetic on what is shown brings them back: a solver tries, on nested levels and on levels that cross.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs python3
sample=$WG_SOURCE_DIR/datasets/sample
tests=$WG_SOURCE_DIR/tests/cli
expect 0 "$WANGGE" partition --communities "$sample/communities.gpkg" --buildings "$sample/buildings.gpkg" --barriers "$sample/roads.gpkg" \
    --stairs "$sample/stairs.gpkg" --households 150:300 -o plan.sqlite
# A ledger by building, with classes of which some are rare, and organisations.
python3 - <<'PY'
import csv, random, sqlite3
random.seed(3)
buildings = [row[0] for row in sqlite3.connect("plan.sqlite").execute("SELECT id FROM buildings WHERE cell IS NOT NULL ORDER BY id")]
with open("ledger.csv", "w", newline="", encoding="utf-8") as file:
    out = csv.writer(file)
    out.writerow(["楼栋编号", "类别", "人数"])
    for _ in range(4000):
        out.writerow([random.choice(buildings), random.choice(["独居老人"] * 5 + ["残疾人", "低保户", "精神障碍患者"]), random.randint(1, 3)])
with open("organisations.csv", "w", newline="", encoding="utf-8") as file:
    out = csv.writer(file)
    out.writerow(["名称", "楼栋编号"])
    out.writerows([f"单位{i}", random.choice(buildings)] for i in range(2500))
PY
inputs=(--incidents "$sample/incidents.csv" --workers "$sample/workers.csv" --visits "$sample/visits.csv" --facilities "$sample/facilities.gpkg"
    --before "$sample/cells_present.gpkg" --ledger ledger.csv --organisations organisations.csv --from 2025-02-01 --to 2025-06-01 --period week --format "csv,html,gpkg")

expect 0 "$WANGGE" report plan.sqlite "${inputs[@]}" -o open
for least in 3 10 40; do
    expect 0 "$WANGGE" report plan.sqlite "${inputs[@]}" --suppress $least -o "hidden$least"
    ok "nothing below $least can be computed" python3 "$tests/report_suppressed.py" plan.sqlite open "hidden$least" $least
done

# Groups that lie across communities, under no street: a second tree over the same cells.
if /usr/bin/python3 - plan.sqlite crossing.sqlite 2>/dev/null <<'PY'; then
import shutil, sqlite3, sys
shutil.copy(sys.argv[1], sys.argv[2])
base = sqlite3.connect(sys.argv[2])
base.enable_load_extension(True)
base.load_extension("mod_spatialite")
codes = [row[0] for row in base.execute("SELECT code FROM cells ORDER BY code")]
for i in range(9):
    base.execute("INSERT INTO levels(code, parent, level, name) VALUES (?, NULL, 'team', ?)", (f"T{i}", f"T{i}"))
for i, code in enumerate(codes):
    base.execute("UPDATE cells SET grp = ? WHERE code = ?", (f"T{(i * 7 + i // 11) % 9}", code))
base.commit()
PY
    expect 0 "$WANGGE" report crossing.sqlite "${inputs[@]}" -o crossing
    ok "the second tree is reported" test -s crossing/workload_team.csv
    for least in 5 20; do
        expect 0 "$WANGGE" report crossing.sqlite "${inputs[@]}" --suppress $least -o "across$least"
        ok "nothing below $least can be computed from two trees" python3 "$tests/report_suppressed.py" crossing.sqlite crossing "across$least" $least
    done
else
    note "skipped: levels that cross (python3 without SpatiaLite)"
fi
done_testing
