// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/ref.hpp>

namespace weft::inline WEFT_ON {

/// An actor has ended: what a monitor sends, and to one that traps exits, a link.
struct down {
  std::uint64_t who;  // its id
  exit_reason why;
};

namespace detail {

template <>
inline constexpr bool is_notice<down> = true;

/// Waits until an actor has ended for good.
class ended_operation : public operation_base<ended_operation>, wait_node {
 public:
  using result_type = exit_reason;
  ended_operation(cell* at, std::uint64_t id) noexcept : at_(at), id_(id) {}

  [[nodiscard]] case_id try_commit();
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept;
  void withdraw() noexcept;
  exit_reason take(case_id) noexcept { return std::move(why_); }
  [[nodiscard]] wait_info describe() const noexcept { return {"ended", at_, nullptr}; }

 private:
  friend class detail::cell;
  cell* at_;
  std::uint64_t id_;
  exit_reason why_{exit_reason::kind::no_actor};
};

std::uint64_t begin_monitor(cell* at, std::uint64_t id, cell* to, std::uint64_t to_id);
bool end_monitor(cell* at, std::uint64_t id, std::uint64_t number) noexcept;
bool link_cells(cell* a, std::uint64_t id_a, cell* b, std::uint64_t id_b);
void unlink_cells(cell* a, std::uint64_t id_a, cell* b, std::uint64_t id_b) noexcept;

}  // namespace detail

/// An operation that waits until the actor has ended for good, restarts not counted, and says why;
/// no_actor if it had ended before.
///
/// throws    std::bad_alloc
template <class... M>
[[nodiscard]] auto ended(ref<M...> const& of) noexcept {
  return detail::ended_operation(detail::ref_access::at(of), of.id());
}

/// Sends `to` a down message when the actor has ended for good, after all that it was sent before;
/// at once if there is nobody. Gives the number of the monitor.
///
/// throws    std::bad_alloc; the message itself is made here, so that an end allocates nothing
template <class... M, class... N>
std::uint64_t monitor(ref<M...> const& of, ref<N...> const& to) {
  ref<down> const told = to;
  return detail::begin_monitor(detail::ref_access::at(of), of.id(), detail::ref_access::at(told),
                               told.id());
}
/// Takes a monitor back: true if its message was not sent and will not be.
template <class... M>
bool demonitor(ref<M...> const& of, std::uint64_t number) noexcept {
  return detail::end_monitor(detail::ref_access::at(of), of.id(), number);
}

/// Ties two actors together: when one ends, and not normally, the other ends too, with the reason
/// `linked`. One whose class says `static constexpr bool traps_exits = true`, and which takes down
/// messages, is sent one instead, for any end.
///
/// There is one link between two, however often it is made. If one of them has ended before, the
/// other hears of it at once. Refused (false) for an inbox, which cannot be ended.
///
/// throws    std::bad_alloc
/// source    Armstrong, "Making reliable distributed systems in the presence of software errors",
///           2003
template <class... M, class... N>
bool link(ref<M...> const& a, ref<N...> const& b) {
  return detail::link_cells(detail::ref_access::at(a), a.id(), detail::ref_access::at(b), b.id());
}
/// Unties them: neither hears of the other's end any more.
template <class... M, class... N>
void unlink(ref<M...> const& a, ref<N...> const& b) noexcept {
  detail::unlink_cells(detail::ref_access::at(a), a.id(), detail::ref_access::at(b), b.id());
}

}  // namespace weft::inline WEFT_ON
