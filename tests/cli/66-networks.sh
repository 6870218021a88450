#!/usr/bin/env bash
# Networks of several departments over the same land, drawn at random with gaps and overlaps, compared with each other. All cells are upright
# rectangles, so that every figure can be computed here without a geometry library: areas by sides, buildings one by one.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs python3
cat >networks.py <<'END'
import csv, itertools, json, os, random, subprocess, sys

X, Y, WIDE, HIGH = 500000, 4400000, 1200, 900
choose = random.Random(int(sys.argv[1]))


def clip(a, b):
    x0, y0, x1, y1 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def area(a):
    return 0 if a is None else (a[2] - a[0]) * (a[3] - a[1])


def cut(box, depth):
    across = box[2] - box[0] > box[3] - box[1]
    if depth == 0 or (depth < 4 and choose.random() < 0.15):
        return [box]
    low, high = (box[0], box[2]) if across else (box[1], box[3])
    at = round(low + (high - low) * choose.uniform(0.3, 0.7))
    return cut((box[0], box[1], at, box[3]) if across else (box[0], box[1], box[2], at), depth - 1) + \
        cut((at, box[1], box[2], box[3]) if across else (box[0], at, box[2], box[3]), depth - 1)


def network(name, cells):
    features = [{"type": "Feature", "properties": {"code": f"{name}{i:02}"}, "geometry": {"type": "Polygon", "coordinates": [[
        [X + c[0], Y + c[1]], [X + c[2], Y + c[1]], [X + c[2], Y + c[3]], [X + c[0], Y + c[3]], [X + c[0], Y + c[1]]]]}}
        for i, c in enumerate(cells)]
    write(name + ".geojson", features)


def write(path, features):
    json.dump({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32649"}},
               "features": features}, open(path, "w"))


def drawn(cells):
    """Some sides a few metres off: gaps and overlaps."""
    out = []
    for c in cells:
        c, side = list(c), choose.randrange(4)
        if choose.random() < 0.4 and (c[side] not in (0, WIDE if side % 2 == 0 else HIGH)):
            c[side] += choose.choice([-1, 1]) * choose.randrange(4, 30)
        out.append(tuple(c))
    return out


first = cut((0, 0, WIDE, HIGH), 4)
layers = {"A": drawn(first), "B": drawn(cut((0, 0, WIDE, HIGH), 4)),
          "C": [half for c in first for half in (cut(c, 1) if choose.random() < 0.5 else [c])]}  # nests in what A was meant to be
buildings = []
for i in range(260):
    x, y, w, h = choose.uniform(1, WIDE - 30), choose.uniform(1, HIGH - 30), choose.uniform(6, 24), choose.uniform(6, 24)
    buildings.append(((x, y, x + w, y + h), choose.randrange(31), choose.randrange(90)))
for name, cells in layers.items():
    network(name, cells)
write("buildings.geojson", [{"type": "Feature", "properties": {"id": str(i), "households": b[1], "population": b[2]}, "geometry": {
    "type": "Polygon", "coordinates": [[[X + b[0][k], Y + b[0][m]] for k, m in ((0, 1), (2, 1), (2, 3), (0, 3), (0, 1))]]}}
    for i, b in enumerate(buildings)])

names = list(layers)
done = subprocess.run([os.environ["WANGGE"], "compare", *(n + ".geojson" for n in names), "--buildings", "buildings.geojson", "--json",
                       "--overwrite", "-o", "out"], capture_output=True, text=True)
assert done.returncode == 0, done.stderr
pairs = json.loads(done.stdout)["pairs"]


def cell_of(cells, building):
    """The cell with the largest part of it, the first where it lies wholly in two."""
    best = max(range(len(cells)), key=lambda i: (round(area(clip(cells[i], building)), 6), -i))
    return best if area(clip(cells[best], building)) > 0 else None


def cover(cells):
    """Land in no cell but enclosed by them, land in several: on the grid of all sides."""
    xs = sorted({c[0] for c in cells} | {c[2] for c in cells}), sorted({c[1] for c in cells} | {c[3] for c in cells})
    count = {(i, j): sum(c[0] <= xs[0][i] and xs[0][i + 1] <= c[2] and c[1] <= xs[1][j] and xs[1][j + 1] <= c[3] for c in cells)
             for i in range(len(xs[0]) - 1) for j in range(len(xs[1]) - 1)}
    size = {at: (xs[0][at[0] + 1] - xs[0][at[0]]) * (xs[1][at[1] + 1] - xs[1][at[1]]) for at in count}
    open_to = [at for at, n in count.items() if n == 0 and
               (at[0] in (0, len(xs[0]) - 2) or at[1] in (0, len(xs[1]) - 2))]
    seen = set(open_to)
    while open_to:
        i, j = open_to.pop()
        for near in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
            if count.get(near) == 0 and near not in seen:
                seen.add(near)
                open_to.append(near)
    return (sum(size[at] for at, n in count.items() if n == 0 and at not in seen), sum(size[at] for at, n in count.items() if n > 1))


def table(name):
    return list(csv.DictReader(open(f"out/{name}.csv", encoding="utf-8-sig")))


def near(got, wanted, why, slack=1e-6):
    assert abs(float(got or 0) - wanted) <= slack * (1 + abs(wanted)), (why, got, wanted)


