// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/base/thread.hpp>
#include <weft/probe/event.hpp>
#include <weft/wait/context.hpp>
#include <weft/wait/error_trace.hpp>

#include <utility>

namespace weft::inline WEFT_ON {
namespace detail {

// What the thread resumes just now; no context: nothing, so the thread runs as itself. One object,
// so that a resumption writes both words at once.
struct running {
  atoms::atomic<std::uint32_t> const* cancel_word;
  context* who;
};
constinit atoms::atomic<std::uint32_t> const never_cancelled{0};

#if WEFT_CANCEL_WORD_BY_HAND
extern "C" {
// tidy: allow direct: the word that cancel_word() reads by name; a trivial type
[[gnu::used]] constinit thread_local running weft_running{&never_cancelled, nullptr};
}
[[gnu::noinline]] static context* running_now() noexcept {
  asm volatile("" ::: "memory");  // tidy: allow direct: read now, for every caller
  return weft_running.who;
}
[[gnu::noinline]] static void set_running(running r) noexcept {
  weft_running = r;
  asm volatile("" ::: "memory");  // tidy: allow direct: written now
}
#else
struct running_tag;
using running_slot = atoms::thread_slot<running, running_tag>;
static context* running_now() noexcept { return running_slot::get().who; }
static void set_running(running r) noexcept { running_slot::set(r); }
atoms::atomic<std::uint32_t> const& cancel_word() noexcept {
  auto* const w = running_slot::get().cancel_word;
  return w ? *w : never_cancelled;
}
#endif

}  // namespace detail

namespace {

// Set by go() where resuming is no tail call, taken by the loop that resumed the last coroutine.
struct next_tag;
using next_coroutine = atoms::thread_slot<void*, next_tag>;

// When the running turn was seen first; the clock is read at every 16th operation only.
struct turn_tag;
using turn_start = atoms::thread_slot<time_point, turn_tag>;
constexpr auto longest_turn = std::chrono::microseconds(100);

// Milliseconds, of a clock that costs a load or two: a dump says since when, no more.
std::uint32_t coarse_ms() noexcept {
  auto const t = atoms::coarse_now().time_since_epoch();
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(t).count());
}

void resume_all(std::coroutine_handle<> h) noexcept {
  while (h) {
    next_coroutine::set(nullptr);
    h.resume();
    h = std::coroutine_handle<>::from_address(next_coroutine::get());
  }
}

struct ids {
  atoms::atomic<std::uint64_t> last{0};
};

std::uint64_t next_id() noexcept {
  // Threads take ids in blocks, so that spawning does not share a line.
  struct block_tag;
  struct range {
    std::uint64_t at = 0, end = 0;
  };
  using mine = atoms::thread_slot<range, block_tag>;
  auto r = mine::get();
  if (r.at == r.end) {
    r.at = atoms::global<ids>().last.fetch_add(1024, weft::relaxed);  // rlx ordered: by nothing
    r.end = r.at + 1024;
  }
  ++r.at;
  mine::set(r);
  return r.at;
}

}  // namespace

context::context(executor* home, detail::scope_state* in) noexcept
    : job(&on_job), scope_member(kind::execution), id_(next_id()), home_(home), scope_(in) {
  if (scope_) {
    scope_->ref();
    scope_->enter(*this);
    entered_ = true;
  }
}

context::~context() {
  leave_scope();
  if (scope_) scope_->unref();
}

void context::leave_scope() noexcept {
  if (!entered_) return;
  entered_ = false;
  scope_->leave(*this);
  // The scope may go with this execution: its word is not read any more.
  if (detail::running_now() == this) detail::set_running({&detail::never_cancelled, this});
}

bool context::park(wait_cases& cases) noexcept {
  cases_ = &cases;
  since_ = coarse_ms();
  begin(shielded());
  if (!shielded() && scope_ && scope_->cancelled_after_begin()) end_self(cancelled_case);
  return !advance();
}

// Tries until the wait has ended, or sleeps. Once armed, another thread may run this execution:
// nothing of it is touched after arm() said `suspended`.
bool context::advance() noexcept {
  for (;;) {
    // Asked again after publish(): whoever ended the wait meanwhile wrote what is read next.
    if (ended() || (cases_->publish(*this) && ended())) return settle();
    trace_event(area::wait, "park", id_);
    switch (arm()) {
      case armed::suspended:
        return false;
      case armed::ended:
        return settle();
      case armed::nudged:
        if (cancel_due()) end_self(cancelled_case);
    }
  }
}

