// SPDX-License-Identifier: Apache-2.0
#include "plain.hpp"

namespace weft::check::detail {

void cells::reset() noexcept {
  cells_.clear();
  ++execution_;
}

// Open addressing; entries of earlier executions count as empty.
std::size_t cells::place_of(void const* at) const noexcept {
  auto const mask = table_.size() - 1;
  auto i = (reinterpret_cast<std::uintptr_t>(at) * 0x9e37'79b9'7f4a'7c15u >> 32) & mask;
  while (table_[i].execution == execution_ && table_[i].at != at) i = (i + 1) & mask;
  return i;
}

void cells::grow() {
  table_.assign(table_.size() * 2, {});
  for (std::uint32_t i = 0; i < cells_.size(); ++i) {
    table_[place_of(cells_[i].at)] = {cells_[i].at, execution_, i};
  }
}

cell& cells::find(void const* at, std::size_t size) {
  auto i = place_of(at);
  if (table_[i].execution != execution_) {
    if (cells_.size() * 2 >= table_.size()) {
      grow();
      i = place_of(at);
    }
    table_[i] = {at, execution_, static_cast<std::uint32_t>(cells_.size())};
    auto& c = cells_.emplace_back();
    c.at = at;
    c.size = size;
  }
  return cells_[table_[i].cell];
}

}  // namespace weft::check::detail
