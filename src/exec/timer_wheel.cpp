// SPDX-License-Identifier: Apache-2.0
#include <weft/exec/timer_wheel.hpp>

#include <algorithm>
#include <bit>
#include <mutex>

namespace weft::inline WEFT_ON {

timer_wheel::tick timer_wheel::ticks(time_point t) const noexcept {
  if (t <= start_) return 0;
  // Rounded up: a timer may be late by a tick, never early.
  return (static_cast<std::uint64_t>((t - start_).count()) + 1023) >> 10;
}

time_point timer_wheel::time_of(tick t) const noexcept {
  return start_ + duration(static_cast<std::int64_t>(t << 10));
}

timer_wheel::tick timer_wheel::file(timer& t) noexcept {
  constexpr tick farthest = (tick{1} << (levels * bits)) - 1;
  auto const due = std::max(ticks(t.when), now_);
  auto const at = std::min(due, now_ + farthest - (tick{1} << ((levels - 1) * bits)));
  auto const differs = (at ^ now_) | (slots - 1);
  auto const highest = 63u - static_cast<unsigned>(std::countl_zero(differs));
  auto const level = std::min(levels - 1, highest / bits);
  auto const slot = static_cast<unsigned>(at >> (level * bits)) % slots;
  t.slot = static_cast<std::uint16_t>(level * slots + slot);
  slot_[t.slot].push_back(t);
  occupied_[level] |= std::uint64_t{1} << slot;
  return std::max(now_, at >> (level * bits) << (level * bits));
}

void timer_wheel::unfile(timer& t) noexcept {
  auto& in = slot_[t.slot];
  in.erase(t);
  if (in.empty()) occupied_[t.slot / slots] &= ~(std::uint64_t{1} << (t.slot % slots));
}

bool timer_wheel::next_stop(stop& s) const noexcept {
  bool found = false;
  for (unsigned level = 0; level < levels; ++level) {
    if (occupied_[level] == 0) continue;
    auto const here = static_cast<unsigned>(now_ >> (level * bits)) % slots;
    auto const ahead = std::rotr(occupied_[level], static_cast<int>(here));
    auto const slot = (here + static_cast<unsigned>(std::countr_zero(ahead))) % slots;
    auto const span = tick{1} << (level * bits);
    auto at = (now_ & ~(span * slots - 1)) + slot * span;
    if (slot < here) at += span * slots;
    at = std::max(at, now_);
    if (!found || at < s.at) s = {at, level, slot};
    found = true;
  }
  return found;
}

void timer_wheel::publish_next() noexcept {
  stop s{};
  auto const t = next_stop(s) ? time_of(s.at) : never;
  // It only rises here: who sees it late wakes once too often, never too late.
  next_.store(t.time_since_epoch().count(), relaxed);  // rlx owner: under the lock
}

bool timer_wheel::add(timer& t) noexcept {
  std::scoped_lock hold{lock_};
  auto const stops = time_of(file(t)).time_since_epoch().count();
  if (stops >= next_.load(relaxed)) return false;      // rlx owner: under the lock
  next_.store(stops, seq_cst);                         // dek exec.timer
  return true;
}

void timer_wheel::remove(timer& t) noexcept {
  std::scoped_lock hold{lock_};
  // In this order: the links of a claimed timer are those of who fires it, outside the lock.
  if (t.slot != claimed && t.linked()) unfile(t);
}

void timer_wheel::expire(time_point now, list<timer>& fired) noexcept {
  std::scoped_lock hold{lock_};
  if (now < start_) return;
  auto const end = static_cast<tick>((now - start_).count()) >> 10;
  for (stop s{}; next_stop(s) && s.at <= end;) {
    now_ = s.at;
    auto& in = slot_[s.level * slots + s.slot];
    list<timer> moved;
    while (auto* t = in.pop_front()) moved.push_back(*t);
    occupied_[s.level] &= ~(std::uint64_t{1} << s.slot);
    while (auto* t = moved.pop_front()) {
      if (ticks(t->when) > now_) {
        file(*t);
      } else if (t->kind->due(*t)) {
        t->slot = claimed;
        fired.push_back(*t);
      }
    }
  }
  now_ = std::max(now_, end);
  publish_next();
}

}  // namespace weft::inline WEFT_ON
