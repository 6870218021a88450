#!/usr/bin/env bash
# A report from a plan: every form, every figure a second way, the page in a browser, other programs open the rest.
source "$WG_SOURCE_DIR/tests/cli/lib.sh"
needs python3 ogrinfo
small=$WG_SOURCE_DIR/datasets/small
tests=$WG_SOURCE_DIR/tests/cli
expect 0 "$WANGGE" partition --communities "$small/communities.geojson" --buildings "$small/buildings.geojson" \
    --barriers "$small/roads.geojson" --compounds "$small/compounds.geojson" --households 150:300 -o plan.sqlite
inputs=(--incidents "$small/incidents.csv" --workers "$small/workers.csv" --visits "$small/visits.csv" --facilities "$small/facilities.geojson")

expect 0 "$WANGGE" report plan.sqlite "${inputs[@]}" --period month --json -o report
cp .stdout report.json
ok "every sum reconciles" python3 -c "import json; d=json.load(open('report.json')); assert d['checks'] and all(c['good'] for c in d['checks'])"
for file in index.html report.xlsx report.gpkg report.qgs maps.pdf coverage.geojson coverage.shp coverage.csv workload.geojson workload.shp \
    workload.csv coverage_community.csv workload_all.csv; do
    ok "$file is there" test -s "report/$file"
done

# The figures again, from the raw inputs; incidents are located by the other command.
expect 0 "$WANGGE" assign --cells "plan.sqlite|layername=cells" --features "$small/incidents.csv" -o located.csv
ok "every figure, recomputed" python3 "$tests/report_again.py" plan.sqlite report "$small/incidents.csv" "$small/workers.csv"

# The same bytes again.
expect 0 "$WANGGE" report plan.sqlite "${inputs[@]}" --period month --threads 1 -o again
ok "the same bytes in every file" diff -rq report again

# An existing directory is refused, another's is never replaced.
expect 1 "$WANGGE" report plan.sqlite -o report
mkdir other && echo mine >other/file
expect 1 "$WANGGE" report plan.sqlite --overwrite -o other
ok "another's directory stays" test "$(cat other/file)" = mine

# Only what was asked for; wrong options.
expect 0 "$WANGGE" report plan.sqlite --format csv -o only
ok "only CSV" bash -c '! ls only | grep -v "\.csv$"'
expect 2 "$WANGGE" report plan.sqlite --format tiff -o x
expect 2 "$WANGGE" report plan.sqlite --period day -o x
printf 'loads: {household: 1}\n' >wrong.yaml
expect 1 "$WANGGE" report plan.sqlite --rules wrong.yaml -o x
stderr_has "wrong.yaml:1"
ok "nothing half-written is left" test ! -e x

# Harm in names: markup, formulas, line breaks.
cat >evil.csv <<'CSV'
id,category,status,opened,due,closed,lon,lat
"<script>window.harmed=1</script>","<img src=x onerror=window.harmed=1>",closed,2025-01-08T09:06+08:00,2025-01-09T09:06+08:00,2025-01-08T23:03+08:00,113.199421,23.101284
"=HYPERLINK(""http://x"")","=1+1",open,2025-01-08T09:06+08:00,,,113.199421,23.101284
"a
b","</script><b>",open,2025-02-08T09:06+08:00,,,0,0
CSV
expect 0 "$WANGGE" report plan.sqlite --incidents evil.csv --lang zh -o evil
ok "no markup from the data" bash -c '! grep -q "<script>window.harmed" evil/index.html && ! grep -q "<img src=x" evil/index.html'

ok "nothing is a formula in the workbook" bash -c 'unzip -p evil/report.xlsx "xl/worksheets/*.xml" | grep -c "<f>" | grep -qx 0'

# Harm in the names of the plan itself, of classes and of organisations.
python3 - "$small" <<'PY'
import json, sys
data = json.load(open(sys.argv[1] + "/communities.geojson", encoding="utf-8"))
names = ['<script>window.harmed=1</script>', '=HYPERLINK("http://x","y")', "a\"b'c\nd", "@SUM(A1)", "</script><img src=x onerror=window.harmed=1>"]
for i, feature in enumerate(data["features"]):
    feature["properties"]["name"] = names[i % len(names)]
