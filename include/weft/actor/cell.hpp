// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/envelope.hpp>
#include <weft/actor/exit.hpp>
#include <weft/base/cache_line.hpp>
#include <weft/base/executor.hpp>
#include <weft/chan/results.hpp>
#include <weft/wait/context.hpp>

#include <array>
#include <memory>

namespace weft::inline WEFT_ON::detail {

class cell;
struct cell_extension;
struct watcher;

/// One that waits for a place in a bounded mailbox.
struct blocked_sender : wait_node {
  bool has_place = false;
};

/// How the wakes of a cell differ by what the sender knows.
enum class wake_kind : std::uint8_t { message, look };

/// What a kind of tenant does with its cell; the listener's action is the end of the scope above.
struct tenant_kind : scope_listener::action {
  /// The owner slept and has been woken by the caller: for a message of its own, or to look.
  void (*wake)(cell&, wake_kind) noexcept;
  /// Handles one message and destroys it.
  ///
  /// throws    what the handler throws
  void (*handle)(cell&, envelope&);
  void (*stopping)(cell&, exit_reason const&) noexcept;    // null: it has no such hook
  void (*restarting)(cell&, exit_reason const&) noexcept;  // the same
  void (*destroy)(cell&) noexcept;
  scope_state* (*inside)(cell&) noexcept;  // the scope that its own code runs in; null: none
  bool ends = true;                        // by stop(), drain() and kill(); an inbox is its owner's
  bool traps = false;                      // a linked one's end is a message to it
};

/// Where an actor lives: its mailbox, and 24 bytes for itself. Never given back, so that a stale
/// reference always finds a cell; a message says for whom it is, and the cell who lives in it.
///
/// threads   push(), tell_to() and what is said so from any thread; the rest by the owner of the
///           mailbox
class alignas(cache_line) cell final : public job, public scope_listener {
 public:
  enum : std::uint32_t {  // of `word`
    must_stop = 1,
    must_die = 2,
    scope_ended = 4,
    must_exit = 8,  // one that it is linked to has ended
    ending = must_stop | must_die | scope_ended | must_exit,
    counted = 16,  // the runtime waits for its end
    bounded = 32,  // its mailbox has a limit
  };
  enum : std::uint8_t {  // of `marks`, the owner's
    leaves = 1,          // it stopped itself
    has_first = 2,       // a start goes before what is queued
  };
  static constexpr std::size_t room_bytes = atoms::tiny ? 96 : 24;  // the checker's words are big

  cell() noexcept : job(&run_turn) {}

  /// Who lives here; 0: nobody. Changes under the lock.
  [[nodiscard]] std::uint64_t tenant() const noexcept {
    return tenant_.load(relaxed);  // rlx ordered: by the lock, or by the message
  }
  [[nodiscard]] tenant_kind const& kind() const noexcept {
    return *static_cast<tenant_kind const*>(heard);
  }
  [[nodiscard]] executor& home() const noexcept { return *home_; }
  [[nodiscard]] scope_state* parent() const noexcept { return parent_; }
  [[nodiscard]] void* room() noexcept { return room_.data(); }

  /// Queues a message; from any thread. One for nobody becomes a dead letter.
  void deliver(envelope& e) noexcept {
    if (!box.push(e)) return;
    bool const theirs = e.id() == tenant() && !e.what->internal;
    kind().wake(*this, theirs ? wake_kind::message : wake_kind::look);
  }
  /// Asks actor `id` to end: false if it is not here any more; from any thread.
  bool order(std::uint64_t id, std::uint32_t what) noexcept;
  /// For one that set `word`: makes the owner look at it.
  void rouse() noexcept {
    if (box.rouse()) kind().wake(*this, wake_kind::look);
  }
  [[nodiscard]] std::uint32_t orders() const noexcept {
    return word.load(relaxed) & ending;  // rlx hint: looked at again asleep
  }
  /// As orders(), for an owner who has just fallen asleep.
  [[nodiscard]] std::uint32_t orders_asleep() const noexcept {
    return word.load(seq_cst) & ending;  // dek actor.control
  }

  /// Takes the front, and frees what stood before it.
  void take(mail_link& front) noexcept {
    auto* const spent = box.advance(front);
    if (!box.is_stub(*spent)) envelope::free(spent);
  }
  /// Takes a message of the tenant: whoever waits for its place may have it.
  void take_message(envelope& e) noexcept {
    take(e);
    if ((e.to & envelope::has_credit) != 0) [[unlikely]]
      give_place(e.id());
  }
  /// The oldest message for the tenant, which stays in front; those for others become dead letters.
  [[nodiscard]] envelope* next_message() noexcept;