homes = {n: [cell_of(layers[n], b[0]) for b in buildings] for n in names}
for (one, two), pair in zip(itertools.combinations(names, 2), pairs):
    a, b, suffix = layers[one], layers[two], "" if (one, two) == ("A", "B") else f"_{names.index(one) + 1}_{names.index(two) + 1}"
    crosswalk, ledger, letters = table("crosswalk" + suffix), table("ledger" + suffix), table("letters" + suffix)
    # The crosswalk: every pair's land, households and people.
    people = {}
    for building, i, j in zip(buildings, homes[one], homes[two]):
        sums = people.setdefault((i, j), [0, 0])
        sums[0] += building[1]
        sums[1] += building[2]
    code = lambda name, i: "" if i is None else f"{name}{i:02}"
    rows = {(r["old"], r["new"]): r for r in crosswalk}
    assert len(rows) == len(crosswalk)
    for i, j in itertools.product(range(len(a)), range(len(b))):
        row, land = rows.get((code(one, i), code(two, j))), area(clip(a[i], b[j]))
        mine = people.get((i, j), [0, 0])
        assert row is not None or (land < 0.01 and mine == [0, 0]), (i, j, land, mine)
        if row is not None:
            near(row["area_m2"], land, (one, i, two, j, "area"), 1e-5)
            near(row["households"], mine[0], (i, j))
            near(row["population"], mine[1], (i, j))
    # Shares of every old cell sum to one: by area where its new cells do not overlap, always by households and people.
    for i, cell in enumerate(a):
        own = [r for r in crosswalk if r["old"] == code(one, i)]
        held = [sum(b[k] for b, home in zip(buildings, homes[one]) if home == i) for k in (1, 2)]
        for column, whole in (("hh_pct", held[0]), ("pop_pct", held[1])):
            near(sum(float(r[column] or 0) for r in own), 100 if whole > 0 else 0, (one, i, column))
        twice = sum(area(clip(clip(cell, x), y)) for x, y in itertools.combinations([c for c in b if clip(cell, c)], 2) if clip(cell, x))
        if twice == 0:
            near(sum(float(r["area_pct"] or 0) for r in own), 100, (one, i, "area_pct"), 1e-5)
    # The ledger: who stays, leaves and comes adds up, and to all of them; the pairing keeps as many as can stay.
    for r in ledger:
        if r["hh_old"]:
            near(float(r["hh_stay"]) + float(r["hh_out"]), float(r["hh_old"]), r)
            near(float(r["pop_stay"]) + float(r["pop_out"]), float(r["pop_old"]), r)
        if r["hh_new"]:
            near(float(r["hh_stay"]) + float(r["hh_in"]), float(r["hh_new"]), r)
            near(float(r["pop_stay"]) + float(r["pop_in"]), float(r["pop_new"]), r)
    in_old = sum(b[1] for b, home in zip(buildings, homes[one]) if home is not None)
    in_new = sum(b[1] for b, home in zip(buildings, homes[two]) if home is not None)
    near(sum(float(r["hh_old"] or 0) for r in ledger), in_old, "old")
    near(sum(float(r["hh_new"] or 0) for r in ledger), in_new, "new")
    out = sum(float(r["hh_out"] or 0) for r in ledger)
    into = sum(float(r["hh_in"] or 0) for r in ledger)
    near(in_old - out, in_new - into, "who stays, seen from both sides")
    near(pair["moved_households"], out, "moved")
    near(pair["moved_population"], sum(float(r["pop_out"] or 0) for r in ledger), "moved people")
    for r in ledger:
        if r["area_stay"] and float(r["area_stay"]) > 0:
            near(r["area_stay"], area(clip(a[int(r["old"][1:])], b[int(r["new"][1:])])), r, 1e-5)
    partner = {r["old"]: r["new"] for r in crosswalk if r["continues"] == "yes"}
    assert len(set(partner.values())) == len(partner)
    stay = sum(v[0] for (i, j), v in people.items() if i is not None and partner.get(code(one, i), "-") == code(two, j))
    near(in_old - out, stay, "stay")
    for letter, building, i, j in zip(sorted(letters, key=lambda r: int(r["building"])), buildings, homes[one], homes[two]):
        assert (letter["old"], letter["new"]) == (code(one, i), code(two, j)), (letter, i, j)
        assert int(letter["households"]) == building[1]
        assert (letter["changed"] == "yes") == (partner.get(code(one, i), "") != code(two, j)), letter
    # How far each is from nesting in the other; gaps; overlaps.
    for x, y, key in ((one, two, "not_nested"), (two, one, "not_nested_back")):
        whole, loose = 0, 0
        for i in range(len(layers[x])):
            parts = {}
            for building, m, n in zip(buildings, homes[x], homes[y]):
                if m == i:
                    parts[n] = parts.get(n, 0) + building[1]
            whole += sum(parts.values())
            loose += sum(parts.values()) if max([v for n, v in parts.items() if n is not None], default=0) < 0.999 * sum(parts.values()) else 0
        near(pair[key], loose / whole, key)
    for cells, tail in ((a, "_old"), (b, "")):
        gap, overlap = cover(cells)
        near(pair["gap_m2" + tail], gap, "gap" + tail, 1e-4)
        near(pair["overlap_m2" + tail], overlap, "overlap" + tail, 1e-4)
    kept = [r["old"] for r in ledger if r["change"] == "kept"]
    near(pair["agree_households"], sum(float(r["hh_old"]) for r in ledger if r["change"] == "kept"), "agree")
    assert pair["changes"]["kept"] == len(kept)
    for r in ledger:
        if r["change"] == "kept":
            i, j = int(r["old"][1:]), int(r["new"][1:])
            off = area(a[i]) + area(b[j]) - 2 * area(clip(a[i], b[j]))
            assert off < 2 * (a[i][2] - a[i][0] + a[i][3] - a[i][1]), r  # less than a metre along its lines
nesting = table("nesting")
assert len(nesting) == 2 * sum(len(c) for c in layers.values())
END
export WANGGE
for seed in 1 2 3 4 5 6; do
    expect 0 python3 networks.py "$seed"
done
done_testing
