#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# step.sh NAME COMMAND...: runs a command quietly. One line says what it is and how long it took; if
# it fails, the end of its output follows, and where the whole is.
set -uo pipefail

name=$1
shift
logs=${WEFT_LOGS:-build/log}
mkdir -p "$logs"
log=$logs/${name//[^A-Za-z0-9._-]/-}.log

bold='' dim='' red='' green='' off=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' off=$'\e[0m'
  printf '  %s·%s %s' "$dim" "$off" "$name"
fi

now() { printf '%s' "${EPOCHREALTIME/[^0-9]/}"; }
started=$(now)
"$@" >"$log" 2>&1 </dev/null
code=$?
tenths=$((($(now) - started) / 100000))
took=$(printf '%6d.%d s' $((tenths / 10)) $((tenths % 10)))

[ -z "$bold" ] || printf '\r\e[K'
if [ $code = 0 ]; then
  printf '  %s✓%s %-34s %s%s%s\n' "$green" "$off" "$name" "$dim" "$took" "$off"
else
  printf '  %s✗ %-34s %s%s\n\n' "$red" "$name" "$took" "$off"
  tail -n "${WEFT_TAIL:-40}" "$log" | sed 's/^/    /'
  printf '\n  %s%s%s failed; the whole output is in %s\n' "$bold" "$name" "$off" "$log"
fi
exit $code
