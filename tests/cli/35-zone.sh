# The solver alone: a 3 x 4 lattice in three cells of four units, its trace replayed, its picture drawn.
source "$WG_TESTS/lib.sh"

printf 'id,pop,x,y\n' >units.csv
printf 'u,v,shared_len\n' >edges.csv
for r in 0 1 2; do
    for c in 0 1 2 3; do
        v=$((4 * r + c))
        printf '%s,1,%s,%s\n' "$v" "$c" "$r" >>units.csv
        [[ $c -eq 3 ]] || printf '%s,%s,1\n' "$v" $((v + 1)) >>edges.csv
        [[ $r -eq 2 ]] || printf '%s,%s,1\n' "$v" $((v + 4)) >>edges.csv
    done
done

expect 0 "$WANGGE" zone --units units.csv --edges edges.csv --limit pop=4:4 --count 3 --objective cut \
    --trace trace.csv -o labels.csv --json
stdout_has '"score": 6,'
stdout_has '"proven": true'

# Going through the rows and moving what they say ends with the labels that were written.
python3 - <<'END' || wrong "the trace, replayed, ends with the labels"
import csv
cell = {}
rows = list(csv.DictReader(open("trace.csv")))
for row in rows:
    for move in row["moved"].split():
        unit, to = move.split(":")
        cell[int(unit)] = to
labels = {int(row["id"]): row["cell"] for row in csv.DictReader(open("labels.csv"))}
assert rows[-1]["event"] == "end" and rows[-1]["terms"] == "cut_edges=6", rows[-1]
assert any(row["event"] == "proven" for row in rows)
assert len(labels) == 12 and len(set(zip(cell.values(), (labels[v] for v in cell)))) == 3, (cell, labels)
END

expect 0 "$WG_SOURCE_DIR/scripts/draw-trace" trace.csv trace.svg units.csv
expect 0 python3 -c 'import xml.dom.minidom; assert len(xml.dom.minidom.parse("trace.svg").getElementsByTagName("circle")) > 12'
done_testing
