// SPDX-License-Identifier: Apache-2.0
#include "ticker.hpp"

#include "guile.hpp"
#include "slice.hpp"

#include <weft/base/thread.hpp>

#include <mutex>

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

constexpr auto period = std::chrono::milliseconds(2);

}  // namespace

ticker& the_ticker() noexcept { return atoms::global<ticker>(); }

void ticker::start() {
  {
    std::scoped_lock hold{lock_};
    if (std::exchange(started_, true)) return;
  }
  atoms::let_go(atoms::start(
      [](void* self) noexcept {
        this_thread()->set_name("weft-ticker");
        in_guile([&] { static_cast<ticker*>(self)->run(); });
      },
      this));
}

void ticker::enter(lane& l) noexcept {
  {
    std::scoped_lock hold{lock_};
    l.next = first_;
    first_ = &l;
  }
  goes_on();
}

void ticker::leave(lane& l) noexcept {
  rests();
  std::scoped_lock hold{lock_};
  auto** at = &first_;
  while (*at != &l) at = &(*at)->next;
  *at = l.next;
}

void ticker::rests() noexcept { awake_.fetch_sub(1, relaxed); }  // rlx count

void ticker::goes_on() noexcept {
  if (awake_.fetch_add(1, relaxed) == 0) atoms::unpark_one(&awake_);  // rlx count
}

void ticker::run() {
  for (;;) {
    outside_guile([this] {
      while (awake_.load(relaxed) == 0) atoms::park(awake_, 0);  // rlx count
      atoms::park(nothing_, 0, atoms::now() + period);
    });
    look();
  }
}

// The lock is never held while Guile is called: a worker that a collection has stopped may hold it.
void ticker::look() noexcept {
  constexpr std::size_t most = 512;
  void* late[most];
  std::size_t n = 0;
  {
    std::scoped_lock hold{lock_};
    for (auto* l = first_; l && n < most; l = l->next) {
      auto const now = l->slice.load(relaxed);                                          // rlx hint
      if ((now & 1) != 0 && now == l->seen && !l->interrupted.exchange(true, relaxed))  // rlx hint
        late[n++] = l->thread;
      l->seen = now;
    }
  }
  for (std::size_t i = 0; i < n; ++i)
    scm_system_async_mark_for_thread(the_hooks().tick, SCM_PACK_POINTER(late[i]));
}

}  // namespace weft::inline WEFT_ON::scheme::detail
