# Runs steps in lanes, and prints their summary when the script ends: source steps.sh.
#
# `lane` must run every function `lane_NAME`, and the last line of the script is `reached_end main`.
ci=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
# The server of MySQL does not run as root.
chmod 711 "$work"
# `running` exists until a lane ends early.
mkdir "$work/steps" "$work/reports" "$work/ended" "$work/running"
trap finish EXIT
MAX_SECONDS=1800

# file_of NAME: the beginning of the names of a step's files.
file_of() {
  printf '%s/steps/%s' "$work" "$(printf '%s' "$1" | tr -c 'A-Za-z0-9' '-')"
}

# after NAME…: waits for the end of steps. Ends the caller if another lane ended early, because the steps may not come.
after() {
  local name
  for name in "$@"; do
    until [ -e "$(file_of "$name").result" ]; do
      [ -d "$work/running" ] || exit 1
      sleep 1
    done
  done
}

# step NAME COMMAND…: runs one check and records its result, its time and its processor time, without that of servers
# which the check leaves to themselves. The output is shown when the check fails.
step() {
  local name=$1 started=$SECONDS file result=ok
  shift
  file=$(file_of "$name")
  { TIMEFORMAT='%U %S'; time "$@" >"$file.log" 2>&1; } 2>"$file.time" || result=FAILED
  printf '%s\t%s\t%s\t%s\n' "$result" $((SECONDS - started)) "$(awk 'END { printf "%d", $1 + $2 }' "$file.time")" \
    "$name" >"$file.result"
  {
    printf '== %s … %s (%s s)\n' "$name" "$result" $((SECONDS - started))
    [ "$result" = ok ] || tail -n 150 "$file.log"
  }
  [ "$result" = ok ]
}

# show NAME PATTERN: prints the output of a step from the first line that matches the pattern.
show() {
  sed -n "/$2/,\$p" "$(file_of "$1").log"
}

# tests NAME COMMAND…: a step whose tests are counted from the JUnit report that it writes.
tests() {
  local name=$1 report
  shift
  report=$(basename "$(file_of "$name")").xml
  JEST_JUNIT_OUTPUT_DIR="$work/reports" JEST_JUNIT_OUTPUT_NAME="$report" step "$name" "$@"
}

reached_end() {
  : >"$work/ended/$1"
}

# lane NAME [NICENESS]: runs `lane_NAME`, and records whether it reaches its end. An error of the shell or a signal can
# end a lane before its last step.
lane() {
  [ $# -lt 2 ] || renice -n "$2" -p "$BASHPID" >/dev/null
  ("lane_$1"; reached_end "lane_$1")
  [ -e "$work/ended/lane_$1" ] || { rmdir "$work/running" 2>/dev/null; printf '== lane %s … ended early\n' "$1"; }
}

all_ended() {
  local name early=0
  for name in main $(compgen -A function lane_); do
    [ -e "$work/ended/$name" ] || { printf '%s did not reach its end.\n' "$name"; early=1; }
  done
  return "$early"
}

# Other programs on the machine of a developer may slow the steps down, so the step fails only on GitHub.
in_time() {
  [ "$SECONDS" -gt "$MAX_SECONDS" ] || return 0
  printf 'Warning: all steps took %s s. The limit is %s s.\n' "$SECONDS" "$MAX_SECONDS"
  [ "${GITHUB_ACTIONS:-}" != true ]
}

finish() {
  local total=$SECONDS status
  step 'every lane reaches its end' all_ended
  step 'all steps take at most 30 minutes' in_time && show 'all steps take at most 30 minutes' '^Warning'
  printf '\n%s\n' 'Seconds and processor seconds per step:'
  cat "$work"/steps/*.result | sort -k2,2nr -t"$(printf '\t')" |
    awk -F'\t' '{ printf "%6d %6d  %-6s  %s\n", $2, $3, $1, $4 }'
  printf '%6d  total\n\n' "$total"
  printf '%s\n' 'Seconds of the test files that take a minute or more:'
  find "$work/reports" -name '*.xml' -exec \
    sed -nE 's/.*<testsuite name="([^"]*)".* time="([6-9][0-9]|[0-9]{3,})[."].*/\2 \1/p' {} + |
    sort -k1,1nr | awk '{ printf "%6d  %s\n", $1, $2 }'
  node "$ci/count.js" "$work/steps" "$work/reports"
  status=$?
  rm -rf "$work"
  exit "$status"
}
