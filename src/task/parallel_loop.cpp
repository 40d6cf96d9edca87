// SPDX-License-Identifier: Apache-2.0
// One call, shared by the calling thread and by workers that have nothing else to do.
//
// L1  A chunk is begun at most once, and after stop() none: `next_` never goes back below `count_`.
// L2  A helper is inside before the caller closes, and then the caller waits for it; or it comes
//     after, and touches nothing but the crew, which is counted. `inside_` is one word that is only
//     changed by read-modify-writes, so there is no third case.
// L3  The caller sees what was done inside: a helper leaves by a release, and the caller goes on
//     when it has read, with acquire, that nobody is inside.
// L4  The caller is woken: the one who leaves last after the close reads `closed + one` and wakes.
//
// Shown by test/task/parallel.model.cpp.
#include <weft/base/cache_line.hpp>
#include <weft/base/error.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/task/parallel_loop.hpp>
#include <weft/wait/operation.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace weft::inline WEFT_ON::detail {
namespace {

constexpr std::size_t chunks_a_thread = 16;
constexpr unsigned looks_before_sleep = atoms::tiny ? 0 : 256;  // some ten microseconds

/// The execution that a helper is while it works: in the caller's scope, under the caller's shield.
class hand final : public context {
 public:
  hand(executor& home, scope_state* in, bool shielded) : context(&home, in) {
    if (shielded) raise_shield();
  }

 private:
  void finished(frame&, bool) noexcept override {}
};

class crew {
 public:
  crew(std::size_t count, chunk_body body, runtime& on, std::size_t helpers)
      : count_(count), body_(body), on_(on), helpers_(new assistant[helpers]), refs_(helpers + 1) {
    auto& c = current_context();
    scope_ = c.scope_of();
    shielded_ = c.shielded();
    on_.begin_work();
    for (std::size_t i = 0; i < helpers; ++i) {
      helpers_[i].of = this;
      on_.post(helpers_[i]);
    }
  }

  void work() noexcept {
    auto const& c = current_context();
    for (;;) {
      auto const chunk = next_.fetch_add(1, relaxed);  // rlx ordered: by post and inside_
      if (chunk >= count_) return;
      if (c.cancel_due()) {
        cut_short_.store(true, relaxed);  // rlx ordered: by inside_
        return stop();
      }
      try {
        body_(chunk);
      } catch (...) {
        failed(std::current_exception());
        return stop();
      }
    }
  }

  /// The end of the call: nobody begins anything any more, and everybody inside has left.
  void close() noexcept {
    inside_.fetch_or(closed, relaxed);  // rlx ordered: by what is read below
    std::optional<blocking_region> replaced;
    for (unsigned looks = 0;; ++looks) {
      auto const seen = inside_.load(acquire);  // sub parallel.leave
      if (seen == closed) return;
      if (looks < looks_before_sleep) {
        atoms::pause(4);
      } else {
        if (!replaced) replaced.emplace();
        atoms::park(inside_, seen);
      }
    }
  }

  void outcome() {
    // Taken out: whoever catches it is the one who destroys it, not an assistant that comes late.
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    if (cut_short_.load(relaxed)) throw_cancelled(current_context());  // rlx ordered: by inside_
  }

  void unref() noexcept {
    if (refs_.fetch_sub(1, acq_rel) != 1) return;  // pub parallel.ref -> unref, sub parallel.ref
    auto& on = on_;
    delete this;
    on.end_work();
  }

 private:
  struct assistant : job {
    assistant() noexcept : job(&run_job) {}
    static void run_job(job& j) noexcept { static_cast<assistant&>(j).of->help(); }
    crew* of = nullptr;
  };
  static constexpr std::uint32_t closed = 1;
  static constexpr std::uint32_t one = 2;

  ~crew() = default;

  void help() noexcept {
    if ((inside_.fetch_add(one, relaxed) & closed) == 0) {  // rlx ordered: by post
      hand h(on_, scope_, shielded_);
      running_as here(h);
      work();
    }
    if (inside_.fetch_sub(one, release) == closed + one) {  // pub parallel.leave -> close
      atoms::unpark_one(&inside_);
    }
    unref();
  }

  void stop() noexcept { next_.store(count_, relaxed); }  // rlx ordered: others may begin one more

  void failed(std::exception_ptr e) noexcept {
    std::scoped_lock hold{lock_};
    if (!error_) error_ = std::move(e);
  }

  std::size_t const count_;
  chunk_body const body_;
  runtime& on_;
  scope_state* scope_;
  bool shielded_;
  spin_lock lock_;
  std::exception_ptr error_;
  atoms::atomic<bool> cut_short_{false};
  std::unique_ptr<assistant[]> helpers_;
  // What all take from has a line of its own.
  alignas(cache_line) atoms::atomic<std::size_t> next_{0};
  alignas(cache_line) atoms::atomic<std::uint32_t> inside_{0};  // `one` a helper inside, `closed`
  atoms::atomic<std::size_t> refs_;
};

runtime& runtime_of(parallel_options const& how) { return how.on ? *how.on : current_runtime(); }

void run_alone(std::size_t count, chunk_body body) {
  auto const& c = current_context();
  for (std::size_t i = 0; i < count; ++i) {
    if (c.cancel_due()) throw_cancelled(c);
    body(i);
  }
}

}  // namespace

chunks::chunks(std::size_t n, parallel_options const& how) : elements(n) {
  auto const wanted = chunks_a_thread * runtime_of(how).workers();
  length = how.grain != 0 ? how.grain : std::max<std::size_t>(1, (n + wanted - 1) / wanted);
  count = n / length + (n % length != 0 ? 1 : 0);
}

void run_chunks(std::size_t count, chunk_body body, parallel_options const& how) {
  auto& on = runtime_of(how);
  std::size_t const free = on.workers() - (on.on_worker() ? 1 : 0);
  auto const helpers = std::min(free, count == 0 ? 0 : count - 1);
  if (helpers == 0) return run_alone(count, body);
  auto* const all = new crew(count, body, on, helpers);
  all->work();
  all->close();
  struct release {
    ~release() { of->unref(); }
    crew* of;
  } const at_end{all};
  all->outcome();
}

}  // namespace weft::inline WEFT_ON::detail
