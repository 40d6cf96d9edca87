// SPDX-License-Identifier: Apache-2.0
#include <weft/actor/ref.hpp>
#include <weft/base/backoff.hpp>
#include <weft/exec/runtime.hpp>
#include <weft/probe/event.hpp>

#include "actor/cell_extension.hpp"
#include "actor/cell_pool.hpp"

#include <mutex>

namespace weft::inline WEFT_ON::detail {
namespace {

constexpr unsigned longest_turn = atoms::tiny ? 2 : 256;  // messages
constexpr unsigned look_every = atoms::tiny ? 2 : 32;     // messages, at the clock
constexpr auto longest_time = std::chrono::microseconds(100);
constexpr unsigned looks_into_gap = atoms::tiny ? 1 : 64;

// Nobody lives here: whoever sends to such a cell sees to it that the message ends. The stub comes
// back each time, so that a free cell keeps no message's memory.
void wake_nobody(cell& c, wake_kind) noexcept {
  bool returning = false;
  for (backoff pause;;) {
    if (auto* const m = c.box.front()) {
      bool const stub = c.box.is_stub(*m);
      if (stub) returning = false;
      c.take(*m);
      if (!stub) static_cast<envelope*>(m)->discard(dead_reason::no_actor);
    } else if (!c.box.at_stub() && !returning) {
      c.box.return_stub();
      returning = true;
    } else if (c.box.at_stub() && c.box.sleep()) {
      return;
    } else {
      pause();
    }
  }
}
constexpr tenant_kind nobody{{nullptr}, wake_nobody, nullptr, nullptr,
                             nullptr,   nullptr,     nullptr, false};

struct drop_tag;
using drop_slot = atoms::thread_slot<std::uint8_t, drop_tag>;

struct id_blocks {
  atoms::atomic<std::uint64_t> last{1};
};

void end_work_of(executor& ex) noexcept {
  if (auto* const rt = dynamic_cast<runtime*>(&ex)) rt->end_work();
}

}  // namespace

std::uint64_t next_actor_id() noexcept {
  struct block_tag;
  struct range {
    std::uint64_t at = 0, end = 0;
  };
  using mine = atoms::thread_slot<range, block_tag>;
  auto r = mine::get();
  if (r.at == r.end) {
    r.at = atoms::global<id_blocks>().last.fetch_add(1024, relaxed);  // rlx ordered: by nothing
    r.end = r.at + 1024;
  }
  auto const id = r.at++;
  mine::set(r);
  return id;
}

namespace {
ask_failure said_why() noexcept {
  auto const v = drop_slot::get();
  return v == 0 ? ask_failure::no_reply : static_cast<ask_failure>(v - 1);
}
void say_why(ask_failure why) noexcept {
  drop_slot::set(why == ask_failure::no_reply
                     ? std::uint8_t{0}
                     : static_cast<std::uint8_t>(static_cast<unsigned>(why) + 1));
}
}  // namespace

dropping::dropping(ask_failure why) noexcept : before_(said_why()) { say_why(why); }
dropping::~dropping() { say_why(before_); }

ask_failure why_dropped(cell* at, std::uint64_t id) noexcept {
  auto const said = said_why();
  if (said != ask_failure::no_reply || std::uncaught_exceptions() == 0) return said;
  return at ? at->failure_of(id) : ask_failure::failed;
}

void wake_for_turn(cell& c, wake_kind) noexcept { c.home().post_next(c); }

void hear_end(scope_listener& l) noexcept {
  auto& c = static_cast<cell&>(l);
  std::uint32_t bits = cell::scope_ended;
  if (auto* const rt = dynamic_cast<runtime*>(&c.home())) {
    rt->begin_work();
    bits |= cell::counted;
  }
  c.word.fetch_or(bits, seq_cst);  // dek actor.control
  c.rouse();
}

namespace {

struct drain_order : envelope {
  drain_order() noexcept { what = &kind; }
  static void obey(cell& c, envelope&) noexcept {
    if (c.kind().ends) c.word.fetch_or(cell::must_stop, relaxed);  // rlx owner: looks next
  }
  static envelope_kind const kind;
};
constinit envelope_kind const drain_order::kind{nullptr, sizeof(drain_order), false,
                                                [](envelope&, dead_reason) noexcept {}, obey};

}  // namespace

void send_drain(cell& to, std::uint64_t id) {
  auto* const e = make_envelope<drain_order>();
  e->to = id;
  to.deliver(*e);
}

status send_now(cell* at, envelope& e) noexcept {
  if (at && (at->word.load(relaxed) & cell::bounded) != 0)  // rlx ordered: by who has the reference
    return at->deliver_bounded(e);
  return deliver_now(at, e);
}

status deliver_now(cell* at, envelope& e) noexcept {
  if (at && at->tenant() == e.id() && e.id() != 0) {
    at->deliver(e);
    return status::done;
  }
  e.discard(dead_reason::no_actor);
  envelope::free(&e);
  return status::closed;
}

bool cell::order(std::uint64_t id, std::uint32_t what) noexcept {
  scope_state* inside = nullptr;
  {
    std::scoped_lock hold{lock};
    if (tenant() != id || id == 0 || !kind().ends) return false;
    word.fetch_or(what, seq_cst);  // dek actor.control
    if (what == must_die && kind().inside) inside = kind().inside(*this);
    if (inside) inside->ref();
  }
  if (inside) {
    inside->cancel("the actor was killed");
    inside->unref();
  }
  rouse();
  return true;
}

envelope* cell::next_message() noexcept {
  for (;;) {
    auto* const m = box.front();
    if (!m) return nullptr;
    if (box.is_stub(*m)) {
      take(*m);
      continue;
    }
    auto& e = static_cast<envelope&>(*m);
    bool const theirs = e.id() == tenant();
    if (theirs && !e.what->internal) [[likely]] {
      if ((e.to & envelope::has_credit) == 0 || !drop_surplus()) return &e;
      take(e);
      e.discard(dead_reason::full);
      continue;
    }
    take(e);
    if (!theirs) {
      e.discard(dead_reason::no_actor);
    } else {
      e.what->internal(*this, e);
    }
  }
}

cell& cell::obtain() {
  cell* aside = nullptr;
  for (;;) {
    auto& c = cell_pool::take();
    bool const ours = c.box.take_over();
    if (ours) {
      while (aside) {
        auto* const next = static_cast<cell*>(aside->job::next);
        cell_pool::put(*aside);
        aside = next;
      }
      return c;
    }
    c.job::next = aside;  // somebody has just sent to the last one who lived there
    aside = &c;
  }
}

void cell::move_in(tenant_kind const& k, std::uint64_t id, executor* home, scope_state* parent) {
  heard = &k;
  home_ = home;
  parent_ = parent;
  marks = 0;
  {
    std::scoped_lock hold{lock};
    tenant_.store(id, relaxed);  // rlx ordered: by the lock
  }
  if (!parent) return;
  parent->ref();
  parent->enter(*this);
  if (!parent->cancelled()) return;
  auto const reason = parent->reason();
  close(id, {exit_reason::kind::cancelled});
  throw cancelled(reason);
}

// Nobody reaches the tenant any more, but for what stands in the mailbox. Those who wait for its
// end are told last, when all that was its own has been given back.
void cell::close(std::uint64_t id, exit_reason const& why) noexcept {
  std::unique_ptr<cell_extension> more;
  wait_list waiting, senders;
  {
    std::scoped_lock hold{lock};
    tenant_.store(0, relaxed);  // rlx ordered: by the lock
    more.reset(std::exchange(more_, nullptr));
    if (more) {
      for (auto* n = more->waiting.front(); n; n = more->waiting.after(*n))
        static_cast<ended_operation*>(n)->why_ = why;
      claim_all(more->waiting, waiting);
      claim_all(more->senders, senders);
    }
  }
  if (parent_) {
    parent_->leave(*this);
    parent_->unref();
    parent_ = nullptr;
  }
  while (auto* const m = box.front()) {
    take(*m);
    auto& e = static_cast<envelope&>(*m);
    if (!box.is_stub(*m)) e.discard(e.id() == id ? dead_reason::terminated : dead_reason::no_actor);
  }
  commit_all(senders);
  commit_all(waiting);
  if (more) tell_watchers(*more, id, why);
  auto const was = word.exchange(0, relaxed);  // rlx owner: nobody orders any more
  auto* const ex = home_;
  rest();
  if ((was & counted) != 0) end_work_of(*ex);
}

void cell::tell_watchers(cell_extension& more, std::uint64_t id, exit_reason const& why) noexcept {
  while (auto* const w = more.watchers.pop_front()) {
    std::unique_ptr<watcher> const gone(w);
    if (w->is_link) {
      w->to->hear_link(w->to_id, id, why, *w);
    } else {
      (void)w->send(id, why);
    }
  }
}

void cell::rest() noexcept {
  heard = &nobody;
  wake_nobody(*this, wake_kind::look);
  cell_pool::put(*this);
}

exit_reason cell::ordered() noexcept {
  auto const w = word.load(relaxed);  // rlx owner: whatever is there
  if ((w & must_die) != 0) return {exit_reason::kind::killed};
  if ((w & scope_ended) != 0) return {exit_reason::kind::cancelled};
  if ((w & must_exit) != 0) {
    std::scoped_lock hold{lock};
    return more_ ? more_->ordered : exit_reason{exit_reason::kind::linked};
  }
  if ((w & must_stop) != 0) return {exit_reason::kind::shutdown};
  return {exit_reason::kind::cancelled};
}

void cell::end(exit_reason const& why) noexcept {
  auto const id = tenant();
  trace_event(area::task, "actor ends", id);
  auto const& k = kind();
  bool const again = will_restart(why);
  {
    dropping const told(again                                   ? ask_failure::restarted
                        : why.why == exit_reason::kind::crashed ? ask_failure::failed
                                                                : ask_failure::terminated);
    if (why.why != exit_reason::kind::killed) {
      if (again && k.restarting) {
        k.restarting(*this, why);
      } else if (k.stopping) {
        k.stopping(*this, why);
      }
    }
    k.destroy(*this);
  }
  // Taken when no code of the actor's own runs any more: a supervisor that does not find it knows.
  exit_ticket ticket;
  {
    std::scoped_lock hold{lock};
    if (more_) ticket = std::move(more_->ticket);
  }
  if (ticket) return ticket.send(*this, id, why);
  close(id, why);
}

void cell::run_turn(job& j) noexcept {
  auto& c = static_cast<cell&>(j);
  if (c.turn()) c.home().post(c);
}

void cell::settle() noexcept {
  if (!box.sleep()) return wake_for_turn(*this, wake_kind::look);
  if (orders_asleep() != 0) rouse();
}

// False: the tenant has ended.
bool cell::handle_now(envelope& e) noexcept {
  try {
    kind().handle(*this, e);
  } catch (...) {
    end({exit_reason::kind::crashed, std::current_exception()});
    return false;
  }
  if ((marks & leaves) == 0) [[likely]]
    return true;
  end({exit_reason::kind::normal});
  return false;
}

// True: there is more to do, after others had their turn. False: the cell is not ours any more.
bool cell::turn() noexcept {
  time_point start{};
  if ((marks & has_first) != 0) [[unlikely]] {
    marks &= static_cast<std::uint8_t>(~has_first);
    envelope* first = nullptr;
    {
      std::scoped_lock hold{lock};
      first = std::exchange(more_->first, nullptr);
    }
    bool const lives = handle_now(*first);
    envelope::free(first);
    if (!lives) return false;
  }
  for (unsigned n = 1;; ++n) {
    if (orders() != 0) [[unlikely]] {
      end(ordered());
      return false;
    }
    auto* e = next_message();
    if (!e) {
      if (orders() != 0) continue;
      if (box.sleep()) {
        if (orders_asleep() != 0) rouse();
        return false;
      }
      for (unsigned i = 0; i < looks_into_gap && !box.front(); ++i) atoms::pause();
      if (!box.front()) return true;
      continue;
    }
    take_message(*e);
    if (!handle_now(*e)) return false;
    if (n % look_every != 0) continue;
    if (n >= longest_turn) return true;
    auto const now = atoms::now();
    if (start == time_point{}) start = now;
    if (now - start > longest_time) return true;
  }
}

}  // namespace weft::inline WEFT_ON::detail