json.dump(data, open("evil.geojson", "w", encoding="utf-8"))
code = data["features"][0]["properties"]["code"]
with open("evil_ledger.csv", "w", encoding="utf-8") as file:
    file.write("cell,category,count\n")
    for name in names:
        file.write(f'{code}001,"{name.replace(chr(34), chr(34) * 2)}",3\n')
PY
expect 0 "$WANGGE" partition --communities evil.geojson --buildings "$small/buildings.geojson" --households 150:300 -o evil.sqlite
expect 0 "$WANGGE" report evil.sqlite "${inputs[@]}" --ledger evil_ledger.csv --lang zh -o evil_plan
ok "no markup from the plan" bash -c '! grep -qE "<script>window.harmed|<img src=x" evil_plan/index.html'
ok "nothing is a formula" bash -c 'unzip -p evil_plan/report.xlsx "xl/worksheets/*.xml" | grep -c "<f>" | grep -qx 0'
ok "no field of a CSV begins like one" python3 - <<'PY'
import csv, glob
for name in glob.glob("evil_plan/*.csv"):
    for row in csv.reader(open(name, encoding="utf-8-sig", newline="")):
        for field in row:
            number = field.lstrip("+-").replace(".", "").replace("e", "").replace("-", "").isdigit()
            assert number or not field.startswith(("=", "+", "-", "@", "\t", "\r")), (name, field)
PY
ok "the project is XML still" python3 -c "import xml.dom.minidom as x; x.parse('evil_plan/report.qgs')"

# A span without any incident; cells where nobody lives; times without a zone far from China; one worker in two cells.
expect 0 "$WANGGE" report plan.sqlite "${inputs[@]}" --from 2031-01-01 --to 2031-02-01 --json --format csv,html,xlsx,pdf -o empty
ok "an empty span has no incidents and no rates" python3 - <<'PY'
import csv
rows = list(csv.DictReader(open("empty/workload.csv", encoding="utf-8-sig")))
assert rows and all(float(r["inc"]) == 0 and r["close_pct"] == "" and r["grade"] == "" and r["days_med"] == "" for r in rows), rows[0]
PY
python3 - "$small" <<'PY'
import json, sys
data = json.load(open(sys.argv[1] + "/buildings.geojson", encoding="utf-8"))
for feature in data["features"]:
    feature["properties"].update({"households": 0, "registered": 0, "floating": 0})
json.dump(data, open("nobody.geojson", "w", encoding="utf-8"))
PY
expect 0 "$WANGGE" partition --communities "$small/communities.geojson" --buildings nobody.geojson --barriers "$small/roads.geojson" \
    --count 1:3 -o nobody.sqlite
expect 0 "$WANGGE" report nobody.sqlite "${inputs[@]}" -o nobody
ok "where nobody lives nothing is divided by nobody" python3 - <<'PY'
import json, re


def refuse(word):
    raise ValueError(word)


json.loads(re.search(r'id="data">(.*?)</script>', open("nobody/index.html", encoding="utf-8").read(), re.S).group(1), parse_constant=refuse)
for name in ("workload", "coverage", "workload_all"):
    text = open(f"nobody/{name}.csv", encoding="utf-8-sig").read().lower()
    assert "nan" not in text and "inf" not in text, name
PY
cell=$(python3 -c "import csv; print(next(csv.DictReader(open('report/workload.csv', encoding='utf-8-sig')))['code'])")
other=$(python3 -c "import csv; print(list(csv.DictReader(open('report/workload.csv', encoding='utf-8-sig')))[1]['code'])")
printf 'id,role,fte,cell\nA,lead,,%s;%s\nB,lead,0.5,%s\n' "$cell" "$other" "$cell" >two.csv
expect 0 "$WANGGE" report plan.sqlite --workers two.csv --format csv -o two
ok "one worker in two cells is half in each" python3 - "$cell" "$other" <<'PY'
import csv, sys
rows = {r["code"]: r for r in csv.DictReader(open("two/workload.csv", encoding="utf-8-sig"))}
whole = next(csv.DictReader(open("two/workload_all.csv", encoding="utf-8-sig")))
assert [float(rows[c]["fte"]) for c in sys.argv[1:]] == [1.0, 0.5] and [int(rows[c]["workers"]) for c in sys.argv[1:]] == [2, 1]
assert float(whole["fte"]) == 1.5 and int(whole["workers"]) == 2
PY

