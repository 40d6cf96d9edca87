// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/base/thread.hpp>
#include <weft/wait/context.hpp>
#include <weft/wait/error_trace.hpp>

#include <mutex>

namespace weft::inline WEFT_ON {
namespace {

/// A plain thread as one that waits: it sleeps on its own word, its timeouts are the futex's.
class plain_thread final : public context {
 public:
  plain_thread() : context(nullptr, nullptr) {}

  [[nodiscard]] bool is_thread() const noexcept override { return true; }
  void arm_timer(timer& t) noexcept override { timers_.push_back(t); }
  void disarm_timer(timer& t) noexcept override {
    if (t.linked()) timers_.erase(t);
  }
  [[nodiscard]] time_point now() const noexcept override { return atoms::now(); }

  case_id wait(wait_cases& cases) noexcept {
    if (park(cases)) {
      do {
        sleep();
      } while (!woken());
    }
    return winner();
  }

  plain_thread* next_free = nullptr;

 private:
  // Posts nothing: the owner looks at its word itself.
  void wake() noexcept override { atoms::unpark_one(&word()); }
  void finished(frame&, bool) noexcept override {}

  void sleep() noexcept {
    backoff pause;
    for (std::uint32_t seen = 0; asleep(seen);) {
      if (is_claimed(seen)) {
        pause();  // somebody ends it just now
      } else if (!atoms::park(word(), seen, first_deadline())) {
        run_timers();
      }
    }
  }
  [[nodiscard]] time_point first_deadline() noexcept {
    auto first = never;
    for (auto* t = timers_.front(); t; t = timers_.after(*t)) first = std::min(first, t->when);
    return first;
  }
  void run_timers() noexcept {
    auto const now = atoms::now();
    for (auto* t = timers_.front(); t;) {
      auto* const following = timers_.after(*t);
      if (t->when <= now) {
        timers_.erase(*t);
        if (t->kind->due(*t)) return t->kind->fire(*t);
      }
      t = following;
    }
  }

  list<timer> timers_;
};

// Contexts of threads are never freed: whoever ends a wait may still wake a thread that has seen
// the end by itself and gone.
struct contexts {
  spin_lock lock;
  plain_thread* free = nullptr;
};

plain_thread& make_context(thread_record& r) {
  plain_thread* c = nullptr;
  {
    auto& spare = atoms::global<contexts>();
    std::scoped_lock hold{spare.lock};
    if ((c = spare.free) != nullptr) spare.free = c->next_free;
  }
  if (!c) {
    c = new (atoms::allocate_for_ever(sizeof(plain_thread), alignof(plain_thread))) plain_thread;
  }
  r.set(room::wait, c);
  r.at_exit(
      [](thread_record& of, void* arg) noexcept {
        auto* old = static_cast<plain_thread*>(arg);
        old->trace.reset();  // of the last error the thread met: it holds the exception
        of.set(room::wait, nullptr);
        auto& spare = atoms::global<contexts>();
        std::scoped_lock hold{spare.lock};
        old->next_free = spare.free;
        spare.free = old;
      },
      c);
  return *c;
}

plain_thread& mine() noexcept {
  auto* const r = this_thread();
  auto* const c = static_cast<plain_thread*>(r->get(room::wait));
  return c ? *c : make_context(*r);
}

struct worker_tag;
using worker_mark = atoms::thread_slot<bool, worker_tag>;
struct forbidden_tag;
using forbidden = atoms::thread_slot<char const*, forbidden_tag>;

}  // namespace

context& thread_context() noexcept { return mine(); }

case_id wait_in_thread(wait_cases& cases) noexcept { return mine().wait(cases); }

bool mark_worker(bool is_one) noexcept {
  bool const was = worker_mark::get();
  worker_mark::set(is_one);
  return was;
}

char const* forbid_waiting(char const* why) noexcept {
  auto* const before = forbidden::get();
  forbidden::set(why);
  return before;
}

void must_not_be_worker(std::source_location const& where) {
  if (auto* const why = forbidden::get()) throw misuse_error("a wait at " + place(where) + why);
  if (!worker_mark::get()) return;
  throw misuse_error("a blocking wait at " + place(where) +
                     " on a worker of the runtime: it would stop every task of that worker\n"
                     "  in a task write `co_await` instead of `.wait()` or `lock()`; around code "
                     "that must block, use `co_await weft::blocking(f)`");
}

}  // namespace weft::inline WEFT_ON
