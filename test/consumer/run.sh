#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh WAY COMPILER BUILD: builds main.cpp in a folder of its own, as a user of weft would, with
# -Wall -Wextra -Wconversion -Werror on weft's headers too, and compares what it prints.
#
#   find_package, pkg_config           on what BUILD installs
#   two_compilers     objects from COMPILER and clang++-19 in one program, linked in
#                                      either order: both made code of the same templates
#   hello                              the installed example, configured as its reader would
#   add_subdirectory, fetch_content    on the sources; nothing is built that is not linked, and
#                                      weft adds no tests and installs nothing
#   fetch_content_configured           the same, up to the build itself
set -euo pipefail

way=$1 compiler=$2 build=$(realpath "$3")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(realpath "$here/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "$*"; }
die() { say "$*"; exit 1; }

install_weft() {
  cmake --install "$build" --prefix "$work/prefix" >"$work/log" 2>&1 || die "$(<"$work/log")"
}

configure() {  # FOLDER [OPTION...]
  cp -r "$here/$1" "$work/consumer"
  cp "$here/main.cpp" "$work/consumer"
  cmake -S "$work/consumer" -B "$work/build" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O2 -g1" "${@:2}"
}

# The compiler cache hits although the build folder is another one.
subproject() {  # FOLDER
  export CCACHE_NOHASHDIR=1
  local options=(-DWEFT_SOURCE="$source")
  if command -v ccache >/dev/null; then options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  case $compiler in clang*) options+=(-DWEFT_WERROR=ON) ;; esac
  configure "$1" "${options[@]}"

  local plan tests
  plan=$(ninja -C "$work/build" -n all)
  [[ $plan != *"Building CXX"* ]] || die "weft, as a subproject, is built although nothing links it"
  plan=$(ninja -C "$work/build" -n consumer)
  [[ $plan == *libweft* ]] || die "the consumer does not link weft: $plan"
  tests=$(ctest --test-dir "$work/build" -N)
  [[ $tests == *"Total Tests: 0"* ]] || die "weft, as a subproject, adds tests: $tests"
  cmake --install "$work/build" --prefix "$work/nothing" >/dev/null
  [ ! -e "$work/nothing" ] || die "weft, as a subproject, installs $(find "$work/nothing" -type f)"
}

ask_pkg_config() {
  install_weft
  local pc
  pc=$(find "$work/prefix" -name weft.pc -print -quit)
  export PKG_CONFIG_PATH=${pc%/*}
  read -ra flags <<<"-std=c++20 -Wall -Wextra -Wconversion -Werror $(pkg-config --cflags weft)"
  read -ra libs <<<"$(pkg-config --libs weft)"
  mkdir "$work/build"
}

run_consumer() {
  timeout 20 "$work/build/consumer" >"$work/output" || die "the program ends with $? (124: hangs)"
  diff -u "$here/expected" "$work/output"
}

case $way in
  find_package)
    install_weft
    configure find_package -DCMAKE_PREFIX_PATH="$work/prefix"
    cmake --build "$work/build" ;;
  pkg_config)
    ask_pkg_config
    for level in -O0 -O2; do  # without inlining, what two compilers made of one template meets
      "$compiler" $level "${flags[@]}" "$here/main.cpp" "${libs[@]}" -o "$work/build/consumer"
      run_consumer
    done ;;
  two_compilers)
    ask_pkg_config
    "$compiler" -O0 "${flags[@]}" -c "$here/two_compilers/main.cpp" -o "$work/build/main.o"
    clang++-19 -O0 "${flags[@]}" -c "$here/two_compilers/other.cpp" -o "$work/build/other.o"
    cd "$work/build"
    for objects in "main.o other.o" "other.o main.o"; do
      "$compiler" $objects "${libs[@]}" -o consumer
      run_consumer
    done ;;
  hello)
    install_weft
    cp -r "$work/prefix/share/weft/examples/hello" "$work/hello"
    CXX=$compiler cmake -S "$work/hello" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix"
    cmake --build "$work/build"
    python3 "$source/test/hello/run.py" "$work/build/hello"
    exit ;;
  fetch_content_configured)
    subproject fetch_content
    say "configured, and nothing of weft is built, tested or installed"
    exit ;;
  add_subdirectory | fetch_content)
    subproject "$way"
    cmake --build "$work/build" --target consumer ;;
  *) die "no way called $way" ;;
esac

run_consumer
say "$way with $compiler: as expected"