  /// Moves in: the caller owns the mailbox, and nobody has the reference yet.
  ///
  /// throws    cancelled, if the scope is
  void move_in(tenant_kind const& k, std::uint64_t id, executor* home, scope_state* parent);
  /// One whose messages are handled in turns begins: the caller loses the mailbox.
  void settle() noexcept;
  /// The tenant ends; the caller owns the mailbox, and loses it.
  void end(exit_reason const& why) noexcept;
  /// As end(), for tenant `id` that has no code left to run: only the mailbox is given up.
  void close(std::uint64_t id, exit_reason const& why) noexcept;
  /// Why an owner who has orders ends.
  [[nodiscard]] exit_reason ordered() noexcept;

  /// Limits the mailbox of tenant `id`; `overflow` as its number.
  ///
  /// throws    std::bad_alloc
  void bound(std::uint64_t id, std::size_t capacity, std::uint8_t overflow);
  /// Sends to a bounded mailbox what has no place yet.
  status deliver_bounded(envelope& e) noexcept;
  /// True if a sender to tenant `id` has to wait just now.
  [[nodiscard]] bool would_block(std::uint64_t id) noexcept;
  /// For the operation that waits for a place.
  [[nodiscard]] bool hang_sender(blocked_sender& s, std::uint64_t id, waiter& w,
                                 case_id base) noexcept;
  void unhang_sender(blocked_sender& s) noexcept;

  /// Makes the extension of tenant `id`; false if it is not here any more.
  ///
  /// throws    std::bad_alloc
  [[nodiscard]] bool extend(std::uint64_t id);
  /// Under the lock: what tenant `id` has besides, or null.
  [[nodiscard]] cell_extension* extension(std::uint64_t id) noexcept {
    return tenant() == id ? more_ : nullptr;
  }
  /// True if tenant `id` wants the ends of those it is linked to as messages.
  [[nodiscard]] bool traps(std::uint64_t id) noexcept;
  /// True if tenant `id` is here and can be ended by others.
  [[nodiscard]] bool can_end(std::uint64_t id) noexcept;
  /// Tenant `id` is told by `by`, if they are still linked, that `gone` has ended.
  void hear_link(std::uint64_t id, std::uint64_t gone, exit_reason const& why,
                 watcher& by) noexcept;
  /// What those are told whose requests tenant `id` drops because it fails.
  [[nodiscard]] ask_failure failure_of(std::uint64_t id) noexcept;
  /// The end of tenant `id` is its supervisor's business from here on.
  ///
  /// throws    std::bad_alloc
  void supervise(std::uint64_t id, cell& by, std::uint64_t by_id,
                 bool (*again)(exit_reason const&));
  /// It is not any more. False: it has ended, and the supervisor has been, or is about to be, told.
  [[nodiscard]] bool release(std::uint64_t id) noexcept;
  /// For a supervisor who was told: clears the orders of the one who failed.
  void renew() noexcept;
  /// A start that goes before what is queued; false if it may stand in the queue.
  [[nodiscard]] bool start_first(envelope& e) noexcept;

  /// A free cell whose mailbox the caller owns.
  ///
  /// throws    std::bad_alloc
  [[nodiscard]] static cell& obtain();
  /// Falls asleep without a tenant, in the pool.
  void rest() noexcept;

  mailbox box;

 private:
  static void tell_watchers(cell_extension& more, std::uint64_t id,
                            exit_reason const& why) noexcept;
  static void run_turn(job& j) noexcept;
  [[nodiscard]] bool turn() noexcept;
  [[nodiscard]] bool handle_now(envelope& e) noexcept;
  [[nodiscard]] bool will_restart(exit_reason const& why) noexcept;
  void give_place(std::uint64_t id) noexcept;
  [[nodiscard]] bool drop_surplus() noexcept;

  atoms::atomic<std::uint64_t> tenant_{0};
  executor* home_ = nullptr;
  scope_state* parent_ = nullptr;
  cell_extension* more_ = nullptr;
  alignas(8) std::array<std::byte, room_bytes> room_;
};

#if !defined(WEFT_MODEL)
static_assert(sizeof(cell) == 128, "an idle actor is one cell");
#endif

/// Numbers of actors; never used twice.
[[nodiscard]] std::uint64_t next_actor_id() noexcept;

/// What answers to requests that are dropped are told, while it lives: why their holder goes.
class dropping {
 public:
  explicit dropping(ask_failure why) noexcept;
  ~dropping();
  dropping(dropping const&) = delete;
  dropping& operator=(dropping const&) = delete;

 private:
  ask_failure before_;
};
/// Why the calling code drops a request that was sent to actor `id`: as said so, or it fails just
/// now; else for no reason.
[[nodiscard]] ask_failure why_dropped(cell* at, std::uint64_t id) noexcept;

/// How a cell wakes whose tenant's messages are handled in turns.
void wake_for_turn(cell& c, wake_kind) noexcept;
/// How a cell hears that the scope above has ended.
void hear_end(scope_listener& l) noexcept;

}  // namespace weft::inline WEFT_ON::detail
