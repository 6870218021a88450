"""Recompute the tables of a report of a span with rules of its own, from the raw files alone.
report_tables.py PLAN REPORT INCIDENTS LOCATED WORKERS VISITS BUILDINGS_XY FACILITIES_XY CELLS_GEOJSON

INCIDENTS is what the report read, LOCATED the same rows with their cell (wangge assign), BUILDINGS_XY and FACILITIES_XY are "id,x,y" in the plan's
CRS (ogr2ogr), CELLS_GEOJSON the cells in it. The rules of tests/cli/report_rules.yaml are written out below a second time."""
import collections
import csv
import datetime
import json
import math
import re
import sqlite3
import statistics
import sys

plan, report, incidents_path, located_path, workers_path, visits_path, buildings_path, facilities_path, cells_path = sys.argv[1:10]
ZONE = datetime.timezone(datetime.timedelta(hours=8))
FROM, TO = datetime.datetime(2025, 7, 1, tzinfo=ZONE), datetime.datetime(2025, 10, 1, tzinfo=ZONE)
problems = 0


def wrong(text):
    global problems
    problems += 1
    if problems < 60:
        print("not ok:", text)


def same(what, found, expected, tolerance=2e-6):
    """Tables show values rounded to their decimals, two at least."""
    if found is None and expected is None:
        return
    if found is None or expected is None or abs(found - expected) > max(0.00501, tolerance * abs(expected)):
        wrong(f"{what}: {found!r}, expected {expected!r}")


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


text = open(f"{report}/index.html", encoding="utf-8").read()
page = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S).group(1))
tables = {t["id"]: [dict(zip([c["t"] for c in t["c"]], r)) for r in t["r"]] for t in page["tables"]}
levels = {"Cell": "cell", "Group": "group", "Community": "community", "Street": "street", "District": "district", "All": "all"}

# ---------------------------------------------------------------- raw data

base = sqlite3.connect(plan)
base.row_factory = sqlite3.Row
cells = {row["code"]: dict(row) for row in base.execute("SELECT code, name, community, grp, households, population, registered, floating, buildings, area_m2, status FROM cells")}
tree = {row["code"]: (row["level"], row["parent"]) for row in base.execute("SELECT code, level, parent FROM levels")}
doubles = {row["feature"] for row in base.execute("SELECT feature FROM exceptions WHERE problem = 'duplicate_building'")}
buildings = {row["id"]: dict(row) for row in base.execute("SELECT id, cell, community, households, population, how FROM buildings")
             if not (row["id"] in doubles and row["how"] == "none")}
# Who lives where: a tower divided by its stairs lives in several cells.
people_of = collections.defaultdict(list)
for row in base.execute("SELECT building, cell, households, population FROM shares"):
    people_of[row["building"]].append((row["cell"], row["households"] or 0, row["population"] or 0))
for code, row in buildings.items():
    people_of[code].append((row["cell"], (row["households"] or 0) - sum(p[1] for p in people_of[code]),
                            (row["population"] or 0) - sum(p[2] for p in people_of[code])))


def areas_of(cell):
    own = {"cell": cell, "community": cells[cell]["community"], "all": "ALL"}
    for code in (cells[cell]["grp"], cells[cell]["community"]):
        while code in tree:
            own.setdefault(tree[code][0], code)
            code = tree[code][1]
    return own


up = {cell: areas_of(cell) for cell in cells}


def holds(level, code, cell):
    return level == "all" or (cell in up and up[cell].get(level) == code)


def moment(text):
    if not text:
        return None
    value = datetime.datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=ZONE)


# Working time of the rules: 08:30-12:00 and 14:00-17:30 from Monday to Saturday, 1 to 8 October off, Sunday 28 September on.
SHIFTS = [((8, 30), (12, 0)), ((14, 0), (17, 30))]


def works(day):
    if datetime.date(2025, 10, 1) <= day <= datetime.date(2025, 10, 8):
        return False
    return day == datetime.date(2025, 9, 28) or day.isoweekday() <= 6


