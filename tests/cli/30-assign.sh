# wangge assign: files in, files out, into a plan, and what is left when it is killed.
source "$WG_TESTS/lib.sh"
needs python3 ogr2ogr

# Four cells of 0.01 degrees: A and B below, C and D above.
python3 - <<'END'
import json
def box(x, y): return [[[x, y], [x + .01, y], [x + .01, y + .01], [x, y + .01], [x, y]]]
names = [("110101001001001", 116.40, 39.90), ("110101001001002", 116.41, 39.90),
         ("110101001001003", 116.40, 39.91), ("110101001002001", 116.41, 39.91)]
json.dump({"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {"code": c}, "geometry": {"type": "Polygon", "coordinates": box(x, y)}}
    for c, x, y in names]}, open("cells.geojson", "w"))
END
cat >events.csv <<'END'
id,category,lon,lat
e1,noise,116.405,39.905
e2,waste,116.41,39.905
e3,road,116.4201,39.915
e4,road,116.5,39.9
e5,tree,0,0
e6,tree,39.905,116.405
END

# --- CSV to CSV, with rejects
expect 0 "$WANGGE" assign --cells cells.geojson --features events.csv --within 20 --rejects rejects.csv -o out.csv
same out.csv 'id,category,lon,lat,cell,community,street,how,share,reason
e1,noise,116.405,39.905,110101001001001,110101001001,110101001,inside,1,
e2,waste,116.41,39.905,110101001001001,110101001001,110101001,edge,1,
e3,road,116.4201,39.915,110101001002001,110101001002,110101001,nearest,1,
e4,road,116.5,39.9,,,,none,0,outside
e5,tree,0,0,,,,none,0,zero_coordinate
e6,tree,39.905,116.405,,,,none,0,swapped: would be in 110101001001001'
is "rejects" "$(cut -d, -f1,5,6 rejects.csv | tail -n +2 | tr '\n' ' ')" \
    "e4,outside,110101001001002 e5,zero_coordinate, e6,swapped: would be in 110101001001001, "
stdout_has "in 6 = assigned 3 + rejected 3"

# --- every format gives the same cells
for format in gpkg fgb geojson shp; do
    expect 0 "$WANGGE" assign --cells cells.geojson --features events.csv --within 20 -o "out.$format"
    is "$format: cells" "$(ogr2ogr -f CSV /vsistdout/ "out.$format" -select id,cell,how | tr -d '"' | tail -n +2 | tr '\n' ' ')" \
        "e1,110101001001001,inside e2,110101001001001,edge e3,110101001002001,nearest e4,,none e5,,none e6,,none "
    expect 0 "$WANGGE" assign --cells cells.geojson --features "out.$format" --within 20 --fields id --overwrite -o again.csv
    is "$format: read back" "$(grep -c -e inside -e edge -e nearest again.csv)" 3
done

# --- from CSV the rules are the same whatever is written: quoting, rows that cannot be read, names of fields
printf 'id,note,lon,lat,cell\r\n1,"a, ""b""\nc",116.405,39.905,old\r\n2,x,116.405,39.905,old,too,many\r\n' >hard.csv
printf '3,short,116.415\r\n4,,39.905,116.405,\r\n5,text,east,north,\r\n6,"open,116.405,39.905,\r\n' >>hard.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features hard.csv --rejects hard-rejects.csv -o hard-out.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features hard.csv --rejects hard-rejects.gpkg -o hard-out.gpkg
stdout_has "in 6 = assigned 1 + rejected 5"
expect 0 "$WANGGE" assign --cells cells.geojson --features hard.csv --to-crs EPSG:32650 -o hard-utm.fgb
rows() {
    python3 - "$1" "$2" <<'END'
import csv, io, subprocess, sys
text = open(sys.argv[1]).read() if sys.argv[1].endswith(".csv") else subprocess.run(
    ["ogr2ogr", "-f", "CSV", "/vsistdout/", sys.argv[1]], capture_output=True, text=True).stdout
for row in csv.DictReader(io.StringIO(text)):
    print("|".join(row[name].replace("\r\n", "~").replace("\n", "~") for name in sys.argv[2].split(",")))
END
}
is "hard rows, in CSV" "$(rows hard-out.csv id,note,cell_1,cell,how,reason)" '1|a, "b"~c|old|110101001001001|inside|
2|x|old||none|unreadable: line 4: 7 fields where the header has 5
3|short|||none|no_coordinate
4||||none|swapped: would be in 110101001001001
5|text|||none|bad_coordinate
6|open,116.405,39.905,|||none|unreadable: line 8: a quote is not closed'
is "hard rows, in a GeoPackage" "$(rows hard-out.gpkg id,note,cell_1,cell,how,reason)" "$(rows hard-out.csv id,note,cell_1,cell,how,reason)"
is "their rejects" "$(rows hard-rejects.gpkg id,reason,nearest)" "$(rows hard-rejects.csv id,reason,nearest)"
# FlatGeobuf holds no row without geometry, and a swapped coordinate has no image in UTM: that is no failure
is "hard rows that have a place in UTM" "$(rows hard-utm.fgb id,cell | tr '\n' ' ')" "1|110101001001001 "

