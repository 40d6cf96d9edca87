// SPDX-License-Identifier: Apache-2.0
#include <weft/actor/inbox.hpp>
#include <weft/actor/spawn.hpp>
#include <weft/exec/runtime.hpp>

namespace weft::inline WEFT_ON::detail {
namespace {

struct making_tag;
using making = atoms::thread_slot<cell*, making_tag>;

void wake_inbox(cell& c, wake_kind how) noexcept { wake_receiver(c, how); }
constexpr tenant_kind inbox_kind{{nullptr}, wake_inbox, nullptr, nullptr,
                                 nullptr,   nullptr,    nullptr, false};

executor& executor_for(actor_options const& o) {
  if (o.on) return *o.on;
  auto* const home = current_context().home();
  return home ? *home : current_runtime();
}

scope parent_for(actor_options const& o, executor& on) {
  if (o.in) return *o.in;
  if (current_context().scope_of()) return this_scope();
  auto* const rt = dynamic_cast<runtime*>(&on);
  return rt ? rt->root() : scope(static_cast<scope_state*>(nullptr));
}

}  // namespace

char const start_order::key = 0;
constinit envelope_kind const start_order::kind{&start_order::key, sizeof(start_order), false,
                                                [](envelope& e, dead_reason) noexcept {
                                                  auto& self = static_cast<start_order&>(e);
                                                  self.done.drop(ask_failure::terminated);
                                                  std::destroy_at(&self.done);
                                                },
                                                nullptr};

actor_base::actor_base() noexcept : at_(making::get()) {}

cell& actor_base::here() const noexcept {
  if (!at_)
    die("an actor that was not started has no mailbox",
        "start it with weft::spawn<T>(...) or weft::spawn_actor<T>(...); self() and receive() are "
        "for its own code");
  return *at_;
}

void actor_base::leave() noexcept {
  auto& c = here();
  c.marks |= cell::leaves;
  if (c.kind().inside) c.word.fetch_or(cell::must_stop, relaxed);  // rlx owner: looks itself
}

moving_in::moving_in(cell& c) noexcept : before_(making::get()) { making::set(&c); }
moving_in::~moving_in() { making::set(before_); }

new_home::new_home(tenant_kind const& k, actor_options const& o) : c_(nullptr), id_(0) {
  auto& on = executor_for(o);
  auto const parent = parent_for(o, on);
  auto& c = cell::obtain();
  id_ = next_actor_id();
  c.move_in(k, id_, &on, parent.state());
  c_ = &c;
  if (o.mailbox.capacity == 0) return;
  try {
    c.bound(id_, o.mailbox.capacity, static_cast<std::uint8_t>(o.mailbox.when_full));
  } catch (...) {
    c.close(id_, {exit_reason::kind::crashed});
    throw;
  }
}

scope inner_scope(cell& c) { return scope{scope_state::make(c.parent())}; }

scope_state* scope_inside(cell& c) noexcept {
  auto* const owner = receiver_room::of(c).owner;
  return owner ? owner->scope_of() : nullptr;
}

void actor_context::finished(frame& first, bool cancelled) noexcept {
  auto& c = *of_;
  exit_reason why;
  bool const gave_up = cancelled || (first.flags & frame::ends_cancelled) != 0;
  if (!gave_up && (first.flags & frame::failed) != 0) {
    why = {exit_reason::kind::crashed, first.error};
  } else if ((c.marks & cell::leaves) == 0 && (gave_up || c.orders() != 0)) {
    why = c.ordered();
  }
  {
    dropping const told(ask_failure::terminated);
    first.handle().destroy();
  }
  top = nullptr;
  leave_scope();
  c.end(why);
  dispose();
}

ref<> open_inbox(mailbox_bounds const& b) {
  auto& c = cell::obtain();
  auto const id = next_actor_id();
  std::construct_at(static_cast<receiver_room*>(c.room()));
  c.move_in(inbox_kind, id, nullptr, nullptr);
  if (b.capacity != 0) {
    try {
      c.bound(id, b.capacity, static_cast<std::uint8_t>(b.when_full));
    } catch (...) {
      c.close(id, {});
      throw;
    }
  }
  return {&c, id};
}

void close_inbox(ref<> const& r) noexcept { ref_access::at(r)->close(r.id(), {}); }

}  // namespace weft::inline WEFT_ON::detail