def add_hours(start, hours):
    """Minute by minute: the data have whole ones."""
    left, at = round(hours * 60), start.astimezone(ZONE)
    while left > 0:
        left -= works(at.date()) and any(a <= (at.hour, at.minute) < b for a, b in SHIFTS)
        at += datetime.timedelta(minutes=1)
    return at


def add_days(start, days):
    at = start.astimezone(ZONE).date()
    while days > 0:
        at += datetime.timedelta(days=1)
        days -= 1 if works(at) else 0
    return datetime.datetime.combine(at, datetime.time(17, 30), ZONE)


located = {row["id"]: row["cell"] or None for row in rows(located_path)}
Incident = collections.namedtuple("Incident", "cell opened due closed category route severity rework open extended direct valid")
incidents = []
for row in rows(incidents_path):
    opened, due = moment(row["opened"]), moment(row["due"])
    if due is None and opened is not None:
        due = add_hours(opened, 10) if row["severity"] == "3" else add_days(opened, 2) if row["route"] == "general" else None
    incidents.append(Incident(located[row["id"]], opened, due, moment(row["closed"]), row["category"], row["route"], row["severity"], row["rework"] == "1",
                              row["status"] != "closed", row["延期"] == "是", row["准确派遣"], row["有效"] != "否"))


def closed_by(item, end):
    return item.closed < end if item.closed else not item.open


def facts(item, end):
    """What holds at the end: closed, due, timed, on time, late, waiting."""
    closed = closed_by(item, end)
    over = item.due is not None and item.due < end
    timed = item.due is not None and (not closed or item.closed is not None)
    on_time = item.due is not None and closed and item.closed is not None and item.closed <= item.due
    late = item.due is not None and ((closed and item.closed is not None and item.closed > item.due) or (not closed and over))
    return closed, closed or over or item.due is None, timed, on_time, late, not closed and over


def inside(item, start, end):
    return item.opened is not None and start <= item.opened < end


def share(part, whole):
    return 100.0 * part / whole if whole else None


def rates(items, end):
    """As the rules have them: handled of those opened and valid; closed of those due; rework of those closed."""
    valid = [(i, facts(i, end)) for i in items if i.valid]
    due = [(i, f) for i, f in valid if f[1]]
    timed = [(i, f) for i, f in due if f[2]]
    sent = [i for i, f in valid if i.direct in ("1", "0")]
    done = [(i, f) for i, f in valid if f[0]]
    return {"Handled": share(sum(f[0] for i, f in valid), len(valid)), "Closed": share(sum(f[0] for i, f in due), len(due)),
            "On time": share(sum(f[3] for i, f in timed), len(timed)), "Rework": share(sum(i.rework for i, f in done), len(done)),
            "Overdue and open": share(sum(f[5] for i, f in valid), len(valid)), "Extended": share(sum(i.extended for i, f in valid), len(valid)),
            "Direct dispatch": share(sum(i.direct == "1" for i in sent), len(sent)), "Valid": share(len(valid), len(items))}


def quantile(values, q):
    values = sorted(values)
    if not values:
        return None
    place = q * (len(values) - 1)
    low = int(place)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])


span = [i for i in incidents if inside(i, FROM, TO)]
staff = [(row["id"], float(row["fte"]), row["cell"], row["role"]) for row in rows(workers_path)]
fte_of = {cell: sum(w[1] for w in staff if w[2] == cell) for cell in cells}


def load_of(cell):
    own = cells[cell]
    return 1 * own["households"] + 0.25 * own["population"] + 3 * sum(i.cell == cell for i in span) + 2 * own["area_m2"] / 1e6


load = {cell: load_of(cell) for cell in cells}

# ---------------------------------------------------------------- work

