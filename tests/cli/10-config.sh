# --config and plan files: the same names as the flags; mistakes with their line numbers.
source "$WG_TESTS/lib.sh"

refused() { # MESSAGE, YAML on stdin
    cat >options.yaml
    expect 2 "$WANGGE" partition --config options.yaml
    stdout_is ""
    stderr_is "wangge: error: options.yaml: $1"
}

refused 'line 2: unknown key "housholds" (did you mean "households"?)' <<'END'
communities: c.geojson
housholds: 150:300
END
refused 'line 3: unknown key "config" (see '\''wangge help partition'\'')' <<'END'
communities: c.geojson

config: other.yaml
END
refused 'line 3: "count" is given twice (first on line 1)' <<'END'
count: 4
seed: 1
count: 5
END
refused 'line 2: limit on households: "150300": one number is no limit (did you mean 150:300?)' <<'END'
communities: c.geojson
households: 150300
END
refused 'line 4: effort: "99" is not a whole number from 1 to 10' <<'END'
communities: c.geojson
buildings: b.geojson
output: p.sqlite
effort: 99
END
refused 'line 2: output takes one value' <<'END'
output:
  - a.sqlite
  - b.sqlite
END
refused 'line 1: overwrite: "maybe" is neither true nor false' <<'END'
overwrite: maybe
END
refused 'line 1: options are expected (write NAME: VALUE)' <<'END'
- communities
END
refused 'the file is empty (write NAME: VALUE)' <<'END'
END
refused 'line 2: limit: a plain value is expected' <<'END'
limit:
  elderly: [1, 2]
END

printf 'communities: "c.geojson\n' >options.yaml
expect 2 "$WANGGE" partition --config options.yaml
stderr_has "wangge: error: options.yaml: line 2: not YAML: "
expect 1 "$WANGGE" partition --config nowhere.yaml
stderr_is "wangge: error: nowhere.yaml: cannot be read: No such file or directory"

# Aliases that repeat themselves do not run away.
printf 'field: &a [*a]\n' >options.yaml
expect 2 "$WANGGE" partition --config options.yaml
{
    echo 'a: &a [x, x, x, x, x, x, x, x, x, x]'
    previous=a
    for name in b c d e f g h i; do
        echo "$name: &$name [*$previous, *$previous, *$previous, *$previous, *$previous, *$previous, *$previous, *$previous]"
        previous=$name
    done
} >options.yaml
expect 2 timeout 20 "$WANGGE" partition --config options.yaml
stderr_has "nested too deeply or too long"

# The command line wins over the file; what is missing is missing in both.
printf 'households: 300:150\ncommunities: c.geojson\nbuildings: b.geojson\n' >options.yaml
expect 2 "$WANGGE" partition --config options.yaml --households 150:300
stderr_is "wangge: error: partition: --output is missing (see 'wangge help partition')"

# Plan files.
plan() { # MESSAGE, YAML on stdin
    cat >plan.yaml
    expect 2 "$WANGGE" run plan.yaml
    stdout_is ""
    stderr_is "wangge: error: plan.yaml: $1"
}
plan 'line 1: unknown key "job" ("jobs", or an option of every command)' <<'END'
job: []
END
plan 'line 2: "jobs" must be a list of jobs (write jobs: and - partition: ...)' <<'END'
lang: zh
jobs: []
END
plan 'line 2: unknown job "partiton" (did you mean "partition"?)' <<'END'
jobs:
  - partiton: {}
END
plan 'line 2: unknown job "run" (did you mean "run"?)' <<'END'
jobs:
  - run: {plan: plan.yaml}
END
plan 'line 2: a job is a command with its options (write - partition: ...)' <<'END'
jobs:
  - partition: {}
    report: {}
END
# All jobs are read before the first one starts: the second is wrong, the first is not run.
plan 'line 6: unknown key "plans" (did you mean "plan"?)' <<'END'
jobs:
  - zone: {units: u.csv, edges: e.csv, output: l.csv}
  - report:
      output: report
      incidents: i.csv
      plans: plan.sqlite
END

# The files of the documentation are read; what stops them is that their inputs are not here.
yaml_of() { # NUMBER: the n-th YAML block of engine/docs/yaml.md
    awk -v n="$1" '/^```yaml/ { if (++k == n) { on = 1; next } } /^```/ { on = 0 } on' "$WG_SOURCE_DIR/engine/docs/yaml.md"
}
yaml_of 1 >options.yaml
expect 1 "$WANGGE" partition --config options.yaml
has_not .stderr options.yaml
stderr_has communities.gpkg
yaml_of 2 >plan.yaml
expect 1 "$WANGGE" run plan.yaml
stderr_has "job 1 of 3: partition"
has_not .stderr plan.yaml
stderr_has communities.gpkg

nothing_left options.yaml plan.yaml
done_testing
