// SPDX-License-Identifier: Apache-2.0
#include <weft/probe/event.hpp>
#include <weft/wait/context.hpp>
#include <weft/wait/scope.hpp>
#include <weft/wait/scope_link.hpp>

#include <memory>
#include <mutex>

namespace weft::inline WEFT_ON {
namespace detail {

namespace {

// A copy needs memory; a cancellation must not fail for want of it, and then has no reason.
std::unique_ptr<std::string const> kept(std::string_view reason) noexcept {
  if (reason.empty()) return nullptr;
  try {
    return std::make_unique<std::string const>(reason);
  } catch (std::bad_alloc const&) {
    return nullptr;
  }
}

}  // namespace

std::string const& scope_state::reason() const noexcept {
  static std::string const none;
  return reason_ ? *reason_ : none;
}

scope_state* scope_state::make(scope_state* parent) {
  auto* s = new scope_state;
  if (!parent) return s;
  parent->ref();
  s->parent_ = parent;
  std::scoped_lock hold{parent->lock_};
  if (parent->cancelled()) {
    s->reason_ = kept(parent->reason());
    s->status_.store(dead, weft::relaxed);  // rlx init
  }
  parent->members_.push_back(*s);
  return s;
}

void scope_state::ref() noexcept {
  refs_.fetch_add(1, weft::relaxed);  // rlx count
}

bool scope_state::try_ref() noexcept {
  auto n = refs_.load(weft::relaxed);  // rlx cas
  while (n != 0) {
    if (refs_.compare_exchange_weak(n, n + 1, weft::relaxed,  // rlx cas: the list's lock orders
                                    weft::relaxed))           // rlx cas
      return true;
  }
  return false;
}

void scope_state::unref() noexcept {
  for (auto* s = this; s != nullptr;) {
    if (s->refs_.fetch_sub(1, weft::acq_rel) != 1) return;  // pub scope.refs -> unref, sub
                                                            // scope.refs
    while (auto* d = s->deadlines_) {
      d->on->disarm(*d);  // due() finds no reference to take, so nothing fires after this
      s->deadlines_ = d->next;
      delete d;
    }
    auto* up = s->parent_;
    if (up) {
      std::scoped_lock hold{up->lock_};
      up->members_.erase(*s);
    }
    delete s;
    s = up;  // its reference to the parent, given back in turn: no recursion over deep trees
  }
}

void scope_state::enter(scope_member& m) noexcept {
  std::scoped_lock hold{lock_};
  members_.push_back(m);
}

void scope_state::leave(scope_member& m) noexcept {
  std::scoped_lock hold{lock_};
  members_.erase(m);
}

// The claim of one member's wait, if it has one. Those that sleep are strung together by the link
// they will be posted by; the others, which run and will see the end by themselves, end here.
void scope_state::claim_member(scope_member& m, context*& claimed) noexcept {
  bool const execution = m.what == kind::execution;
  auto& c = execution ? static_cast<context&>(m) : *static_cast<scope_link&>(m).of;
  if (c.try_claim_cancel() != waiter::claim::won) return;
  c.stage(execution ? cancelled_case : static_cast<scope_link&>(m).index);
  if (!c.claimed_asleep()) return c.commit_staged();
  c.next = claimed;
  claimed = &c;
}

// True if this call cancelled it and somebody still uses it. The caller holds the parent's lock,
// which keeps the state in memory even when its last reference has gone.
bool scope_state::kill(std::string_view reason, bool late) noexcept {
  std::scoped_lock hold{lock_};
  if (cancelled()) return false;
  reason_ = kept(reason);
  late_ = late;
  status_.store(dead, weft::seq_cst);  // dek wait.cancel, pub scope.cancel ->
                                       // cancelled
  return try_ref();
}

bool scope_state::cancel(std::string_view reason, bool late) noexcept {
  if (!kill(reason, late)) return false;
  trace_event(area::wait, "cancel", reinterpret_cast<std::uintptr_t>(this));
  chain_ = nullptr;
  for (auto* s = this; s != nullptr;) {
    context* claimed = nullptr;
    auto* todo = s->chain_;
    {
      std::scoped_lock hold{s->lock_};
      for (auto* m = s->members_.front(); m; m = s->members_.after(*m)) {
        if (m->what == kind::listener) {
          auto& l = static_cast<scope_listener&>(*m);
          l.heard->cancelled(l);
        } else if (m->what != kind::child) {
          claim_member(*m, claimed);
        } else if (auto* child = static_cast<scope_state*>(m); child->kill(this->reason(), false)) {
          child->chain_ = todo;
          todo = child;
        }
      }
    }
    while (claimed) {
      auto* c = claimed;
      claimed = static_cast<context*>(c->next);
      c->commit_staged();
    }
    if (s != this) s->unref();
    s = todo;
  }
  unref();
  return true;
}

bool scope_state::deadline::due(timer& t) noexcept {
  return static_cast<deadline&>(t).of->try_ref();
}

void scope_state::deadline::fire(timer& t) noexcept {
  auto& s = *static_cast<deadline&>(t).of;
  s.cancel("the deadline has passed", true);
  s.unref();
}

void scope_state::cancel_at(time_point t, executor& ex) {
  auto* const d = new deadline(*this, ex);
  d->when = t;
  {
    std::scoped_lock hold{lock_};
    d->next = std::exchange(deadlines_, d);
  }
  ex.arm(*d);
}

void scope_state::visit(std::function<void(context&)> const& f) {
  std::scoped_lock hold{lock_};
  for (auto* m = members_.front(); m; m = members_.after(*m)) {
    if (m->what == kind::execution) f(static_cast<context&>(*m));
    if (m->what == kind::child) static_cast<scope_state*>(m)->visit(f);
  }
}

}  // namespace detail

scope::scope() : state_(detail::scope_state::make(current_context().scope_of())) {}

scope::scope(scope const& other) noexcept : state_(other.state_) {
  if (state_) state_->ref();
}

scope::~scope() {
  if (state_) state_->unref();
}

scope scope::root() { return scope{detail::scope_state::make(nullptr)}; }

scope scope::child() const { return scope{detail::scope_state::make(state_)}; }

void scope::cancel_at(time_point t) {
  if (!state_) return;
  auto* const home = current_context().home();
  state_->cancel_at(t, home ? *home : default_executor());
}

void scope::cancel_after(duration d) { cancel_at(current_context().now() + d); }

scope this_scope() noexcept {
  auto* s = current_context().scope_of();
  if (!s) return scope{static_cast<detail::scope_state*>(nullptr)};
  s->ref();
  return scope{s};
}

shield::shield() noexcept : of_(&current_context()) { of_->raise_shield(); }

shield::~shield() { of_->lower_shield(); }

}  // namespace weft::inline WEFT_ON