whole_load, whole_fte = sum(load.values()), sum(w[1] for w in staff)
for row in tables["workload"]:
    level, code = levels[row["Level"]], row["Code"]
    own = [c for c in cells if holds(level, code, c)]
    people = [p for b in buildings for p in people_of[b] if level == "all" or p[0] in own]
    fte = sum(w[1] for w in staff if holds(level, code, w[2]))
    hh, pop = sum(p[1] for p in people), sum(p[2] for p in people)
    what = f"workload {level} {code}"
    same(what + " households", row["Households"], hh)
    same(what + " people", row["People"], pop)
    same(what + " floating", row["Floating"], sum(cells[c]["floating"] or 0 for c in own))
    same(what + " registered", row["Registered"], sum(cells[c]["registered"] or 0 for c in own))
    same(what + " a worker", row["Households a worker"], hh / fte if fte else None)
    same(what + " people a worker", row["People a worker"], pop / fte if fte else None)
    same(what + " benchmark", row["Workers by benchmark"], pop / 300.0)
    same(what + " short", row["Short of workers"], max(0.0, pop / 300.0 - fte))
    work = sum(load[c] for c in own)
    same(what + " load", row["Workload"], work)
    same(what + " index", row["Workload index"], (work / fte) / (whole_load / whole_fte) if fte else None)

# ---------------------------------------------------------------- score, grade, rank

scores = {}
for row in tables["ranking"]:
    level, code = levels[row["Level"]], row["Code"]
    items = [i for i in span if holds(level, code, i.cell)]
    expected = rates(items, TO)
    for name, value in expected.items():
        same(f"ranking {level} {code} {name}", row[name], value)
    terms = [(60, expected["On time"], False), (40, expected["Rework"], True)]
    known = [(w, (100 - v if inverse else v)) for w, v, inverse in terms if v is not None]
    score = sum(w * v for w, v in known) / sum(w for w, v in known) if known else None
    same(f"ranking {level} {code} score", row["Score"], score)
    veto = sum(i.valid and i.category == "矛盾纠纷" for i in items) >= 4
    grade = None if score is None else "failing" if veto or score < 55 else "excellent" if score >= 88 else "good" if score >= 70 else "basic"
    if row["Grade"] != grade or (row["Veto"] == "yes") != veto:
        wrong(f"ranking {level} {code}: grade {row['Grade']}, veto {row['Veto']}; expected {grade}, {veto} at {score}")
    if score is not None:
        scores.setdefault(level, {})[code] = (round(score, 2) - (1000 if veto else 0), row["Rank"])
for level, own in scores.items():
    for code, (score, rank) in own.items():
        if rank != 1 + sum(other > score + 1e-9 for other, _ in own.values()):
            wrong(f"ranking {level} {code}: rank {rank}")
if len({row["Grade"] for row in tables["ranking"]}) < 3:
    wrong("the data have fewer than three grades: the test says little")

# ---------------------------------------------------------------- incidents by word and period

for row in tables["incidents"]:
    kind = {"Category": "category", "Route": "route", "Severity": "severity"}.get(row["By"])
    items = [i for i in span if kind is None or (getattr(i, kind) or "(not stated)") == row["Value"]]
    known = [facts(i, TO) for i in items]
    expected = rates(items, TO)
    days = [(i.closed - i.opened).total_seconds() / 86400 for i, f in zip(items, known) if f[0] and i.valid and i.closed and i.closed >= i.opened]
    for title, value in {"Incidents": len(items), "Handled": sum(f[0] for f in known), "Closed": sum(f[0] for f in known), "Open": sum(not f[0] for f in known),
                         "Overdue": sum(f[4] for f in known), "Reworked": sum(i.rework for i in items), "Handled (%)": expected["Handled"],
                         "Closed (%)": expected["Closed"], "On time (%)": expected["On time"], "Rework (%)": expected["Rework"],
                         "Days to close, median": quantile(days, 0.5), "Days to close, 90 %": quantile(days, 0.9)}.items():
        same(f"incidents {row['By']} {row['Value']} {title}", row[title], value)
for row in tables["periods"]:
    year, month = map(int, row["Period"].split("-"))
    start = datetime.datetime(year, month, 1, tzinfo=ZONE)
    end = datetime.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ZONE)
    last = datetime.datetime(year - (month == 1), (month + 10) % 12 + 1, 1, tzinfo=ZONE)
    items = [i for i in incidents if inside(i, start, end)]
    before = sum(inside(i, last, start) for i in incidents)
    expected = rates(items, end)
    what = "period " + row["Period"]
    same(what, row["Incidents"], len(items))
    same(what + " before", row["Period before"], before)
    same(what + " change", row["Change"], 100.0 * (len(items) / before - 1) if before else None)
    same(what + " closed", row["Closed in it"], sum(i.closed is not None and start <= i.closed < end for i in incidents))
    same(what + " backlog", row["Backlog at its end"], sum(i.opened < end and not closed_by(i, end) for i in incidents))
    for title in ("Handled", "Closed", "On time", "Rework"):
        same(f"{what} {title}", row[title + " (%)"], expected[title])

