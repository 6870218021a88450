#!/usr/bin/env bash
# Spreadsheets and lists as people keep them: a real workbook (made here byte by byte) with date cells, numbers as typed, a title row, and keys that
# only meet when they are normalised; and what of it is rejected, with its row.
set -u
source "$WG_TESTS/lib.sh"
needs python3 sqlite3 ogr2ogr
small=$WG_SOURCE_DIR/datasets/small
python3 "$WG_TESTS/../support/workbook.py" "$small" || wrong "the workbooks are not made"

# Number forms and dates are seen by info.
expect 0 "$WANGGE" info figures.xlsx
stdout_has "households"
stdout_has "unreadable_number: field 户数: 2 values are not numbers"
stdout_has "about_number: field 户数: 1 values are only about"

# Joined by address, in other spellings: the match rate and the unmatched are said, and written where asked for.
expect 0 "$WANGGE" partition --communities "$small/communities.geojson" --buildings "places.geojson|join=figures.xlsx|unmatched=left.csv" --barriers "$small/roads.geojson" \
    --households 150:300 -o plan.sqlite --verbose
stderr_has "places.geojson: buildings: joined figures.xlsx: 台账 by 地址: 61 of 61 rows matched (100.0 %)"
stderr_has "wangge: warning: figures.xlsx: 台账: 1 rows met nothing: 无此地址9栋"
has left.csv "无此地址9栋"
figure() { sqlite3 plan.sqlite "select cast(households as int) from buildings where id = '$1'"; }
is "2 132 in the text of a cell" "$(figure B000001)" 2132
is "1,785" "$(figure B000002)" 1785
is "full width" "$(figure B000003)" 150
is "about 300" "$(figure B000004)" 300
is "a plain number cell" "$(figure B000007)" 12
is "a shared string" "$(figure B000008)" 13
is "a range counts 0" "$(figure B000005)" 0
is "an exception has its row" "$(sqlite3 plan.sqlite "select count(*) from exceptions where problem = 'unreadable_number' and detail like '%户数: \"150-300\" is not a number'")" 1
is "another one" "$(sqlite3 plan.sqlite "select count(*) from exceptions where problem = 'unreadable_number' and detail like '%户数: \"三户五\" is not a number'")" 1

# Dates: cells of four number formats, a serial number without one, text in Chinese; an ambiguous one is unknown and rejected with its row.
expect 0 "$WANGGE" assign --cells plan.sqlite --features events.xlsx --crs-of features=EPSG:4326 -o events.csv
date_of() { sed -n "s/^$1,[^,]*,[^,]*,\([^,]*\),.*/\1/p" events.csv; }
is "a day" "$(date_of 1)" "2020/02/20"
is "a day and a time" "$(date_of 2)" "2020/02/20 14:30:00"
is "a format of one's own" "$(date_of 3)" "2020/02/20"
is "text" "$(date_of 6)" "2020年2月20日下午2点30分"
is "a serial number without a format" "$(date_of 8)" "43881"
expect 0 "$WANGGE" report plan.sqlite --incidents events.xlsx --crs-of incidents=EPSG:4326 --from 2020-02-20 --to 2020-02-21 --timezone Asia/Shanghai -o report --format csv --json
is "eight dates of ten are that day; 3/4/2020 may be March or April, and one is missing" \
    "$(python3 -c "import json; print(json.load(open('.stdout'))['totals']['incidents'])")" 8.0
expect 0 "$WANGGE" report plan.sqlite --incidents events.xlsx --crs-of incidents=EPSG:4326 --from 2020-03-01 --to 2020-05-01 --timezone Asia/Shanghai -o report2 --format csv --json
is "the ambiguous one is in neither month" "$(python3 -c "import json; print(json.load(open('.stdout'))['totals']['incidents'])")" 0.0

# Populate takes its totals from a workbook, too, and says what was met.
expect 0 "$WANGGE" populate --buildings places.geojson --totals totals.xlsx -o people.gpkg --json
is "totals are met" "$(sqlite3 people.gpkg "select sum(households), sum(registered), sum(floating), sum(population) from buildings")" "1785|4001|999|5000"
stdout_has '"total": 1785.0'
done_testing
