# Mistakes on the command line: status 2, one line, and what to do.
source "$WG_TESTS/lib.sh"

refused() { # MESSAGE ARGUMENTS...
    local message=$1
    shift
    expect 2 "$WANGGE" "$@"
    stdout_is ""
    stderr_is "wangge: error: $message"
}

refused 'unknown command "partitoin" (did you mean partition?)' partitoin
refused 'unknown command "frobnicate" (see '\''wangge help'\'')' frobnicate
refused 'unknown option "--frob" (see '\''wangge help'\'')' --frob
refused 'unknown command "exprot" (did you mean export?)' help exprot
refused 'unknown option --housholds (did you mean --households?)' partition --housholds=150:300
refused "unknown option --zzz (see 'wangge help partition')" partition --zzz
refused "unknown option -x (see 'wangge help partition')" partition -x
refused '--overwrite: takes no value' partition --overwrite=yes
refused '--output: a value is missing (PLAN)' partition --communities c.geojson --output
refused '--output: given twice (give it once)' partition -o a.sqlite -o b.sqlite
refused "partition: --communities is missing (see 'wangge help partition')" partition
refused "partition: --buildings is missing (see 'wangge help partition')" partition --communities c.geojson
refused "partition: --output is missing (see 'wangge help partition')" partition --communities c.geojson --buildings b.geojson
refused "unexpected argument \"c.geojson\" (see 'wangge help partition')" partition c.geojson
refused "report: PLAN is missing (see 'wangge help report')" report -o out
refused "compare: one cell layer is nothing to compare (give OLD and NEW)" compare a.geojson -o out
refused 'edit: nothing to do (give --move, --merge, --split, --rename or --undo)' edit plan.sqlite
refused 'zone: --edges is missing (only a .graph file has its own edges)' zone --units u.csv -o l.csv
refused 'redraw: a sweep writes no plan (leave out -o, or give one --stability)' \
    redraw --cells a --communities c --buildings b --stability 0:1:0.5 -o p.sqlite
refused "completion: which shell? (write 'wangge completion bash')" completion zsh
refused 'unexpected argument "report" (see '\''wangge help help'\'')' help partition report

base=(partition --communities c.geojson --buildings b.geojson -o plan.sqlite)
refused 'limit on households: "150300": one number is no limit (did you mean 150:300?)' "${base[@]}" --households 150300
refused 'limit on households: "300:150": the minimum is above the maximum (did you mean 150:300?)' "${base[@]}" --households 300:150
refused 'limit on households: "150:100:300": the target is not between minimum and maximum' "${base[@]}" --households 150:100:300
refused 'limit on population: ":": both ends are open (write MIN:MAX or MIN:TARGET:MAX; an end may be empty)' "${base[@]}" --population :
refused 'limit on elderly: "many:300": not a number, or a negative one (write MIN:MAX or MIN:TARGET:MAX; an end may be empty)' \
    "${base[@]}" --limit elderly=many:300
refused '--limit: cannot read "elderly" (write FIELD=MIN:MAX)' "${base[@]}" --limit elderly
refused '--field: cannot read "households=" (write ROLE=NAME)' "${base[@]}" --field households=
refused '--count: "a:b" is not a range of whole numbers (write MIN:MAX, e.g. 4:8)' "${base[@]}" --count a:b
refused '--count: the minimum of "8:4" is above its maximum (write 4:8)' "${base[@]}" --count 8:4
refused '--count: "0" allows no cell (the least is 1)' "${base[@]}" --count 0
refused '--micro: "100" is not a range (write MIN:MAX, e.g. 30:100)' "${base[@]}" --micro 100
refused '--effort: "11" is not a whole number from 1 to 10' "${base[@]}" --effort 11
refused '--snap: "-1" is not a number from 0 to 50' "${base[@]}" --snap -1
refused '--snap: "2m" is not a number from 0 to 50' "${base[@]}" --snap 2m
refused '--snap: "nan" is not a number from 0 to 50' "${base[@]}" --snap nan
refused '--seed: "1.5" is not a whole number from 0 up' "${base[@]}" --seed 1.5
refused '--seed: "18446744073709551616" is not a whole number from 0 up' "${base[@]}" --seed 18446744073709551616
refused '--exclaves: unknown value "join" (one of attach|separate)' "${base[@]}" --exclaves join
refused '--lang: unknown value "fr" (one of en|zh)' "${base[@]}" --lang fr
refused '--hard: an item of "rail,,motorway" is empty (write A,B,C)' "${base[@]}" --hard rail,,motorway
refused '--crs-of: "streets" is not an input of partition (write NAME=CRS; NAME is its flag)' "${base[@]}" --crs-of streets=EPSG:4490
refused '--crs-of: no --barriers is given (give it, or leave this out)' "${base[@]}" --crs-of barriers=EPSG:4490
refused '--crs-of: no --barriers:3 is given (give it, or leave this out)' "${base[@]}" --barriers r --barriers w --crs-of barriers:3=EPSG:4490
refused '--weight-of: "0" is not a number above 0 (write NAME=WEIGHT)' \
    redraw --cells a --communities c --buildings b -o p --weight-of cells=0
refused '--stability: "1.5" is not a number from 0 to 1 (or a sweep FROM:TO:STEP, e.g. 0:1:0.1)' \
    redraw --cells a --communities c --buildings b -o p --stability 1.5
refused '--format: unknown value "docx" (any of geojson|shp|gpkg|fgb|csv|xlsx)' export plan.sqlite --format shp,docx -o out
refused '--move: cannot read "17" (write UNIT:CELL)' edit plan.sqlite --move 17
refused '--communities: the value is empty (F)' partition --communities '' --buildings b -o p

nothing_left
done_testing
