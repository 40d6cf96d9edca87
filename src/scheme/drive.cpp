// SPDX-License-Identifier: Apache-2.0
#include "actor.hpp"
#include "core.hpp"
#include "slice.hpp"

#include <weft/task/resume_on.hpp>

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

/// Suspends for good, and lets the thread go on that sleeps on `word`.
class hand_back : public weft::detail::frame_awaitable {
 public:
  explicit hand_back(atoms::atomic<std::uint32_t>& word) noexcept : word_(&word) {}
  void bind(frame&) noexcept {}
  bool await_ready() const noexcept { return false; }
  WEFT_RESUME_ABI context::transfer await_suspend(std::coroutine_handle<>) const noexcept {
    auto* const at = word_;
    at->store(1, release);  // pub scheme.block -> block_on
    // The frame, and what `at` points to, may be gone from here on.
    atoms::unpark_one(at);
    return context::go({});
  }
  void await_resume() const noexcept {}

 private:
  atoms::atomic<std::uint32_t>* word_;
};

task<> wait_elsewhere(task<> how, atoms::atomic<std::uint32_t>& word) {
  co_await std::move(how);
  co_await hand_back(word);
}

}  // namespace

// The wait is the task's own, so locks it takes are the task's: the execution goes on without this
// stack, on whatever worker the wait ends, and comes back to it.
void block_on(record& r) noexcept {
  atoms::atomic<std::uint32_t> over{0};
  auto& mine = current_context();
  auto* const before = mine.top;
  auto const waits = wait_elsewhere(take_wait(r), over).release();
  waits.promise().running_in = &mine;
  waits.promise().parent = before;
  mine.top = &waits.promise();
  context::resume_here(waits);
  if (over.load(acquire) == 0) {  // sub scheme.block
    outside_guile([&] {
      blocking_region const aside;
      while (over.load(acquire) == 0) atoms::park(over, 0);  // sub scheme.block
    });
  }
  waits.destroy();
  mine.top = before;
}

// The frame holds no SCM, since the collector does not see it: only the root of the task.
task<> drive(record& r, root kept_by) {
  do {
    while (run_slice(r)) {
      if (r.what == record::wait::letter) {
        co_await letter_wait(r);
      } else if (r.what == record::wait::yield) {
        co_await yield();
      } else {
        auto how = take_wait(r);
        co_await std::move(how);
      }
      if (r.of->detour) {
        co_await resume_on(*r.of->detour);
        co_await resume_on(r.of->on);
      }
    }
  } while (begin_on_stop(r));
  finish(r);
  end_of_life(r);
  kept_by = root();  // named, so that it lives until here
}

void start(record& r, scope const& below) {
  auto mine = below.child();
  mine.state()->ref();
  r.in = mine.state();
  auto started = r.of->tasks.spawn_in(mine, &drive, std::ref(r), rooted(r.object()));
}

}  // namespace weft::inline WEFT_ON::scheme::detail
