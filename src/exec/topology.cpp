// SPDX-License-Identifier: Apache-2.0
#include <weft/exec/topology.hpp>

#include <algorithm>
#include <fstream>
#include <hwloc.h>
#include <sched.h>
#include <string>
#include <thread>

namespace weft::inline WEFT_ON {
namespace {

unsigned affinity_count() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  return static_cast<unsigned>(CPU_COUNT(&set));
}

// cpu.max of one folder: "max 100000" or "200000 100000".
double quota_of(std::string const& folder) {
  std::ifstream in{folder + "/cpu.max"};
  std::string limit;
  double period = 0;
  if (!(in >> limit >> period) || limit == "max" || period <= 0) return 0;
  return std::strtod(limit.c_str(), nullptr) / period;
}

// The tightest quota from the process's own control group up to the root.
unsigned quota_count() {
  std::ifstream in{"/proc/self/cgroup"};
  std::string path = "/";
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::")) path = line.substr(3);
  double least = 0;
  for (;;) {
    double const q = quota_of("/sys/fs/cgroup" + path);
    if (q > 0 && (least == 0 || q < least)) least = q;
    if (path.size() <= 1) break;
    path.resize(std::max<std::size_t>(path.rfind('/'), 1));
  }
  return least == 0 ? 0 : std::max(1u, static_cast<unsigned>(least));
}

processors ask() {
  processors p;
  hwloc_topology_t t{};
  if (hwloc_topology_init(&t) == 0) {
    if (hwloc_topology_load(t) == 0) {
      p.online = static_cast<unsigned>(std::max(1, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PU)));
      p.cores = static_cast<unsigned>(std::max(1, hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_CORE)));
    }
    hwloc_topology_destroy(t);
  }
  auto const a = affinity_count();
  p.affinity = a != 0 ? a : std::max(1u, std::thread::hardware_concurrency());
  p.quota = quota_count();
  return p;
}

}  // namespace

unsigned processors::usable() const noexcept {
  auto n = std::min(online, affinity);
  if (quota != 0) n = std::min(n, quota);
  return std::max(1u, n);
}

processors this_machine() {
  static processors const it = ask();
  return it;
}

}  // namespace weft::inline WEFT_ON
