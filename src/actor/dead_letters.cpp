// SPDX-License-Identifier: Apache-2.0
#include <weft/actor/dead_letters.hpp>

#include <algorithm>
#include <mutex>

namespace weft::inline WEFT_ON {

std::string_view name_of(dead_reason r) noexcept {
  constexpr std::array<std::string_view, dead_reasons> names{
      "no_actor", "terminated", "full", "expired", "late_reply", "unhandled", "failed"};
  return names[static_cast<std::size_t>(r)];
}

dead_letter_box& dead_letters() noexcept { return atoms::global<dead_letter_box>(); }

dead_letter_box::subscription::~subscription() {
  if (id_ != 0) dead_letters().drop(id_);
}

std::uint64_t dead_letter_box::count(dead_reason r) const noexcept {
  return counts_[static_cast<std::size_t>(r)].load(relaxed);  // rlx ordered: by the caller
}

std::uint64_t dead_letter_box::count() const noexcept {
  std::uint64_t sum = 0;
  for (auto const& c : counts_) sum += c.load(relaxed);  // rlx ordered: by the caller
  return sum;
}

std::shared_ptr<dead_letter_box::observers const> dead_letter_box::now() const noexcept {
  std::scoped_lock hold{lock_};
  return observers_;
}

// The list is copied, so that letters are shown without a lock.
dead_letter_box::subscription dead_letter_box::subscribe(observer f) {
  for (;;) {
    auto const before = now();
    auto next = before ? std::make_shared<observers>(*before) : std::make_shared<observers>();
    next->push_back({0, f});
    std::scoped_lock hold{lock_};
    if (observers_ != before) continue;
    auto const id = next->back().id = ++last_id_;
    observers_ = std::move(next);
    observed_.store(true, relaxed);  // rlx hint: the lock orders
    return subscription{id};
  }
}

void dead_letter_box::drop(std::uint64_t id) {
  for (;;) {
    auto const before = now();
    auto next = std::make_shared<observers>(*before);
    std::erase_if(*next, [id](one const& o) { return o.id == id; });
    std::scoped_lock hold{lock_};
    if (observers_ != before) continue;
    observed_.store(!next->empty(), relaxed);  // rlx hint: the lock orders
    observers_ = std::move(next);
    return;
  }
}

void dead_letter_box::put(dead_letter const& l) noexcept {
  counts_[static_cast<std::size_t>(l.reason)].fetch_add(1, relaxed);  // rlx count
  if (!observed_.load(relaxed)) return;                               // rlx hint: the lock orders
  if (auto const all = now())
    for (auto const& o : *all) o.f(l);
}

}  // namespace weft::inline WEFT_ON
