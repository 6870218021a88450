"""Recompute a report's figures from the raw inputs: the plan by SQL, incidents and workers row by row. report_again.py PLAN REPORT INCIDENTS WORKERS"""
import csv
import datetime
import sqlite3
import statistics
import sys

plan, report, incidents_path, workers_path = sys.argv[1:5]
problems = 0


def same(what, found, expected, tolerance=1e-6):
    global problems
    unknown = found in ("", None) and expected is None
    if not unknown and (found in ("", None) or expected is None or abs(float(found) - float(expected)) > tolerance * max(1.0, abs(float(expected)))):
        print(f"not ok: {what}: {found!r}, expected {expected!r}")
        problems += 1


def table(name):
    with open(f"{report}/{name}.csv", encoding="utf-8-sig", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


base = sqlite3.connect(plan)
base.row_factory = sqlite3.Row
cells = {row["code"]: row for row in base.execute("SELECT code, community, households, population, area_m2, status FROM cells")}
tree = {row["code"]: (row["level"], row["parent"]) for row in base.execute("SELECT code, level, parent FROM levels")}


def area_of(level, community):
    code = community
    while code is not None:
        if code in tree and tree[code][0] == level:
            return code
        code = tree[code][1] if code in tree else None
    return None


def members(level, code):
    """Cells and communities of an area."""
    if level == "cell":
        return {code}, set()
    communities = {row["code"] for row in base.execute("SELECT code FROM communities")}
    communities = communities if level == "all" else {c for c in communities if area_of(level, c) == code}
    return {k for k, row in cells.items() if row["community"] in communities}, communities


def moment(text):
    return datetime.datetime.fromisoformat(text) if text else None


located = {}
with open(f"{report}/../located.csv", encoding="utf-8-sig", newline="") as file:
    for row in csv.DictReader(file):
        located[row["id"]] = row["cell"] or None
incidents = []
with open(incidents_path, encoding="utf-8-sig", newline="") as file:
    for row in csv.DictReader(file):
        incidents.append((located.get(row["id"]), moment(row["opened"]), moment(row["due"]), moment(row["closed"]), row["rework"] == "1", row["status"]))
with open(workers_path, encoding="utf-8-sig", newline="") as file:
    workers = [(row["id"], float(row["fte"] or 1), row["cell"]) for row in csv.DictReader(file)]
end = max(t for item in incidents for t in (item[1], item[3]) if t) + datetime.timedelta(seconds=1)


def share(part, whole):
    return 100.0 * part / whole if whole else None


for level, suffix in [("cell", ""), ("community", "_community"), ("street", "_street"), ("district", "_district"), ("all", "_all")]:
    try:
        coverage, workload = table("coverage" + suffix), table("workload" + suffix)
    except FileNotFoundError:
        continue
    for code, row in coverage.items():
        own, communities = members(level, code)
        marks = ",".join("?" * len(own)) or "NULL"
        inside = base.execute(f"SELECT count(*) n, sum(households) h, sum(population) p FROM buildings WHERE cell IN ({marks})", tuple(own)).fetchone()
        if level == "cell":
            whole = inside
        elif level == "all":
            whole = base.execute("SELECT count(*) n, sum(households) h, sum(population) p FROM buildings").fetchone()
        else:
            marks = ",".join("?" * len(communities))
            whole = base.execute(f"SELECT count(*) n, sum(households) h, sum(population) p FROM buildings WHERE community IN ({marks})", tuple(communities)).fetchone()
        what = f"{level} {code}"
        same(what + " bld", row["bld"], whole["n"])
        same(what + " bld_in", row["bld_in"], inside["n"])
        same(what + " hh", row["hh"], whole["h"] or 0)
        same(what + " hh_in", row["hh_in"], sum(cells[c]["households"] or 0 for c in own))
        same(what + " pop_in", row["pop_in"], sum(cells[c]["population"] or 0 for c in own))
        same(what + " cells", row["cells"], len(own))
        same(what + " cells_ok", row["cells_ok"], sum(cells[c]["status"] == "ok" for c in own))
        same(what + " gap", row["gap_m2"], 0.0)
        same(what + " cover", row["cover_pct"], 100.0)
    for code, row in workload.items():
        own, _ = members(level, code)
        mine = [item for item in incidents if item[0] in own or level == "all"]
        closed = [item for item in mine if item[3]]
        what = f"{level} {code}"
        same(what + " inc", row["inc"], len(mine))
        same(what + " inc_closed", row["inc_closed"], len(closed))
        same(what + " inc_open", row["inc_open"], len(mine) - len(closed))
        late = sum(bool(i[2] and ((i[3] and i[3] > i[2]) or (not i[3] and i[2] < end))) for i in mine)
        same(what + " inc_late", row["inc_late"], late)
        due = [i for i in mine if i[3] or not i[2] or i[2] < end]
        timed = [i for i in due if i[2]]
        same(what + " close_pct", row["close_pct"], share(sum(bool(i[3]) for i in due), len(due)))
        same(what + " ontime_pct", row["ontime_pct"], share(sum(bool(i[3] and i[3] <= i[2]) for i in timed), len(timed)))
        same(what + " rework_pct", row["rework_pct"], share(sum(i[4] for i in due), len(due)))
        days = sorted((i[3] - i[1]).total_seconds() / 86400 for i in closed if i[1] and i[3] >= i[1])
        same(what + " days_med", row["days_med"], statistics.median(days) if days else None)
        staff = [w for w in workers if w[2] in own or level == "all"]
        same(what + " fte", row["fte"], sum(w[1] for w in staff))
        same(what + " workers", row["workers"], len({w[0] for w in staff}))
sys.exit(1 if problems else 0)
