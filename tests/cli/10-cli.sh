# What every job shares: results on stdout, messages on stderr, interrupt. `wangge zone` stands for all: it needs no map.
source "$WG_TESTS/lib.sh"

# A 6 x 6 lattice.
{
    echo id,pop
    for i in $(seq 36); do echo "u$i,$((10 + i % 3))"; done
} >units.csv
{
    echo u,v,shared_len
    for r in $(seq 0 5); do
        for c in $(seq 6); do
            [[ $c -lt 6 ]] && echo "u$((r * 6 + c)),u$((r * 6 + c + 1)),1"
            [[ $r -lt 5 ]] && echo "u$((r * 6 + c)),u$((r * 6 + c + 6)),1"
        done
    done
} >edges.csv
zone=("$WANGGE" zone --units units.csv --edges edges.csv --limit pop=90:110 --count 4)

expect 0 "${zone[@]}" -o labels.csv
ok "labels for 36 units" test "$(wc -l <labels.csv)" -eq 37
cp labels.csv first.csv

# An output that exists is refused, and stays as it is.
expect 1 "${zone[@]}" --seed 2 -o labels.csv
stdout_is ""
error_is "labels.csv: exists (use --overwrite to replace it)"
ok "the old labels stay" cmp labels.csv first.csv
expect 0 "${zone[@]}" -o labels.csv --overwrite
ok "the same bytes again" cmp labels.csv first.csv
expect 0 "${zone[@]}" -o one.csv --threads 1
ok "the same bytes from one thread" cmp one.csv first.csv

# JSON is one object; quiet is quiet; the text is for people.
expect 0 "${zone[@]}" -o labels.csv --overwrite --json
ok "one JSON object" python3 -c 'import json, sys; assert isinstance(json.load(open(".stdout")), dict)'
expect 0 "${zone[@]}" -o labels.csv --overwrite --quiet
stdout_is ""
stderr_is ""

# The same from a file; the command line wins.
cat >zone.yaml <<'END'
units: units.csv
edges: edges.csv
limit: {pop: "90:110"}
count: 4
output: yaml.csv
END
expect 0 "$WANGGE" zone --config zone.yaml
ok "the same bytes from a file" cmp yaml.csv first.csv
expect 0 "$WANGGE" zone --config zone.yaml --output other.csv
ok "the command line wins" cmp other.csv first.csv

# A plan of two jobs.
cat >plan.yaml <<'END'
seed: 0
jobs:
  - zone:
      units: units.csv
      edges: edges.csv
      limit: [pop=90:110]
      count: 4
      output: job1.csv
  - zone: {units: units.csv, edges: edges.csv, limit: {pop: "90:110"}, count: 4, start: job1.csv, output: job2.csv}
END
expect 0 "$WANGGE" run plan.yaml
ok "the first job ran" cmp job1.csv first.csv
ok "the second job ran" test -s job2.csv
stderr_has "job 1 of 2: zone"
expect 0 "$WANGGE" run plan.yaml --overwrite --json --quiet
ok "one JSON array of two" python3 -c 'import json; a = json.load(open(".stdout")); assert [j["job"] for j in a] == ["zone", "zone"]'
stderr_is ""
# The first failure ends the run.
expect 1 "$WANGGE" run plan.yaml
stderr_has "job 1 of 2: zone"
has_not .stderr "job 2 of 2"
mkdir elsewhere && cp units.csv edges.csv elsewhere
expect 0 "$WANGGE" run plan.yaml -C elsewhere
ok "paths count from -C" test -s elsewhere/job2.csv

# A pipe that closes or a full disk is no success.
if [[ -w /dev/full ]]; then
    "$WANGGE" help >/dev/full 2>.stderr
    is "status on a full disk" $? 1
    stderr_is "wangge: error: stdout: cannot be written: No space left on device"
fi

# Ctrl-C: status 130, no output, nothing half-written.
seq 400 >big.rows
python3 - <<'END'
n = 300
with open("big_units.csv", "w") as f:
    f.write("id,pop\n")
    for i in range(n * n):
        f.write(f"{i},{1 + i % 7}\n")
with open("big_edges.csv", "w") as f:
    f.write("u,v\n")
    for r in range(n):
        for c in range(n):
            if c + 1 < n:
                f.write(f"{r*n+c},{r*n+c+1}\n")
            if r + 1 < n:
                f.write(f"{r*n+c},{r*n+c+n}\n")
END
mkdir clean
"$WANGGE" zone --units big_units.csv --edges big_edges.csv --count 300 --effort 10 -o clean/labels.csv 2>.stderr >.stdout &
job=$!
sleep 1
kill -INT "$job"
wait "$job"
is "status after an interrupt" $? 130
last="interrupted zone"
stderr_has "wangge: interrupted"
is "files after an interrupt" "$(ls -A clean)" ""

done_testing