# Tracks: where a worker was, by name of the track; half of the time in the own cell.
python3 - "$small" "$cell" "$other" >track.gpx <<'PY'
import json, sqlite3, sys
where = {f["properties"]["id"]: f["geometry"] for f in json.load(open(sys.argv[1] + "/buildings.geojson", encoding="utf-8"))["features"]}
base = sqlite3.connect("plan.sqlite")


def corner(cell):  # of its first building
    shape = where[base.execute("SELECT id FROM buildings WHERE cell = ? AND how = 'inside' ORDER BY id", (cell,)).fetchone()[0]]
    return (shape["coordinates"][0] if shape["type"] == "Polygon" else shape["coordinates"][0][0])[0]


a, b = corner(sys.argv[2]), corner(sys.argv[3])
points = [(a, "00:00"), (a, "02:00"), (a, "04:00"), (b, "06:00"), (b, "08:00")]
print('<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>C</name><trkseg>' +
      "".join(f'<trkpt lon="{p[0]}" lat="{p[1]}"><time>2025-06-02T01:{t}Z</time></trkpt>' for p, t in points) + "</trkseg></trk></gpx>")
PY
printf 'id,role,fte,cell\nC,lead,1,%s\n' "$cell" >walker.csv
expect 0 "$WANGGE" report plan.sqlite --workers walker.csv --visits track.gpx --visit-within 60 --lang en --format html -o tracks
ok "time on a track is time in the own cell where it began there" python3 - <<'PY'
import json, re
data = json.loads(re.search(r'id="data">(.*?)</script>', open("tracks/index.html", encoding="utf-8").read(), re.S).group(1))
table = next(t for t in data["tables"] if t["id"] == "tracks")
assert table["r"] == [["C", 0.13, 0.1, 75]], table["r"]  # 8 minutes, 6 of them begun in the own cell
PY

# Small counts are hidden in every form, large ones are not.
expect 0 "$WANGGE" report plan.sqlite "${inputs[@]}" --suppress 50 --format csv,html -o quiet
ok "no count below 50 is told" python3 - <<'PY'
import csv, glob
for name in glob.glob("quiet/workload*.csv"):
    for row in csv.DictReader(open(name, encoding="utf-8-sig")):
        for field in ("hh", "pop", "inc", "inc_open", "inc_closed", "inc_late"):
            assert row[field] == "" or float(row[field]) == 0 or float(row[field]) >= 50, (name, row["code"], field, row[field])
PY

if command -v chromedriver >/dev/null && command -v chromium >/dev/null; then
    ok "the page works" python3 "$tests/report_page.py" report/index.html
    ok "the page with harm in its data works" python3 "$tests/report_page.py" evil/index.html
else
    note "skipped: the page in a browser (no chromium, chromedriver)"
fi
if command -v soffice >/dev/null; then
    ok "the workbook opens" bash -c 'soffice --headless --convert-to pdf --outdir . report/report.xlsx >/dev/null 2>&1 && test -s report.pdf'
else
    note "skipped: the workbook in LibreOffice (no soffice)"
fi
if command -v pdftoppm >/dev/null; then
    ok "the map sheets render" bash -c 'pdftoppm -r 40 -png -f 1 -l 1 report/maps.pdf sheet && test -s sheet-*1.png'
    ok "fonts are embedded" bash -c 'pdffonts report/maps.pdf | tail -n +3 | awk "{ if (\$(NF-4) != \"yes\") exit 1 }"'
fi
if /usr/bin/python3 -c 'import qgis.core' 2>/dev/null; then
    ok "the QGIS project opens, every layer valid and styled" env QT_QPA_PLATFORM=offscreen /usr/bin/python3 "$tests/report_qgis.py" report/report.qgs
else
    note "skipped: the project in QGIS (no PyQGIS)"
fi
done_testing
