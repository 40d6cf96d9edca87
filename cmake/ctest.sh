#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ctest.sh ARGUMENT...: ctest, quietly: one moving line on a terminal; elsewhere what failed, the
# summary, and now and then how far it is. All of it is in build/log/ctest.log.
set -uo pipefail

if [ -t 1 ]; then exec ctest --progress "$@"; fi

mkdir -p build/log
passed='^ *([0-9]+/[0-9]+) Test .* Passed '
next=15
ctest "$@" 2>&1 | tee build/log/ctest.log | while IFS= read -r line; do
  if [[ $line =~ ^\ *Start\  ]]; then continue; fi
  if [[ $line =~ $passed ]]; then
    if ((SECONDS >= next)); then
      printf '  %s tests, %d s\n' "${BASH_REMATCH[1]}" "$SECONDS"
      next=$((SECONDS + 15))
    fi
  else
    printf '%s\n' "$line"
  fi
done
exit "${PIPESTATUS[0]}"