// The wait has ended; what lost is taken back.
bool context::settle() noexcept {
  cases_->withdraw();
  kept_ = winner();
  if (cases_->settle(nullptr)) {
    close(kept_);
    return true;
  }
  settling_ = true;
  return settled();
}

// Taking back takes time: more waits follow, shielded, until nothing is left of the losers.
bool context::settled() noexcept {
  for (;;) {
    begin(true);
    if (cases_->settle(this)) {
      settling_ = false;
      end_self(kept_);
      close(kept_);
      return true;
    }
    if (arm() == armed::suspended) return false;
  }
}

bool context::woken() noexcept {
  trace_event(area::wait, "wake", id_);
  if (settling_) return settled();
  if (!ended()) {
    clear_nudge();
    if (cancel_due()) end_self(cancelled_case);
  }
  return advance();
}

bool context::turn_over() noexcept {
  auto const now = atoms::now();
  if (spent_ == 16) {
    turn_start::set(now);
    return false;
  }
  return now - turn_start::get() > longest_turn;
}

void context::yield_to_others(std::coroutine_handle<> h) noexcept {
  next_ = h.address();
  resumes_ = true;
  home_->post(*this);
}

void context::wake() noexcept { home_->post_next(*this); }

void context::runs() noexcept {
  detail::set_running({entered_ ? &scope_->status() : &detail::never_cancelled, this});
}

void context::on_job(job& j) noexcept {
  auto& c = static_cast<context&>(j);
  auto* const before = detail::running_now();
  if (!c.foreign_) c.runs();
  std::coroutine_handle<> h{};
  if (c.resumes_) {
    c.spent_ = 0;
    c.resumes_ = false;
    h = std::coroutine_handle<>::from_address(c.next_);
  } else if (c.woken()) {
    c.spent_ = 0;
    h = c.cases_->ended(c);
  }
  // From here on the context may be gone, or run on another thread.
  resume_all(h);
  runs_again(before);
}

void context::runs_again(context* before) noexcept {
  if (before) {
    before->runs();
  } else {
    detail::set_running({&detail::never_cancelled, nullptr});
  }
}

running_as::running_as(context& c) noexcept : before_(detail::running_now()) { c.runs(); }
running_as::~running_as() { context::runs_again(before_); }

void context::leave_to_loop(std::coroutine_handle<> h) noexcept {
  next_coroutine::set(h ? h.address() : nullptr);
}

void context::resume_here(std::coroutine_handle<> h) noexcept { resume_all(h); }

std::coroutine_handle<> context::unwind() noexcept {
  std::exception_ptr why;  // the weft::cancelled that began it, if one was thrown
  if ((top->flags & frame::failed) != 0) why = top->error;
  for (frame* f = top;;) {
    top = f;
    frame* const p = f->parent;
    bool const last = p == nullptr || (f->flags & frame::catches) != 0;
    // The last frame ends the loop, so this is moved once.
    // NOLINTNEXTLINE(bugprone-use-after-move)
    if (last && why && (f->flags & frame::failed) == 0) {
      std::construct_at(&f->error, std::move(why));
      f->flags |= frame::failed;
    }
    if ((f->flags & frame::catches) != 0) {
      f->flags |= frame::was_cancelled;
      top = p;
      return p->handle();
    }
    if (!p) {
      trace_event(area::task, "end", id_, 1);
      finished(*f, true);
      return {};
    }
    p->flags |= frame::child_gone;
    f->handle().destroy();
    f = p;
  }
}

std::coroutine_handle<> context::complete(frame& f) noexcept {
  if (frame* p = f.parent) {
    top = p;
    return p->handle();
  }
  trace_event(area::task, "end", id_);
  finished(f, false);
  return {};
}

void context::arm_timer(timer& t) noexcept { home_->arm(t); }
void context::disarm_timer(timer& t) noexcept { home_->disarm(t); }
time_point context::now() const noexcept { return home_ ? home_->now() : atoms::now(); }

context& current_context() noexcept {
  auto* c = detail::running_now();
  return c ? *c : thread_context();
}

}  // namespace weft::inline WEFT_ON