# ---------------------------------------------------------------- where

geometry = {f["properties"]["code"]: f["geometry"] for f in json.load(open(cells_path, encoding="utf-8"))["features"]}


def sides(shape):
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    found = set()
    for polygon in polygons:
        for ring in polygon:
            points = [(round(x * 1000), round(y * 1000)) for x, y in ring]
            found |= {frozenset(pair) for pair in zip(points, points[1:]) if pair[0] != pair[1]}
    return found


borders = {cell: sides(shape) for cell, shape in geometry.items()}
near = {a: [b for b in cells if b != a and borders[a] & borders[b]] for a in cells}
counts = {cell: sum(i.cell == cell for i in span) for cell in cells}
n, mean = len(cells), statistics.fmean(counts.values())
spread = math.sqrt(statistics.fmean(v * v for v in counts.values()) - mean * mean)
z = {}
for cell in cells:
    ring = near[cell] + [cell]
    w = len(ring)
    z[cell] = (sum(counts[c] for c in ring) - mean * w) / (spread * math.sqrt((n * w - w * w) / (n - 1))) if w < n and spread else None
p = {cell: math.erfc(abs(v) / math.sqrt(2)) for cell, v in z.items() if v is not None}
ranked = sorted(p.values())
limit = max((v for i, v in enumerate(ranked) if v <= 0.4 * (i + 1) / len(ranked)), default=-1)
LAST, YEAR = FROM - (TO - FROM), FROM.replace(year=2024)
for row in tables["hotspots"]:
    cell = row["Code"]
    what = "hot spots " + cell
    same(what, row["Incidents"], counts[cell])
    same(what + " density", row["Per km²"], counts[cell] / (cells[cell]["area_m2"] / 1e6))
    same(what + " per 1000", row["Per 1 000 households"], 1000 * counts[cell] / cells[cell]["households"])
    same(what + " z", row["Gi* z"], z[cell])
    same(what + " p", row["p"], p.get(cell))
    verdict = None if p.get(cell, 2) > limit else "hot" if z[cell] > 0 else "cold"
    if row["Verdict"] != verdict:
        wrong(f"{what}: {row['Verdict']}, expected {verdict} (p {p.get(cell)}, limit {limit})")
    before = sum(i.cell == cell and inside(i, LAST, FROM) for i in incidents)
    same(what + " before", row["Span before"], before)
    same(what + " change", row["Change"], 100 * (counts[cell] / before - 1) if before else None)
    same(what + " year before", row["Year before"], None)  # the data do not reach back
    same(what + " backlog", row["Backlog"], sum(i.cell == cell and i.opened < TO and not closed_by(i, TO) for i in incidents))

# Where twelve more workers help: cells without anybody first, the largest load before the smaller; then so that the most burdened cell is as little
# burdened as can be. The least possible burden T is the smallest one that twelve workers suffice for: each cell needs load / T of them.
added = {row["Code"]: row["Added workers"] for row in tables["need"]}
if sum(added.values()) != 12:
    wrong(f"what-if: {sum(added.values())} workers are placed")
alone = sorted((c for c in cells if fte_of[c] == 0 and load[c] > 0), key=lambda c: -load[c])
if not all(added.get(c) for c in alone[:12]):
    wrong("what-if: a cell without anybody stays so")


def needed(burden):
    return sum(max(0, math.ceil(load[c] / burden - fte_of[c] - 1e-9)) for c in cells)


if len(alone) < 12:
    burdens = sorted({load[c] / (fte_of[c] + k) for c in cells for k in range(13) if fte_of[c] + k > 0})
    least = next(t for t in burdens if needed(t) <= 12)
    same("what-if: the most burdened cell", max(load[c] / (fte_of[c] + added.get(c, 0)) for c in cells), least)