# --- a failure says which input, and leaves nothing
rm -f hard*
rm -f ./*.shp ./*.shx ./*.dbf ./*.prj ./*.cpg ./*.gpkg ./*.fgb out.geojson again.csv out.csv rejects.csv
expect 1 "$WANGGE" assign --cells cells.geojson --features nowhere.csv -o out.csv
stderr_has "nowhere.csv"
expect 1 "$WANGGE" assign --cells cells.geojson --features events.csv --x east -o out.csv
stderr_has "no field named east (fields: id, category, lon, lat)"
expect 1 "$WANGGE" assign --cells cells.geojson --features events.csv --field cells.code=none -o out.csv
nothing_left cells.geojson events.csv
expect 0 "$WANGGE" assign --cells cells.geojson --features events.csv -o out.csv
expect 1 "$WANGGE" assign --cells cells.geojson --features events.csv -o out.csv
stderr_has "--overwrite"

# --- with --strict rejects are findings, and cells that overlap are refused
expect 3 "$WANGGE" assign --cells cells.geojson --features events.csv --strict --overwrite -o out.csv
python3 - <<'END'
import json
d = json.load(open("cells.geojson"))
d["features"].append({"type": "Feature", "properties": {"code": "X"}, "geometry": {"type": "Polygon", "coordinates":
    [[[116.402, 39.902], [116.404, 39.902], [116.404, 39.904], [116.402, 39.904], [116.402, 39.902]]]}})
json.dump(d, open("dirty.geojson", "w"))
END
expect 1 "$WANGGE" assign --cells dirty.geojson --features events.csv --strict -o strict.csv
stderr_has "not a clean coverage"
ok "no output of a refused run" test ! -e strict.csv
expect 0 "$WANGGE" assign --cells dirty.geojson --features events.csv -o dirty.csv
stderr_has "cells 110101001001001 and X overlap"

# --- on a terminal: how far, rows a second, time left (a container may have no terminal to give)
python3 - "$WANGGE" <<'END' >progress.txt
import json, os, pty, sys
with open("slow.geojson", "w") as f:
    f.write('{"type":"FeatureCollection","features":[')
    f.write(",".join('{"type":"Feature","properties":{"id":%d},"geometry":{"type":"Point","coordinates":[%.6f,%.6f]}}'
                     % (i, 116.40 + i % 1999 * 1e-5, 39.90 + i % 1777 * 1e-5) for i in range(300000)))
    f.write("]}")
try:
    pid, terminal = pty.fork()
except OSError as problem:
    sys.exit(print("no terminal:", problem))
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "assign", "--cells", "cells.geojson", "--features", "slow.geojson", "-o", "slow.csv"])
seen = b""
try:
    while part := os.read(terminal, 65536):
        seen += part
except OSError:
    pass
print(seen.decode(errors="replace").replace("\r", "\n"))
END
ok "rate and remaining time" grep -Eq '^no terminal|assigning rows +[0-9]+ %  [0-9.]+ (thousand |million )?rows/s  [0-9]+:[0-9]{2} left' progress.txt

# --- killed at any moment: the old output or the new one, never half of one
python3 - <<'END'
with open("many.csv", "w") as f:
    f.write("id,lon,lat\n")
    for i in range(400000):
        f.write("%d,%.6f,%.6f\n" % (i, 116.40 + i % 1999 * 1e-5, 39.90 + i % 1777 * 1e-5))
END
expect 0 "$WANGGE" assign --cells cells.geojson --features many.csv -o whole.csv
echo "last month" >killed.csv
for delay in 0.02 0.05 0.08 0.1 0.12 0.15 0.2 0.3; do
    "$WANGGE" assign --cells cells.geojson --features many.csv --overwrite -o killed.csv >/dev/null 2>&1 &
    pid=$!
    sleep "$delay"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    ok "killed after $delay s: whole or untouched" \
        bash -c 'cmp -s killed.csv whole.csv || [[ $(cat killed.csv) == "last month" ]]'
done
touch .wangge-mine
mkdir .wangge-theirs
expect 0 "$WANGGE" assign --cells cells.geojson --features many.csv --overwrite -o killed.csv
is "the next run removes what killed runs left, and nothing else" "$(find . -name '.wangge-*' | sort | tr '\n' ' ')" \
    "./.wangge-mine ./.wangge-theirs "
rm -rf .wangge-mine .wangge-theirs

# --- interrupted while it writes: status 130, the old output as it was, nothing beside it, in every format
for format in csv gpkg geojson fgb; do
    echo "last month" >"int.$format"
    status=$(python3 - "$WANGGE" "int.$format" 2>int.err <<'END'
import glob, signal, subprocess, sys, time
run = subprocess.Popen([sys.argv[1], "assign", "--cells", "cells.geojson", "--features", "slow.geojson", "--overwrite",
                        "-o", sys.argv[2]], stdout=subprocess.DEVNULL)
while run.poll() is None and not glob.glob(".wangge-*"):
    time.sleep(0.001)
run.send_signal(signal.SIGINT)
print(run.wait())
END
    )
    is "$format: interrupted" "$status $(cat "int.$format")" "130 last month"
    ok "$format: said so" grep -q "outputs are as they were" int.err
    is "$format: nothing beside it" "$(find . -name '.wangge-*')" ""
done
done_testing
