"""Try to find out what a report hides. report_suppressed.py PLAN OPEN HIDDEN N

OPEN is the report of the plan without suppression, HIDDEN the same with --suppress N. Every figure of HIDDEN is a variable; what its layers and
tables say of each other are equations: sums up every tree, open + closed, classes and their total, the weighted workload, figures a worker, a km²,
a thousand households, the chain of backlogs. Elimination over a prime field tells which hidden figures these equations determine. The structure
comes from the plan and the open report; no value of a hidden figure is used."""
import csv
import glob
import json
import os
import re
import sqlite3
import sys

plan, opened, hidden = sys.argv[1:4]
least = float(sys.argv[4])
PRIME = (1 << 61) - 1
problems = 0


def wrong(text):
    global problems
    problems += 1
    if problems < 40:
        print("not ok:", text)


def tables(report):
    text = open(f"{report}/index.html", encoding="utf-8").read()
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S).group(1))
    return {t["id"]: ([c["t"] for c in t["c"]], t["r"]) for t in data["tables"]}


def layer(report, name):
    with open(f"{report}/{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return None if text in ("", None) else float(text)


class World:
    """All figures that a report shows, by (figure, area) and for the tables by (table, row, column)."""

    def __init__(self, report):
        self.shown = {}
        self.level = {}
        self.tables = tables(report)
        for path in sorted(glob.glob(f"{report}/coverage*.csv") + glob.glob(f"{report}/workload*.csv")):
            name = os.path.basename(path)[:-4]
            if name.endswith(".fields"):
                continue
            for row in layer(report, name):
                area = (row["level"], row["code"])
                self.level.setdefault(row["level"], set()).add(row["code"])
                for field in row:
                    if field not in ("code", "level", "grade"):
                        self.put(field, area, number(row[field]))
        levels = {"Cell": "cell", "Group": "group", "Community": "community", "Street": "street", "District": "district", "All": "all", "team": "team"}
        names = {"Registered": "registered", "Floating": "floating", "Households visited": "visit_hh", "Households served": "svc_hh", "Organisations": "org"}
        for table in ("workload", "people"):
            head, rows = self.tables.get(table, ([], []))
            for row in rows:
                area = (levels[row[0]], row[1])
                for title, figure in names.items():
                    if title in head:
                        self.put(figure, area, row[head.index(title)])
        head, rows = self.tables.get("classes", ([], []))
        self.classes = [t for t in head[4:] if not t.startswith("Organisations") and not t.endswith(" a worker")]
        for row in rows:
            for title in self.classes:
                self.put("class " + title, (levels[row[0]], row[1]), row[head.index(title)])
        head, rows = self.tables.get("hotspots", ([], []))
        for row in rows:
            for title, figure in {"Backlog": "backlog", "Span before": "before", "Year before": "year"}.items():
                self.put(figure, ("cell", row[head.index("Code")]), row[head.index(title)])

    def put(self, figure, area, value):
        have = self.shown.get((figure, area))
        if have is not None and value is not None and abs(have - value) > 0.006 * max(1, abs(have)):
            wrong(f"{figure} of {area} is told twice, as {have} and as {value}")
        # What any table shows is shown.
        self.shown[(figure, area)] = value if have is None else have


truth, quiet = World(opened), World(hidden)

# ---------------------------------------------------------------- no small count is shown

COUNTS = ["hh", "hh_in", "pop", "pop_in", "svc_hh", "inc", "inc_open", "inc_closed", "inc_late", "org", "special", "registered", "floating",
          "visit_hh", "backlog", "before", "year"] + ["class " + name for name in truth.classes]
total = seen = 0
for (figure, area), value in quiet.shown.items():
    if figure in COUNTS:
        total += truth.shown.get((figure, area)) is not None
        seen += value is not None
        if value is not None and 0 < value < least:
            wrong(f"{figure} of {area} is shown: {value}")
        if value is not None and abs(value - (truth.shown[(figure, area)] or 0)) > 1e-6 * max(1, value):
            wrong(f"{figure} of {area} is {value}, not {truth.shown[(figure, area)]}")
for table, titles in {"cells": ["Households", "People", "Registered", "Floating"], "coverage": ["Households", "Households covered", "People", "People covered"],
                      "incidents": ["Incidents", "Handled", "Closed", "Open", "Overdue", "Reworked"], "periods": ["Incidents", "Closed in it", "Backlog at its end"],
                      "visits": ["Households visited"], "changes": ["Households before", "Households after", "Households moved out", "Households moved in",
                                                                    "People before", "People after", "People moved out", "People moved in"],
                      "ledger": ["Number"], "service": ["Households", "Households served"]}.items():
    head, rows = quiet.tables.get(table, ([], []))
    for row in rows:
        for title in titles:
            value = row[head.index(title)]
            if value is not None and 0 < value < least:
                wrong(f"{table}: {title} of {row[:3]} is shown: {value}")
if seen < 0.3 * total:
    wrong(f"only {seen} of {total} figures are left: hiding everything is no report")

# The GeoPackage tells no more.
base = sqlite3.connect(f"{hidden}/report.gpkg")
for (name,) in base.execute("SELECT table_name FROM gpkg_contents WHERE table_name NOT LIKE 'layer_styles'").fetchall():
    columns = [c[1] for c in base.execute(f'PRAGMA table_info("{name}")')]
    for field in set(columns) & {"hh", "hh_in", "pop", "pop_in", "households", "population", "registered", "floating", "inc", "inc_open", "inc_closed", "inc_late", "svc_hh",
                                 "org", "special"}:
        for (value,) in base.execute(f'SELECT "{field}" FROM "{name}" WHERE "{field}" > 0 AND "{field}" < {least}'):
            wrong(f"report.gpkg: {name}.{field} shows {value}")
    if name == "buildings" and {"households", "population"} & set(columns):
        if base.execute("SELECT count(*) FROM buildings WHERE households IS NOT NULL OR population IS NOT NULL").fetchone()[0]:
            wrong("households of single buildings are told")

# ---------------------------------------------------------------- equations

rows = []  # each a dict of hidden variables; what is shown falls out
variables = {}


def term(figure, area):
    """A variable that is hidden, or None where it is shown or was never there."""
    key = (figure, area)
    if quiet.shown.get(key) is not None or truth.shown.get(key) is None:
        return None
    return variables.setdefault(key, len(variables))


def equation(terms):
    """terms: (coefficient, figure, area), or (coefficient, variable number)."""
    row = {}
    for item in terms:
        at = item[1] if len(item) == 2 else term(item[1], item[2])
        if at is not None:
            row[at] = (row.get(at, 0) + item[0]) % PRIME
    row = {k: v for k, v in row.items() if v}
    if row:
        rows.append(row)


def unknown(name):
    return variables.setdefault(name, len(variables))


base = sqlite3.connect(plan)
up = {}  # a cell's areas
parents = {code: (level, parent) for code, level, parent in base.execute("SELECT code, level, parent FROM levels")}
communities = [code for (code,) in base.execute("SELECT code FROM communities")]


def climb(code, into):
    while code in parents:
        into.setdefault(parents[code][0], code)
        code = parents[code][1]


for code, community, group in base.execute("SELECT code, community, grp FROM cells"):
    own = {"cell": code, "community": community, "all": "ALL"}
    climb(group, own)
    climb(community, own)
    up[code] = own
levels = [l for l in truth.level if l != "cell"]
inside = {}  # the areas that lie wholly in an area, by level
for low in truth.level:
    for high in levels:
        if low in ("all", high):
            continue
        over = {}
        for own in up.values():
            if low in own:
                over.setdefault(own[low], set()).add(own.get(high))
        for part, wholes in over.items():
            if len(wholes) == 1 and None not in wholes:
                inside.setdefault((high, wholes.copy().pop(), low), []).append(part)

# What lies in an area but in none of its parts is told nowhere. A large rest may be guessed all the same (most of the data), so it counts as
# known, unless a figure that goes with it has a small one: then nobody can tell the one from the other.
TOGETHER = [("pop", "registered", "floating"), ("inc_open", "inc_closed", "inc_late"), ("svc_hh", "visit_hh", "org")]


def rest_of(figure, high, whole, low, parts):
    return (truth.shown.get((figure, (high, whole))) or 0) - sum(truth.shown.get((figure, (low, part))) or 0 for part in parts)


for (high, whole, low), parts in inside.items():
    own = [cell for cell, areas in up.items() if areas.get(high) == whole]
    if low != "cell" and any(up[cell].get(low) not in parts for cell in own):
        continue  # what is left are cells, and sums of cells are there
    for figure in ["hh", "hh_in", "pop", "pop_in", "svc_hh", "inc", "inc_open", "inc_closed", "inc_late", "org", "special", "registered", "floating",
                   "visit_hh"] + ["class " + name for name in truth.classes]:
        value = truth.shown.get((figure, (high, whole)))
        if value is None:
            continue
        family = next((f for f in TOGETHER if figure in f), (figure,))
        rest = rest_of(figure, high, whole, low, parts)
        guarded = any(0 < abs(rest_of(f, high, whole, low, parts)) < least for f in family)
        terms = [(1, figure, (high, whole))] + [(PRIME - 1, figure, (low, part)) for part in parts]
        if guarded and abs(rest) > 1e-9:
            terms.append((PRIME - 1, unknown(("rest", figure, high, whole, low))))
        equation(terms)
areas = [(level, code) for level, codes in truth.level.items() for code in codes]
for area in areas:
    equation([(1, "inc", area), (PRIME - 1, "inc_open", area), (PRIME - 1, "inc_closed", area)])
    if truth.classes:
        equation([(1, "special", area)] + [(PRIME - 1, "class " + name, area) for name in truth.classes])
    if area[0] == "cell":
        equation([(1, "hh", area), (PRIME - 1, "hh_in", area)])
        equation([(1, "pop", area), (PRIME - 1, "pop_in", area)])
    people = [truth.shown.get((f, area)) for f in ("pop_in", "registered", "floating")]
    if None not in people and abs(people[0] - people[1] - people[2]) < 1e-9:
        equation([(1, "pop_in", area), (PRIME - 1, "registered", area), (PRIME - 1, "floating", area)])
    # 2 load = 2 hh_in + floating + 4 incidents in cells
    cells = [code for code, own in up.items() if own.get(area[0]) == area[1]]
    if quiet.shown.get(("load", area)) is not None:
        equation([(2, "hh_in", area), (1, "floating", area)] + [(4, "inc", ("cell", cell)) for cell in cells])
    for share, figure in {"hh_fte": "hh", "pop_fte": "pop", "svc_pct": "svc_hh"}.items():
        if quiet.shown.get((share, area)) is not None and quiet.shown.get((figure, area)) is None:
            wrong(f"{share} of {area} tells {figure}")
    if quiet.shown.get(("load_idx", area)) is not None and quiet.shown.get(("load", area)) is None:
        wrong(f"load_idx of {area} tells load")
head, table = quiet.tables.get("hotspots", ([], []))
for row in table:
    if row[head.index("Incidents")] is None and any(row[head.index(t)] is not None for t in ("Per km²", "Per 1 000 households", "Gi* z", "p", "Verdict", "Change")):
        wrong(f"hot spots: {row[0]} is told by its density or score")
head, table = quiet.tables.get("periods", ([], []))
before = None
for i, row in enumerate(table):
    get = dict(zip(head, row))
    names = {"Incidents": ("opened", i), "Closed in it": ("closed", i), "Backlog at its end": ("backlog", i)}
    own = {t: None if get[t] is not None else unknown(("period",) + n) for t, n in names.items()}
    if before is not None:
        equation([(1, v) for v in (own["Backlog at its end"],) if v is not None] + [(PRIME - 1, v) for v in (before, own["Incidents"]) if v is not None] +
                 [(1, v) for v in (own["Closed in it"],) if v is not None])
    before = own["Backlog at its end"] if own["Backlog at its end"] is not None else None
    if i + 1 < len(table) and dict(zip(head, table[i + 1]))["Period before"] is not None and get["Incidents"] is None:
        wrong(f"periods: {row[0]} is told by the next one")
equation([(1, variables[k]) for k in list(variables) if k[0] == "period" and k[1] == "opened"])
for table_name, kinds in {"incidents": ("Category", "Route", "Severity")}.items():
    head, table = quiet.tables.get(table_name, ([], []))
    for kind in kinds:
        for title in ("Incidents", "Handled", "Closed", "Open", "Overdue", "Reworked"):
            equation([(1, unknown(("word", title, kind, row[1]))) for row in table if row[0] == kind and row[head.index(title)] is None])

# ---------------------------------------------------------------- elimination

pivots = {}
for row in rows:
    while row:
        lead = min(row)
        if lead not in pivots:
            inverse = pow(row[lead], PRIME - 2, PRIME)
            pivots[lead] = {k: v * inverse % PRIME for k, v in row.items()}
            break
        factor = row[lead]
        for k, v in pivots[lead].items():
            value = (row.get(k, 0) - factor * v) % PRIME
            if value:
                row[k] = value
            else:
                row.pop(k, None)
names = {v: k for k, v in variables.items()}
for lead in sorted(pivots, reverse=True):  # back from the last: a reduced row with one entry determines it
    row = pivots[lead]
    for k in sorted(row):
        if k != lead and k in pivots and k in row:
            factor = row[k]
            for j, v in pivots[k].items():
                value = (row.get(j, 0) - factor * v) % PRIME
                if value:
                    row[j] = value
                else:
                    row.pop(j, None)
    if len(row) == 1:
        name = names[lead]
        value = truth.shown.get(name) if len(name) == 2 else None
        # A hidden nothing that follows from other nothings is no small count.
        if len(name) == 2 and value:
            wrong(f"{name} can be computed: {value}")
        elif name[0] in ("rest", "period", "word"):
            wrong(f"{name} can be computed")
print(f"{len(names)} hidden figures, {len(rows)} equations, {seen} of {total} counts shown")
sys.exit(1 if problems else 0)
