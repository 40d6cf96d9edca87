// SPDX-License-Identifier: Apache-2.0
#include "memory.hpp"

namespace weft::check::detail {

void memory::reset() noexcept {
  used_ = 0;
  fenced_ = {};
  in_order_ = 0;
}

std::uint32_t memory::add(void const* address, word initial, unsigned thread, knowledge const& k,
                          site where) {
  if (used_ == places_.size()) places_.emplace_back();
  auto& p = places_[used_];
  p.stores.clear();
  p.ordering.clear();
  p.loads.clear();
  p.used = {};
  p.address = address;
  p.made = where;
  p.maker = static_cast<std::uint8_t>(thread);
  p.made_step = k.now.happened.at[thread];
  p.alive = true;
  auto& first = p.stores.emplace_back();
  first.value = initial;
  first.writer = p.maker;
  first.step = p.made_step;
  first.where = where;
  return used_++;
}

unsigned memory::oldest(place const& p, knowledge const& k, order o) const noexcept {
  bool const in_order = o == order::seq_cst;
  auto seen = k.now.seen;
  if (in_order) seen.join(fenced_);
  auto const fence = in_order ? none : k.now.fence;
  for (unsigned i = p.newest(); i > 0; --i) {
    auto const& s = p.stores[i];
    if (seen.covers(s.writer, s.step)) return i;
    if (s.first_in_order != 0 && s.first_in_order <= fence) return i;
    for (unsigned t = 0; t < max_threads; ++t) {
      if (s.first_read.at[t] != 0 && seen.covers(t, s.first_read.at[t])) return i;
    }
  }
  return 0;
}

void memory::read(unsigned thread, knowledge& k, place& p, unsigned index, order o) noexcept {
  auto& s = p.stores[index];
  auto& mine = s.first_read.at[thread];
  if (mine == 0) mine = k.now.happened.at[thread];
  k.to_acquire.join(s.message);
  if (acquires(o)) k.now.join(s.message);
  if (o == order::seq_cst && s.first_in_order == 0) s.first_in_order = ++in_order_;
}

stored& memory::write(unsigned thread, knowledge& k, place& p, word v, order o,
                      stored const* carried, site where) {
  view message = releases(o) ? k.now : k.released;
  if (carried != nullptr) message.join(carried->message);
  auto& s = p.stores.emplace_back();
  s.value = v;
  s.message = message;
  s.writer = static_cast<std::uint8_t>(thread);
  s.step = k.now.happened.at[thread];
  s.where = where;
  if (o == order::seq_cst) s.first_in_order = ++in_order_;
  return s;
}

void memory::fence(knowledge& k, order o) noexcept {
  if (acquires(o)) k.now.join(k.to_acquire);
  if (o == order::seq_cst) {
    k.now.seen.join(fenced_);
    fenced_ = k.now.seen;
    k.now.fence = ++in_order_;
  }
  if (releases(o)) k.released = k.now;
}

}  // namespace weft::check::detail
