#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# help.sh MAKEFILE...: lists the targets that have a `## line`.
set -euo pipefail

bold='' dim='' off=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' off=$'\e[0m'; fi
printf '\n  %sweft%s, one concurrency runtime for C++20\n\n' "$bold" "$off"
sed -n 's/^\([a-z]*\):[^#]*## \(.*\)$/\1\t\2/p' "$@" | while IFS=$'\t' read -r name text; do
  printf '  %smake %-9s%s %s\n' "$bold" "$name" "$off" "$text"
done
note="Missing Debian packages are installed, as root or with sudo; WEFT_NO_INSTALL=1 forbids it."
printf '\n  %s%s%s\n\n' "$dim" "$note" "$off"
