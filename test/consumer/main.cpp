// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/version.hpp>

#include <cstdio>

int main() { std::printf("weft\n"); }
