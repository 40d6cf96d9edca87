// SPDX-License-Identifier: Apache-2.0
#include "unjoined.hpp"

#include <weft/probe/event.hpp>
#include <weft/probe/log.hpp>
#include <weft/task/group.hpp>

#include <mutex>

namespace weft::inline WEFT_ON {
namespace {

// In a plain thread the runtime's root is the scope above, so that its end reaches the group.
scope scope_for(executor& ex) {
  if (current_context().scope_of() != nullptr) return scope{};
  auto* const rt = dynamic_cast<runtime*>(&ex);
  return rt ? rt->root().child() : scope::root();
}

}  // namespace

group::group(executor& ex) : group(ex, nullptr, scope_for(ex)) {
  counted_ = dynamic_cast<runtime*>(&ex);
  if (counted_) counted_->begin_work();
}

group::group(executor& ex, frame* owner, scope in)
    : home_(&ex), owner_(owner), scope_(std::move(in)) {}

group::~group() {
  if (live() != 0) {
    if (owner_ != nullptr)
      detail::die("a group was destroyed while its tasks run",
                  "inside a task use co_await weft::with_group(body), which waits for them");
    scope_.cancel("the group is destroyed");
    try {
      detail::joined_operation(*this, false).wait();
    } catch (misuse_error const&) {
      detail::die("a group object was destroyed on a worker while its tasks run",
                  "a group object is for threads: in a task use co_await weft::with_group(body)");
    }
  }
  if (error_) report_unjoined();
  if (counted_) counted_->end_work();
  home_.store(nullptr, relaxed);                             // rlx hint: who sees it ends anyway
}

std::size_t group::live() const noexcept {
  std::scoped_lock hold{lock_};
  return live_;
}

void group::enter() noexcept {
  std::scoped_lock hold{lock_};
  ++live_;
}

void group::leave(detail::outcome_base& how) noexcept {
  using ending = detail::outcome_base::ending;
  if (how.how() == ending::error) {
    bool first = false;
    {
      std::scoped_lock hold{lock_};
      first = !error_;
      if (first) error_ = how.error();
    }
    if (!first && logs(log_level::warn))
      log(log_level::warn, "a further error in a group that has failed: " +
                               detail::text_of(how.error()));
    if (first) {
      chain_ = detail::copy_of(how.chain());
      scope_.cancel("another task of the group failed");
    }
  }
  wait_list claimed;
  {
    std::scoped_lock hold{lock_};
    if (how.how() == ending::cancelled && error_ && &how != body_) ++stopped_;
    if (--live_ == 0) claim_all(joining_, claimed);
  }
  // The group may be gone from here on: whoever saw it empty held its lock after this call.
  commit_all(claimed);
}

bool group::empty_or_hang(wait_node* n, waiter* w, case_id index) noexcept {
  std::scoped_lock hold{lock_};
  if (live_ == 0 || (n && n->taken())) return true;
  if (n && !n->linked()) {
    n->who = w;
    n->index = index;
    joining_.push_back(*n);
  }
  return false;
}

void group::unhang(wait_node& n) noexcept {
  std::scoped_lock hold{lock_};
  if (n.linked()) joining_.erase(n);
}

void group::report_unjoined() noexcept {
  detail::report_unjoined(error_, chain_ ? chain_->chain : stack_trace{});
}

void group::rethrow() {
  if (!error_) return;
  auto const e = std::exchange(error_, nullptr);
  auto chain = std::move(chain_);
  if (chain) {
    chain->chain.siblings_cancelled += stopped_;
    current_context().trace = std::move(chain);
  }
  std::rethrow_exception(e);
}

namespace detail {

executor* child_base::must_live(group& g) noexcept {
  auto* const home = g.home_.load(relaxed);                  // rlx hint: of a mistake, if seen
  if (!home)
    die("a group was used after its end",
        "spawn inside the body of with_group, or while the group object lives");
  return home;
}

child_base::child_base(group& g, scope const& in)
    : context(must_live(g), in.state()), group_(&g) {
}

frame* child_base::spawner() const noexcept { return group_->owner_; }

void child_base::begin_child() noexcept {
  trace_event(area::task, "spawn", id());
  group_->enter();
}

void child_base::leave(group& g, outcome_base& how) noexcept { g.leave(how); }

case_id joined_operation::try_commit() noexcept {
  return of_->empty_or_hang(nullptr, nullptr, 0) ? 0 : no_case;
}

bool joined_operation::publish(waiter& w, case_id base) noexcept {
  if (!of_->empty_or_hang(this, &w, base)) return false;
  if (w.claim_or_gone()) w.commit(base);
  return true;
}

void joined_operation::withdraw() noexcept {
  if (lost()) of_->unhang(*this);
}

void joined_operation::take(case_id) {
  if (throws_) of_->rethrow();
}

}  // namespace detail
}  // namespace weft::inline WEFT_ON
