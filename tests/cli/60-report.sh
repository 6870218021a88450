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
