// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/context.hpp>

#include <string>

namespace weft::inline WEFT_ON {

/// A thing with one owner at a time, such as a lock: a node of the wait-for graph.
class owned {
 public:
  struct holder {
    std::uint64_t id = 0;  // execution that owns it; 0: nobody
    std::source_location since{};
  };
  [[nodiscard]] virtual holder held_by() const noexcept = 0;
  [[nodiscard]] virtual std::string described() const = 0;

 protected:
  ~owned() = default;
};

/// One edge of the wait-for graph: execution `who` sleeps until `what` is given up.
struct wait_edge : list_hook<wait_edge> {
  context* who = nullptr;
  owned const* what = nullptr;
  std::source_location at{};
};

/// Adds an edge. If it closes a cycle it is not added, and the text tells every lock on it, who
/// holds it since where, and who waits for it where.
///
/// The walk runs under the graph's lock, so an edge it sees belongs to a wait that had not ended.
///
/// threads   any
/// cost      a lock and one look-up for each step; only waits that park come here
[[nodiscard]] std::string add_edge(wait_edge& e);
void remove_edge(wait_edge& e) noexcept;

}  // namespace weft::inline WEFT_ON
