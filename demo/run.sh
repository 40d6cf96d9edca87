#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Counts the licence texts of Debian and a generated text of 200 MB, checks the counts, and times
# it beside the same work elsewhere. BUILD=build/release is where the programs are.
set -euo pipefail
cd "$(dirname "$0")/.."

programs=${BUILD:-build/release}/demo
weft=${BUILD:-build/release}/bin/weft
data=${DATA:-build/demo}
rounds=${ROUNDS:-5}
text=$data/text-200MB
mkdir -p "$data"

bold='' dim='' off=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' off=$'\e[0m'; fi
report=$data/report
in_scheme=''
if [ -e "$programs/libwords.so" ]; then in_scheme=yes; fi
read -r load _ </proc/loadavg

field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$report"; }
thousands() { sed -E ':a; s/([0-9])([0-9]{3})(,|$)/\1,\2\3/; ta'; }
median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }

# count FILE... with options before them; the table goes to $data/counts
count() {
  "$programs/wordcount" --report json "$@" >"$data/counts" 2>"$report" || {
    cat "$report" >&2
    exit 1
  }
}
# the same by its twin in Scheme; the table goes to $data/counts-scheme
count_in_scheme() {
  "$weft" run demo/wordcount.scm --report json "$@" >"$data/counts-scheme" 2>"$report" || {
    cat "$report" >&2
    exit 1
  }
}
# compares its table with the one in $data/counts
twin() {
  [ -n "$in_scheme" ] || return 0
  count_in_scheme "$@"
  if ! cmp -s "$data/counts" "$data/counts-scheme"; then
    echo "    WRONG: $data/counts-scheme is not what C++ has counted, $data/counts" >&2
    exit 1
  fi
  local times=times
  [ "$(field retries)" != 1 ] || times=time
  echo "    in Scheme the same table, in $(field seconds | cut -c1-5) s;" \
    "an actor crashed and was restarted $(field retries) $times"
}
happened() {
  local times=times
  [ "$(field retries)" != 1 ] || times=time
  echo "    $(field words | thousands) words, $(field distinct | thousands) different," \
    "in $(field seconds | cut -c1-5) s on $(field workers) workers"
  echo "    an attempt failed and was made again $(field retries) $times"
}
row() {  # NAME SECONDS REMARK
  awk -v name="$1" -v s="$2" -v remark="$3" -v dim="$dim" -v off="$off" \
    'BEGIN { printf "    %-34s %6.2f s %6.0f MB/s  %s%s%s\n", name, s, 200 / s, dim, remark, off }'
}
seconds() {  # of COMMAND...
  local from=${EPOCHREALTIME/./}
  "$@"
  echo "$((${EPOCHREALTIME/./} - from))e-6" >"$data/seconds"
}

echo
licences=(/usr/share/common-licenses/*)
echo "  ${bold}The licence texts of Debian${off}, ${#licences[@]} files"
count --fail inside "${licences[@]}"
happened
twin --fail inside "${licences[@]}"
echo "    $(sed 's/^ *//; s/$/,/' "$data/counts" | head -8 | paste -sd' ') ..."
echo

if [ ! -e "$text" ] || [ "$programs/generate" -nt "$text" ]; then
  "$programs/generate" 200000000 1 "$text.part"
  mv "$text.part.counts" "$text.counts"
  mv "$text.part" "$text"
fi
echo "  ${bold}A generated text${off} of 200 MB"
count --all --fail after "$text"
happened
if ! cmp -s "$data/counts" "$text.counts"; then
  echo "    WRONG: $data/counts is not what the generator wrote, $text.counts" >&2
  exit 1
fi
echo "    every count equals the generator's own"
twin --all --fail after "$text"
echo

workers=$(field workers)
echo "  ${bold}The same 200 MB, timed${off} ${dim}(medians of $rounds runs in turn)${off}"
compared=(1 2)
[ "$workers" -le 2 ] || compared+=("$workers")
rm -f "$data"/times-*
for ((i = 0; i < rounds; ++i)); do
  for w in "${compared[@]}"; do
    count --workers "$w" "$text"
    field seconds >>"$data/times-$w"
    [ -n "$in_scheme" ] || continue
    WEFT_WORKERS=$w count_in_scheme "$text"
    field seconds >>"$data/times-scheme-$w"
  done
done
one=$(median <"$data/times-1")
row "weft, 1 worker" "$one" ""
for w in "${compared[@]:1}"; do
  many=$(median <"$data/times-$w")
  row "weft, $w workers" "$many" "$(awk "BEGIN { printf \"%.2f times one worker\", $one / $many }")"
done
if [ -n "$in_scheme" ]; then
  one=$(median <"$data/times-scheme-1")
  row "weft run, Scheme, 1 worker" "$one" "actors route, C++ counts"
  for w in "${compared[@]:1}"; do
    many=$(median <"$data/times-scheme-$w")
    row "weft run, Scheme, $w workers" "$many" \
      "$(awk "BEGIN { printf \"%.2f times one worker\", $one / $many }")"
  done
fi
"$programs/serial" "$text" >"$data/counts" 2>"$report"
row "one thread, std::unordered_map" "$(field seconds)" "a plain loop in C++"
in_awk() {
  LC_ALL=C awk -v RS='[^A-Za-z]+' 'length { n[tolower($0)]++ } END { for (w in n) print n[w], w }' \
    "$text" >"$data/counts"
}
seconds in_awk
row "LC_ALL=C awk" "$(cat "$data/seconds")" "$(readlink -f "$(command -v awk)" | xargs basename)"
if awk "BEGIN { exit !($load > $(nproc) * 0.6) }"; then
  echo "    ${dim}others used this machine too (load $load at the start): the times are longer than"
  echo "    they would be alone, and two workers gain less${off}"
fi
echo
