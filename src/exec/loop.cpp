// SPDX-License-Identifier: Apache-2.0
#include <weft/exec/loop.hpp>
#include <weft/wait/context.hpp>

#include <mutex>

namespace weft::inline WEFT_ON {

void loop::signal() noexcept {
  // audit: shows the wheel's next(), whose seq_cst stores the checker never shows late anyway
  changes_.fetch_add(1, release);                            // pub loop.changes -> run_at_least_one
  atoms::unpark_all(&changes_);
}

void loop::post(job& j) noexcept {
  detail::visitors::visit const here{outside_};
  {
    std::scoped_lock hold{lock_};
    j.next = nullptr;
    (last_ ? last_->next : first_) = &j;
    last_ = &j;
  }
  signal();
}

void loop::arm(timer& t) noexcept {
  detail::visitors::visit const here{outside_};
  if (wheel_.add(t)) signal();
}

void loop::stop() noexcept {
  detail::visitors::visit const here{outside_};
  {
    std::scoped_lock hold{lock_};
    stopped_ = true;
  }
  signal();
}

job* loop::pop() noexcept {
  std::scoped_lock hold{lock_};
  job* const j = first_;
  if (j) {
    first_ = j->next;
    if (!first_) last_ = nullptr;
  }
  return j;
}

void loop::expire_due() noexcept {
  auto const now = now_();
  if (wheel_.next() > now) return;
  list<timer> due;
  wheel_.expire(now, due);
  while (auto* t = due.pop_front()) t->kind->fire(*t);
}

std::size_t loop::run_ready(std::size_t most) {
  // A blocking wait inside a job would stop the loop it waits for.
  struct as_worker {
    ~as_worker() { mark_worker(was); }
    bool was = mark_worker(true);
  } mark;
  std::size_t n = 0;
  while (n < most) {
    expire_due();
    job* const j = pop();
    if (!j) break;
    j->run(*j);
    ++n;
  }
  return n;
}

std::size_t loop::run_at_least_one(std::size_t most) {
  for (;;) {
    // audit: as in signal()
    auto const seen = changes_.load(acquire);                // sub loop.changes
    {
      std::scoped_lock hold{lock_};
      if (std::exchange(stopped_, false)) return 0;
    }
    if (auto const n = run_ready(most)) return n;
    atoms::park(changes_, seen, wheel_.next());
  }
}

std::size_t loop::run() {
  std::size_t all = 0;
  while (auto const n = run_at_least_one(64)) all += n;
  return all;
}

std::size_t loop::run_one() { return run_at_least_one(1); }

std::size_t loop::poll() { return run_ready(~std::size_t{0}); }

}  // namespace weft::inline WEFT_ON
