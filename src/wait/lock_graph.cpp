// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/wait/lock_graph.hpp>

#include <array>
#include <mutex>
#include <vector>

namespace weft::inline WEFT_ON {
namespace {

constexpr std::size_t longest_walk = 64;

// Edges by the execution that waits; each execution waits for one thing.
class graph {
 public:
  spin_lock lock;

  void insert(wait_edge& e) noexcept { bucket(e.who->id()).push_back(e); }
  void erase(wait_edge& e) noexcept { bucket(e.who->id()).erase(e); }
  [[nodiscard]] wait_edge* find(std::uint64_t id) noexcept {
    auto& in = bucket(id);
    for (auto* e = in.front(); e; e = in.after(*e))
      if (e->who->id() == id) return e;
    return nullptr;
  }

 private:
  list<wait_edge>& bucket(std::uint64_t id) noexcept { return buckets_[id % buckets_.size()]; }
  std::array<list<wait_edge>, 256> buckets_;
};

std::string named(std::uint64_t id) { return "task " + std::to_string(id); }

std::string report(std::vector<wait_edge const*> const& cycle) {
  std::string out = "deadlock: " + std::to_string(cycle.size()) +
                    (cycle.size() == 1 ? " task waits for itself" : " tasks wait in a circle");
  for (auto const* e : cycle) {
    auto const h = e->what->held_by();
    out += "\n  " + named(e->who->id()) + " waits at " + place(e->at) + " for " +
           e->what->described() + "\n    held by " + named(h.id) + ", acquired at " +
           place(h.since);
  }
  out += "\n  acquire the locks in the same order everywhere, or both at once";
  return out;
}

}  // namespace

std::string add_edge(wait_edge& e) {
  auto& g = atoms::global<graph>();
  // At most longest_walk + 1 entries: room is made before the lock is taken.
  std::vector<wait_edge const*> path;
  path.reserve(longest_walk + 1);
  std::scoped_lock hold{g.lock};
  path.push_back(&e);
  for (auto const* at = &e; path.size() <= longest_walk;) {
    auto const owner = at->what->held_by().id;
    if (owner == e.who->id()) return report(path);
    auto const* next = owner == 0 ? nullptr : g.find(owner);
    if (!next) break;
    path.push_back(next);
    at = next;
  }
  g.insert(e);
  return {};
}

void remove_edge(wait_edge& e) noexcept {
  auto& g = atoms::global<graph>();
  std::scoped_lock hold{g.lock};
  if (e.linked()) g.erase(e);
}

}  // namespace weft::inline WEFT_ON
