#!/usr/bin/env bash
# Before and after: the table of a redrawn plan, and of any plan with --before, says what compare says; a building table gives classes by its columns.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs python3
sample=$WG_SOURCE_DIR/datasets/sample
land=(--communities "$sample/communities.gpkg" --buildings "$sample/buildings.gpkg" --barriers "$sample/roads.gpkg" --stairs "$sample/stairs.gpkg")
expect 0 "$WANGGE" redraw --cells "$sample/cells_present.gpkg" "${land[@]}" --households 150:300 --stability 0.8 -o redrawn.sqlite
expect 0 "$WANGGE" partition "${land[@]}" --households 150:300 -o fresh.sqlite
cat >same.py <<'PY'
import csv, json, re, sqlite3, sys
report, compared = sys.argv[1], sys.argv[2]
data = json.loads(re.search(r'id="data">(.*?)</script>', open(report + "/index.html", encoding="utf-8").read(), re.S).group(1))
table = next(t for t in data["tables"] if t["id"] == "changes")
head = [c["t"] for c in table["c"]]
mine = {(r[1], r[2]): dict(zip(head, r)) for r in table["r"]}
ledger = {(r["old"] or None, r["new"] or None): r for r in csv.DictReader(open(compared + "/ledger.csv", encoding="utf-8-sig", newline=""))}
# A cell that is new may have come from two old ones as well: then either may be named.
other = set(mine) ^ set(ledger)
assert len(mine) == len(table["r"]) and len(other) <= 4 and {b for _, b in set(mine) - set(ledger)} == {b for _, b in set(ledger) - set(mine)}, other
number = lambda text: float(text) if text not in ("", None) else None
kinds = {}
plan = sqlite3.connect(sys.argv[3])
cells = {code: (hh, pop, area) for code, hh, pop, area in plan.execute("SELECT code, households, population, area_m2 FROM cells")}
divided = {c[:12] for (c,) in plan.execute("SELECT cell FROM shares")} if sys.argv[4] == "stairs" else set()
off = 0
for key, row in ledger.items():
    if key in other:
        continue
    own = mine[key]
    # The perimeter of an old cell is not in a crosswalk: a line that hardly moved may be kept for one and adjusted for the other.
    # compare counts a tower wholly in one cell, a redrawn plan by its stairs: where one stands, a split may read otherwise too.
    place = (own["Cell after"] or own["Cell before"])[:12]
    assert own["Change"] == row["change"] or {own["Change"], row["change"]} == {"kept", "adjusted"} or place in divided, (own, row)
    kinds[own["Change"]] = kinds.get(own["Change"], 0) + 1
    for title, field in {"Households before": "hh_old", "Households after": "hh_new", "Households moved out": "hh_out", "Households moved in": "hh_in",
                         "People before": "pop_old", "People after": "pop_new"}.items():
        x, y = own[title], number(row[field])
        assert (x is None) == (y is None), (key, title, x, y)
        off += x is not None and abs(x - y) > 0.51
    for title, field in {"Area before (ha)": "area_old", "Area after (ha)": "area_new"}.items():
        x, y = own[title], number(row[field])
        assert (x is None) == (y is None) and (x is None or abs(x - y / 1e4) < 0.02), (key, title, x, y)
for row in mine.values():
    for what in ("Households", "People", "Area"):
        unit = " (ha)" if what == "Area" else ""
        before, after, out, entered = (row[f"{what} {word}{unit}"] for word in ("before", "after", "moved out", "moved in"))
        if before is not None and after is not None:  # what stays is told twice
            assert abs((before - out) - (after - entered)) < 0.03, (row, what)
towers = len({c for (c,) in plan.execute("SELECT cell FROM shares")}) if sys.argv[4] == "stairs" else 0
if sys.argv[4] == "stairs":
    for row in mine.values():
        if row["Households after"] is not None:
            assert abs(row["Households after"] - cells[row["Cell after"]][0]) < 0.51, row
