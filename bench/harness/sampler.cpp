// SPDX-License-Identifier: Apache-2.0
#include "sampler.hpp"

#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace bench {

settings& current() {
  static settings in_force;
  return in_force;
}

std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  if (!(statm >> total >> resident))
    throw std::runtime_error{"cannot read /proc/self/statm: resident memory is not known"};
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace bench
