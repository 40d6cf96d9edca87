// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/domain.hpp>

#include <atomic>
#include <string>

// What the typestates of a domain forbid.
struct node {
  node* next = nullptr;
};
weft::domain d;
std::atomic<node*> head{nullptr};

#ifdef FAIL_a_read_phase_that_may_throw
// error: f must be noexcept
int read() {
  return d.read([](auto& r) { return r.load(head) ? 1 : 0; });
}
#endif

#ifdef FAIL_a_read_phase_that_returns_what_owns
// error: what f returns is trivially copyable
std::string read() {
  return d.read([](auto&) noexcept { return std::string(); });
}
#endif

#ifdef FAIL_a_read_phase_that_owns
// error: f captures by reference or by trivial copies
int read(std::string s) {
  return d.read([s](auto&) noexcept { return static_cast<int>(s.size()); });
}
#endif

#ifdef FAIL_a_read_phase_without_a_reader
// error: f takes the reader by reference
int read() {
  return d.read([]() noexcept { return 1; });
}
#endif

#ifdef FAIL_more_reservations_than_were_asked_for
// error: ask for more by its N
void read() {
  (void)d.read<1>([](auto& r) noexcept {
    r.template reserve<1>(nullptr);
    return 0;
  });
}
#endif

#ifdef FAIL_more_reservations_than_there_are
// error: a section reserves at most 3 objects
void read() {
  (void)d.read<4>([](auto&) noexcept { return 0; });
}
#endif

#ifdef FAIL_retiring_without_a_guard
// error: private|no member
void retire(node* n) { d.retire(n); }
#endif

#ifdef FAIL_retiring_what_is_still_linked
// error: cannot be|no matching
void retire(weft::domain::pinned& guard) { guard.retire(head); }
#endif

#ifdef FAIL_a_copy_of_a_guard
// error: deleted
void copy(weft::domain::pinned const& guard) { auto const second = guard; }
#endif

#ifdef FAIL_the_end_of_a_guard_that_has_a_name
// error: unpin
void unpin(weft::domain::pinned& guard) { guard.unpin(); }
#endif

#ifdef FAIL_reclaiming_before_it_is_known_that_one_may
// error: reclaim
auto reclaim(weft::domain::registration& r) { return r.start_reclaim().reclaim(); }
#endif

#ifdef FAIL_every_call_but_none
// error: N is at least 1
bool advance(weft::domain::registration& r) { return r.advance_every<0>(); }
#endif
