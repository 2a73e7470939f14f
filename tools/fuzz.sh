#!/usr/bin/env bash
# tools/fuzz.sh FUZZTIME PATTERN: runs each fuzz test whose name matches the
# pattern for that long, one after the other, because go test takes one at a
# time. Stops at the first finding; its input is then a file below testdata,
# to be kept as a seed.
set -euo pipefail
time=$1 pattern=$2
go=${GO:-go}

found=0
while read -r dir; do
  while read -r name; do
    found=$((found + 1))
    echo "== $name in $dir, $time"
    "$go" test -run='^$' -fuzz="^$name\$" -fuzztime="$time" -fuzzminimizetime=2s "$dir"
  done < <(grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | sed 's/^func //' | grep -E -- "$pattern" | sort)
done < <(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -r -n1 dirname | sort -u)

[ "$found" -gt 0 ] || { echo "no fuzz test matches $pattern" >&2; exit 1; }
