#!/usr/bin/env bash
# Households and people from census cells, community totals and a raster of counts: recomputed here, building by building.
set -u
source "$WG_TESTS/lib.sh"
needs python3 ogr2ogr gdal_translate
cat >city.py <<'END'
"""make: 400 buildings in 5 x 4 squares of 200 m, totals, a raster. check: what wangge made of them, against the rules in words of its manual."""
import csv, random, sys
from fractions import Fraction

X, Y, SIDE = 500000, 2500000, 200
USES = {"住宅": Fraction(1), "商业": Fraction(0), "商住两用": Fraction(6, 10), "": Fraction(1)}
random.seed(11)
rows = []
for i in range(400):
    zone = random.randrange(20)
    w, h = random.randint(8, 40), random.randint(8, 20)
    x = X + SIDE * (zone % 5) + random.randint(2, SIDE - 45)
    y = Y + SIDE * (zone // 5) + random.randint(2, SIDE - 25)
    rows.append({"id": f"B{i}", "zone": zone, "x": x, "y": y, "w": w, "h": h, "floors": random.randint(1, 30), "use": random.choice(list(USES))})
totals = [{"code": f"Z{z}", "households": random.randint(0, 900), "registered": random.randint(0, 2000), "floating": random.randint(0, 700)} for z in range(20)]
counts = [round(random.uniform(0, 900), 2) for _ in range(20)]


def box(x, y, w, h):
    return f"POLYGON(({x} {y},{x + w} {y},{x + w} {y + h},{x} {y + h},{x} {y}))"


def make():
    with open("b.csv", "w", encoding="utf-8") as out:
        print("WKT,id,floors,use,community", file=out)
        for r in rows:
            print(f'"{box(r["x"], r["y"], r["w"], r["h"])}",{r["id"]},{r["floors"]},{r["use"]},z{r["zone"]}', file=out)
    with open("z.csv", "w", encoding="utf-8") as out:
        print("WKT,code,households,registered,floating", file=out)
        for z, t in enumerate(totals):
            print(f'"{box(X + SIDE * (z % 5), Y + SIDE * (z // 5), SIDE, SIDE)}",{t["code"]},{t["households"]},{t["registered"]},{t["floating"]}', file=out)
    with open("r.asc", "w", encoding="ascii") as out:
        print(f"ncols 5\nnrows 4\nxllcorner {X}\nyllcorner {Y}\ncellsize {SIDE}\nNODATA_value -9999", file=out)
        for line in range(3, -1, -1):
            print(" ".join(str(c) for c in counts[5 * line:5 * line + 5]), file=out)


def weight(r):
    return r["w"] * r["h"] * r["floors"] * USES[r["use"]]


def apportion(total, weights):
    """Largest remainders; ties go to the first."""
    whole = sum(weights)
    quota = [Fraction(total) * w / whole for w in weights]
    share = [int(q) for q in quota]
    order = sorted(range(len(weights)), key=lambda i: (-(quota[i] - share[i]), i))
    for i in order[:total - sum(share)]:
        share[i] += 1
    return share


def number(text):
    return int(float(text)) if text else 0


def check(path):
    made = {r["id"]: r for r in csv.DictReader(open(path, encoding="utf-8-sig"))}
    wrong = 0
    for z, t in enumerate(totals):
        own = [r for r in rows if r["zone"] == z]
        lived = [r for r in own if weight(r) > 0] or own
        for field in ("households", "registered", "floating"):
            got = [number(made[r["id"]][field]) for r in own]
            assert sum(got) == t[field], (t["code"], field, sum(got), t[field])
            wanted = dict(zip([r["id"] for r in lived], apportion(t[field], [weight(r) for r in lived])))
            wrong += sum(number(made[r["id"]][field]) != wanted.get(r["id"], 0) for r in own)
        for r in own:
            assert number(made[r["id"]]["population"]) == number(made[r["id"]]["registered"]) + number(made[r["id"]]["floating"]), r["id"]
            assert made[r["id"]]["fig_from"] == (f"zone:Z{z}" if weight(r) > 0 else "excluded"), made[r["id"]]
    print("wrong", wrong)


def check_raster(path):
    made = {r["id"]: r for r in csv.DictReader(open(path, encoding="utf-8-sig"))}
    total = sum(number(r["population"]) for r in made.values())
    assert total == round(sum(counts)), (total, sum(counts))
    for z in range(20):
        own = [r for r in rows if r["zone"] == z and weight(r) > 0]
        whole = sum(weight(r) for r in own)
        for r in own:
            quota = Fraction(counts[z]) * weight(r) / whole
            assert abs(number(made[r["id"]]["population"]) - quota) <= 1, (r["id"], float(quota), made[r["id"]])
    print("total", total)


{"make": make, "check": lambda: check(sys.argv[2]), "raster": lambda: check_raster(sys.argv[2])}[sys.argv[1]]()
END
python3 city.py make
ogr2ogr -f GPKG -a_srs EPSG:32649 -oo GEOM_POSSIBLE_NAMES=WKT -oo KEEP_GEOM_COLUMNS=NO -oo AUTODETECT_TYPE=YES b.gpkg b.csv -nln buildings
ogr2ogr -f GPKG -a_srs EPSG:32649 -oo GEOM_POSSIBLE_NAMES=WKT -oo KEEP_GEOM_COLUMNS=NO -oo AUTODETECT_TYPE=YES z.gpkg z.csv -nln zones
gdal_translate -q -ot Float32 -a_srs EPSG:32649 r.asc r.tif

# Census cells; households, registered and floating apart.
expect 0 "$WANGGE" populate --buildings b.gpkg --totals z.gpkg -o by_zone.csv
is "every building as recomputed" "$(python3 city.py check by_zone.csv)" "wrong 0"

# The same totals as a table by community, without geometry.
python3 - <<'END'
import csv
with open("t.csv", "w", encoding="gb18030") as out:
    print("社区,户数,户籍人口,流动人口", file=out)
    for r in csv.DictReader(open("z.csv", encoding="utf-8")):
        print(f'{r["code"].lower()},{r["households"]},{r["registered"]},{r["floating"]}', file=out)
END
expect 0 "$WANGGE" populate --buildings b.gpkg --totals t.csv -o by_table.csv
sed 's/zone:z/zone:Z/' by_table.csv >by_table2.csv
is "every building as recomputed" "$(python3 city.py check by_table2.csv)" "wrong 0"

# A GeoTIFF of counts that are no whole numbers.
expect 0 "$WANGGE" populate --buildings b.gpkg --totals r.tif -o by_raster.csv
has .stdout "population"
ok "the raster's people, all of them, each building within one of its share" python3 city.py raster by_raster.csv

# Known figures stay, and tell how far the model is off.
ogr2ogr -f GPKG -sql "select *, case when rowid % 10 = 0 then 7 end as households from buildings" -dialect SQLite known.gpkg b.gpkg -nln buildings
expect 0 "$WANGGE" populate --buildings known.gpkg --totals z.gpkg -o known.csv
stdout_has "compared with the own figures of 40 buildings: the model is off by"
is "known figures" "$(python3 -c "import csv; print(sum(r['fig_from'] == 'given' and float(r['households']) == 7 for r in csv.DictReader(open('known.csv', encoding='utf-8-sig'))))")" 40
done_testing