# compare counts a building that stands there twice twice.
assert off <= 12 * towers + 30, (off, towers)
doubles = sum(hh or 0 for hh, in plan.execute("SELECT households FROM buildings WHERE how = 'none'"))
assert abs(sum(r["Households before"] or 0 for r in mine.values()) - sum(number(r["hh_old"]) or 0 for r in ledger.values())) <= doubles + 0.5
print(kinds)
sys.exit(0 if len(kinds) >= 3 else 1)
PY
expect 0 "$WANGGE" report redrawn.sqlite --lang en --format html -o redrawn
expect 0 "$WANGGE" compare "$sample/cells_present.gpkg" redrawn.sqlite --buildings "redrawn.sqlite|layername=buildings" -o compared
ok "the table of a redrawn plan is the ledger" python3 same.py redrawn compared redrawn.sqlite stairs
expect 0 "$WANGGE" report fresh.sqlite --before "$sample/cells_present.gpkg" --lang en --format html -o fresh
expect 0 "$WANGGE" compare "$sample/cells_present.gpkg" fresh.sqlite --buildings "fresh.sqlite|layername=buildings" -o compared2
ok "with --before it is so for any plan" python3 same.py fresh compared2 fresh.sqlite whole

# Classes as columns of a building table, by building id and without any cell.
python3 - <<'PY'
import csv, random, sqlite3
random.seed(9)
rows = sqlite3.connect("fresh.sqlite").execute("SELECT id FROM buildings ORDER BY id").fetchall()
with open("classes.csv", "w", encoding="utf-8", newline="") as file:
    out = csv.writer(file)
    out.writerow(["id", "老年人", "残疾人", "层数"])
    out.writerows([row[0], random.randint(0, 9), random.choice(["", 1, 2]), 6] for row in rows)
PY
expect 0 "$WANGGE" report fresh.sqlite --ledger classes.csv --class 老年人,残疾人 --workers "$sample/workers.csv" --lang zh --format html,csv -o classes
ok "classes by building add up in every area" python3 - <<'PY'
import csv, json, re, sqlite3
data = json.loads(re.search(r'id="data">(.*?)</script>', open("classes/index.html", encoding="utf-8").read(), re.S).group(1))
table = next(t for t in data["tables"] if t["id"] == "classes")
head = [c["t"] for c in table["c"]]
where = {i: (cell, community) for i, cell, community in sqlite3.connect("fresh.sqlite").execute("SELECT id, cell, community FROM buildings")}
raw = list(csv.DictReader(open("classes.csv", encoding="utf-8", newline="")))
special = {r["code"]: r for name in ("workload", "workload_community", "workload_all") for r in csv.DictReader(open(f"classes/{name}.csv", encoding="utf-8-sig"))}
seen = 0
for row in table["r"]:
    own = dict(zip(head, row))
    at = {"网格": 0, "社区": 1}.get(own["层级"])
    if at is None and own["层级"] != "全部":
        continue
    mine = [r for r in raw if at is None or where[r["id"]][at] == own["编码"]]
    total = 0
    for name in ("老年人", "残疾人"):
        expected = sum(float(r[name] or 0) for r in mine)
        assert own[name] == expected, (own["编码"], name, own[name], expected)
        fte = own["全职当量"]
        each = own["人均" + name]
        assert (each is None) if not fte else abs(each - expected / fte) < 0.00501, (own["编码"], name, each)
        total += expected
    assert float(special[own["编码"]]["special"]) == total
    seen += 1
assert seen > 100, seen
PY
expect 2 "$WANGGE" report fresh.sqlite --class 老年人 -o x
expect 1 "$WANGGE" report fresh.sqlite --ledger classes.csv --class 没有 -o x

# The rules of the manual are rules.
python3 - "$WG_SOURCE_DIR" <<'PY'
import re, sys
blocks = re.findall(r"```yaml\n(.*?)```", open(sys.argv[1] + "/engine/docs/yaml.md", encoding="utf-8").read(), re.S)
open("manual.yaml", "w", encoding="utf-8").write(next(b for b in blocks if "people_per_worker" in b))
PY
expect 0 "$WANGGE" report fresh.sqlite --incidents "$sample/incidents.csv" --rules manual.yaml --format csv -o manual
done_testing