for row in tables["need"]:
    cell = row["Code"]
    same("what-if " + cell, row["Workload a worker after"], load[cell] / (fte_of[cell] + row["Added workers"]))
    same("what-if before " + cell, row["Workload a worker"], load[cell] / fte_of[cell] if fte_of[cell] else None)

for row in tables["evenness"]:
    level = levels[row["Between"]]
    codes = sorted({own[level] for own in up.values() if level in own})
    figure = {"households": lambda own: sum(cells[c]["households"] for c in own), "people": lambda own: sum(cells[c]["population"] for c in own),
              "incidents": lambda own: sum(counts[c] for c in own), "workload": lambda own: sum(load[c] for c in own)}
    per = row["Of"].endswith(" a worker")
    values = []
    for code in codes:
        own = [c for c in cells if holds(level, code, c)]
        fte = sum(fte_of[c] for c in own)
        value = figure[row["Of"].replace(" a worker", "")](own)
        values += [value / fte] if per and fte else [] if per else [value]
    m = statistics.fmean(values)
    what = f"evenness {level} {row['Of']}"
    same(what + " n", row["Number"], len(values))
    same(what + " mean", row["Mean"], m)
    same(what + " least", row["Least"], min(values))
    same(what + " most", row["Most"], max(values))
    same(what + " cv", row["CV"], statistics.pstdev(values) / m)
    same(what + " gini", row["Gini"], sum(abs(a - b) for a in values for b in values) / (2 * len(values) ** 2 * m))
    same(what + " ratio", row["Most / least"], max(values) / min(values) if min(values) else None)

# ---------------------------------------------------------------- people: roles, service, visits

xy = {row["id"]: (float(row["x"]), float(row["y"])) for row in rows(buildings_path)}
points = [(float(row["x"]), float(row["y"])) for row in rows(facilities_path)]
facility_names = [row["name"] or row["id"] for row in rows(facilities_path)]
served = {b for b, at in xy.items() if min(math.dist(at, f) for f in points) <= 200.0}
seen = [(row["building"], moment(row["time"])) for row in rows(visits_path)]
visited = {b for b, at in seen if FROM <= at < TO}
for row in tables["people"]:
    level, code = levels[row["Level"]], row["Code"]
    own = [c for c in cells if holds(level, code, c)]
    mine = {b for b, v in buildings.items() if level == "all" or v["cell"] in own}
    hh = {b: sum(p[1] for p in people_of[b] if level == "all" or p[0] in own) for b in buildings}
    what = f"people {level} {code}"
    same(what + " roles", row["Roles missing"], sum(max(0, 1 - sum(w[2] == c and w[3] == "网格长" for w in staff)) + max(0, 2 - sum(w[2] == c for w in staff)) for c in own))
    same(what + " served", row["Households served"], sum(hh[b] for b in served if b in hh))
    same(what + " served share", row["Served"], share(sum(hh[b] for b in served if b in hh), sum(hh.values())))
    same(what + " visited", row["Buildings visited"], len(mine & visited))
    same(what + " visited share", row["Buildings visited (%)"], share(len(mine & visited), len(mine)))
    same(what + " households visited", row["Households visited"], sum(hh[b] for b in visited if b in hh))
    if (row["Below the target"] == "yes") != (share(len(mine & visited), len(mine)) < 50):
        wrong(what + ": target")
for row in tables["roles"]:
    own = [w for w in staff if w[2] == row["Code"]]
    lead, all_of = max(0, 1 - sum(w[3] == "网格长" for w in own)), max(0, 2 - len(own))
    text = "; ".join([f"网格长 {lead}"] * (lead > 0) + [f"anybody {all_of}"] * (all_of > 0)) or None
    expected = (len(own), sum(w[1] >= 1 for w in own), lead + all_of, text, "yes" if own and not any(w[1] >= 1 for w in own) else None)
    if tuple(row[t] for t in ("People", "Full-time", "Roles missing", "Which", "Part-time only")) != expected:
        wrong(f"roles {row}, expected {expected}")
