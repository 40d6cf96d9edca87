#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ctest.sh ARGUMENT...: ctest, one moving line on a terminal and one line a test elsewhere.
set -uo pipefail

if [ -t 1 ]; then exec ctest --progress "$@"; fi
ctest "$@" 2>&1 | grep --line-buffered -v '^ *Start '
exit "${PIPESTATUS[0]}"
