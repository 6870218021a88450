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

# The most cells with a floor and a maximum, on a path: its cells are runs of units, so that dynamic programming tells
# the answer. The maximum costs cells: without it more would do.
python3 - <<'END' || wrong "the path is not one on which the maximum matters"
import random
random.seed(17)
pop = [random.randint(1, 9) for _ in range(40)]
flats = [random.randint(1, 9) for _ in range(40)]
with open("path.csv", "w") as units, open("steps.csv", "w") as edges:
    units.write("id,pop,flats\n")
    edges.write("u,v,shared_len\n")
    for v in range(40):
        units.write(f"{v},{pop[v]},{flats[v]}\n")
        if v > 0:
            edges.write(f"{v - 1},{v},1\n")


def most(maximum):
    best = [0] + [None] * 40
    for end in range(1, 41):
        for begin in range(end):
            whole = sum(pop[begin:end]) >= 15 and sum(flats[begin:end]) <= maximum
            if whole and best[begin] is not None and (best[end] is None or best[end] < best[begin] + 1):
                best[end] = best[begin] + 1
    return best[40]


open("most.txt", "w").write(f"{most(24)} {most(1000)}")
assert most(24) is not None and most(24) < most(1000), (most(24), most(1000))
END
read -r with_maximum without <most.txt
for seed in 1 2 3; do
    expect 0 "$WANGGE" zone --units path.csv --edges steps.csv --objective maxp --floor pop=15 --limit flats=:24 \
        --seed "$seed" -o most.csv --overwrite --json
    stdout_has "\"cells\": $with_maximum, \"out\": 0,"
    stdout_has '"bound": '
    expect 0 "$WANGGE" zone --units path.csv --edges steps.csv --objective maxp --floor pop=15 --seed "$seed" \
        -o most.csv --overwrite --json
    stdout_has "\"cells\": $without, \"out\": 0,"
done

# What is impossible is told with the names of the units, not with their rows.
printf 'id,pop\nnorth,5\nsouth,6\nisle,3\n' >places.csv
printf 'u,v\nnorth,south\n' >ways.csv
expect 1 "$WANGGE" zone --units places.csv --edges ways.csv --limit pop=1:20 --count 1 -o places_out.csv
error_is "1 cell cannot cover 2 parts that do not touch (each needs a cell of its own)"
expect 0 "$WANGGE" zone --units places.csv --edges ways.csv --limit pop=1:5 --count 2 -o places_out.csv
stdout_has "Unit south alone has 6 pop, over the maximum of 5."
expect 0 "$WANGGE" zone --units places.csv --edges ways.csv --limit pop=1:5 --count 2 -o places_out.csv --overwrite --json
stdout_has '"text": "Unit south alone has 6 pop, over the maximum of 5."'

# A METIS graph: the same lattice, unit by unit its neighbours from 1; the weights of units are an attribute.
python3 - <<'END'
near = lambda v: [v + d for d, there in ((-4, v > 3), (-1, v % 4 > 0), (1, v % 4 < 3), (4, v < 8)) if there]
with open("lattice.graph", "w") as file:
    print("12 17 10", file=file)
    for v in range(12):
        print(1, *(u + 1 for u in near(v)), file=file)
END
expect 0 "$WANGGE" zone --units lattice.graph --count 3 --objective cut --limit weight=4:4 -o lattice.csv --json
stdout_has '"score": 6,'

# Labels to start from; a cap on the time, which is recorded, and still a plan.
expect 0 "$WANGGE" zone --units units.csv --edges edges.csv --limit pop=4:4 --count 3 --objective cut --start labels.csv \
    -o started.csv --json
stdout_has '"score": 6,'
stdout_has '"capped": false'
python3 - <<'END'
with open("many.csv", "w") as units, open("roads.csv", "w") as edges:
    print("id,pop", file=units)
    print("u,v", file=edges)
    for v in range(900):
        print(f"{v},1", file=units)
        if v % 30 < 29:
            print(f"{v},{v + 1}", file=edges)
        if v < 870:
            print(f"{v},{v + 30}", file=edges)
END
expect 0 "$WANGGE" zone --units many.csv --edges roads.csv --limit pop=70:110 --count 10 --objective cut --effort 10 \
    --time 0.2 -o capped.csv --json
stdout_has '"capped": true'
[[ $(wc -l <capped.csv) -eq 901 ]] || wrong "a capped search labels every unit"
done_testing