for row in tables["service"]:
    mine = [b for b, v in buildings.items() if v["cell"] == row["Code"]]
    ways = [min((math.dist(xy[b], f), i) for i, f in enumerate(points)) for b in mine]
    what = "service " + row["Code"]
    same(what + " mean", row["Mean way (m)"], statistics.fmean(w[0] for w in ways) if ways else None)
    same(what + " longest", row["Longest way (m)"], max(w[0] for w in ways) if ways else None)
    votes = collections.Counter(w[1] for w in ways)
    names = {facility_names[i] for i, n in votes.items() if n == max(votes.values())}
    if row["Nearest facility"] not in names:
        wrong(f"{what}: nearest is {row['Nearest facility']}, not {names}")
    if (row["Nobody served"] == "yes") != (row["Households"] > 0 and not any(b in served for b in people_of if any(p[0] == row["Code"] and p[1] for p in people_of[b]))):
        wrong(what + ": nobody served")
if sum(row["Facilities in the cell"] for row in tables["service"]) > len(points):
    wrong("service: more facilities than there are")
weeks = collections.defaultdict(set)
for building, at in seen:
    if FROM <= at < TO:
        day = at.astimezone(ZONE).date()
        weeks[(day - datetime.timedelta(days=day.weekday())).isoformat()].add(building)
of_cell = {c: {b for b, v in buildings.items() if v["cell"] == c} for c in cells}
if [row["Week from"] for row in tables["visits"]] != sorted(weeks):
    wrong("visits: other weeks")
for row in tables["visits"]:
    own = weeks[row["Week from"]] & set(buildings)
    same("visits " + row["Week from"], row["Buildings visited"], len(own))
    same("visits share " + row["Week from"], row["Buildings (%)"], share(len(own), len(buildings)))
    same("visits households " + row["Week from"], row["Households visited"], sum(buildings[b]["households"] or 0 for b in own) if len(own) > 1 else None)
    same("visits below " + row["Week from"], row["Cells below the target"], sum(share(len(own & of_cell[c]), len(of_cell[c])) < 10 for c in cells))
for row in tables["visit_weeks"]:
    cell = row["Code"]
    for week, own in weeks.items():
        same(f"visits {cell} {week}", row[week], share(len(own & of_cell[cell]), len(of_cell[cell])))
    same(f"visits {cell} below", row["Weeks below the target"], sum(share(len(own & of_cell[cell]), len(of_cell[cell])) < 10 for own in weeks.values()))

# ---------------------------------------------------------------- data

raw = {"incidents": incidents_path, "workers": workers_path, "visits": visits_path}
for row in tables["completeness"]:
    if row["Layer"] in raw:
        values = [r.get(row["Field"]) for r in rows(raw[row["Layer"]])]
        filled = [v for v in values if v]
        same(f"{row['Layer']}.{row['Field']} rows", row["Rows"], len(values))
        same(f"{row['Layer']}.{row['Field']} filled", row["Filled"], len(filled))
        if row["Field"] in ("opened", "closed", "due", "time"):
            if (row["Oldest"], row["Newest"]) != (min(filled)[:10], max(filled)[:10]):
                wrong(f"{row['Layer']}.{row['Field']}: from {row['Oldest']} to {row['Newest']}")
            same(f"{row['Field']} age", row["Age (days)"], (datetime.date(2025, 9, 30) - datetime.date.fromisoformat(row["Newest"])).days)
for row in tables["cells"]:
    if row["Code"] in cells:
        own = cells[row["Code"]]
        for title, field in {"Households": "households", "People": "population", "Registered": "registered", "Floating": "floating", "Buildings": "buildings"}.items():
            same(f"cells {row['Code']} {title}", row[title], own[field])
        same(f"cells {row['Code']} area", row["Area (ha)"], own["area_m2"] / 1e4)
for row in tables["limits"]:
    value = cells[row["Code"]]["households"]
    verdict = "below a limit" if value < 150 else "above a limit" if value > 300 else "within limits"
    if row["Limit on"] == "households" and (row["Result"] != verdict or row["Value"] != value):
        wrong(f"limits {row['Code']}: {row['Value']}, {row['Result']}")
print(f"{sum(len(t) for t in tables.values())} rows of {len(tables)} tables")
sys.exit(1 if problems else 0)
