#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# packages.sh SET...: installs the Debian packages that are missing; sets: base check bench release.
#
# What is missing is decided by command or by file, not by package name: a tool from elsewhere will
# do. It says first what it installs. WEFT_NO_INSTALL=1 forbids it: it prints the apt line, exit 1.
set -euo pipefail

missing=()
need() {  # PACKAGE FILE_OR_COMMAND...: any of them will do
  local package=$1 candidate
  shift
  for candidate; do
    case $candidate in
      /*) if compgen -G "$candidate" >/dev/null; then return; fi ;;
      *) if command -v "$candidate" >/dev/null; then return; fi ;;
    esac
  done
  missing+=("$package")
}
header() { need "$1" "/usr/include/$2" "/usr/local/include/$2"; }

base() {
  need clang-19 clang++-19
  need lld-19 ld.lld-19
  need g++ g++
  need cmake cmake
  need ninja-build ninja
  need ccache ccache
  need pkg-config pkg-config pkgconf
  need python3 python3
  header libhwloc-dev hwloc.h
  header guile-3.0-dev guile/3.0/libguile.h
  header libgtest-dev gtest/gtest.h
  header libgmock-dev gmock/gmock.h
  header libcli11-dev CLI/CLI.hpp
  header libfmt-dev fmt/format.h
  header libboost1.81-dev boost/json.hpp
  header libboost-json1.81-dev "../lib/*/libboost_json.so"
  header libboost-context1.81-dev "../lib/*/libboost_context.so"
  header libreaderwriterqueue-dev readerwriterqueue/readerwriterqueue.h
  header libconcurrentqueue-dev concurrentqueue/concurrentqueue.h
}
check() {
  need clang-tidy-19 clang-tidy-19
  need clang-tools-19 clang-query-19
  need libclang-rt-19-dev "/usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.tsan*"
}
bench() {
  header libtbb-dev tbb/version.h
  need erlang-base erlc
  need guile-3.0 guile
  header libcaf-dev caf/all.hpp
  header libboost-fiber1.81-dev "../lib/*/libboost_fiber.so"
  header libxenium-dev xenium/policy.hpp
  header libck-dev ck_epoch.h
  header liburcu-dev urcu/urcu-memb.h
}
release() {
  need dpkg-dev dpkg-shlibdeps
  need file file
}

for set in "${@:-base}"; do
  case $set in
    base | check | bench | release) "$set" ;;
    *) echo "packages.sh: no set called $set (base, check, bench, release)" >&2; exit 2 ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "weft needs what Debian calls: ${missing[*]}" >&2
  exit 1
fi
if [ "${WEFT_NO_INSTALL:-0}" = 1 ]; then
  echo "weft needs packages that are missing, and WEFT_NO_INSTALL=1 forbids to install them:" >&2
  echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "weft needs packages that are missing, and there is no sudo. As root:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  root=(sudo)
fi

echo "  installing   ${missing[*]}"
step="$(dirname "$0")/step.sh"
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q)
"$step" "package lists" "${apt[@]}" update
"$step" "packages" "${apt[@]}" install --no-install-recommends "${missing[@]}"
