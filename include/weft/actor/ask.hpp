// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/cell.hpp>
#include <weft/sync/future.hpp>

#include <optional>

namespace weft::inline WEFT_ON {
namespace detail {

/// Queues a message at actor e.to, if it is there; else it is a dead letter at once.
status send_now(cell* at, envelope& e) noexcept;
/// As send_now, for one that has its place, or needs none.
status deliver_now(cell* at, envelope& e) noexcept;

/// The answer on its way: what the asker waits for and the replier holds, one reference each.
template <class R>
class answer final : public outcome<R> {
 public:
  /// `question` is the name of what actor `id` at `of` is asked.
  answer(char const* question, cell* of, std::uint64_t id) noexcept
      : outcome<R>(2), question_(question), of_(of), id_(id) {}
  static void* operator new(std::size_t n) { return frame_allocate(n); }
  static void operator delete(void* p, std::size_t n) noexcept { frame_free(p, n); }

  /// The asker stops waiting. Whoever of the two comes second counts an answer that was late.
  void leave() noexcept {
    if ((sides_.fetch_or(left, acquire) & answered) != 0) count_late();  // sub answer.given
  }
  [[nodiscard]] bool wanted() const noexcept {
    return (sides_.load(relaxed) & left) == 0;  // rlx hint
  }
  void answer_with(outcome_base::ending e) noexcept {
    this->make_ready(e);
    if ((sides_.fetch_or(answered, release) & left) != 0 &&  // pub answer.given -> leave
        e == outcome_base::ending::value)
      count_late();
  }
  [[nodiscard]] char const* question() const noexcept { return question_; }
  [[nodiscard]] ask_failure why_dropped() const noexcept { return detail::why_dropped(of_, id_); }

 private:
  static constexpr std::uint8_t left = 1;
  static constexpr std::uint8_t answered = 2;
  void count_late() noexcept {
    if (this->how() != outcome_base::ending::value) return;
    if constexpr (std::is_void_v<R>) {
      dead_letters().put({dead_reason::late_reply, 0, typeid(void), nullptr});
    } else {
      dead_letters().put({dead_reason::late_reply, 0, typeid(R), std::addressof(this->value())});
    }
  }
  atoms::atomic<std::uint8_t> sides_{0};
  char const* question_;
  cell* of_;
  std::uint64_t id_;
};

}  // namespace detail

/// The right to answer one request, once: now, later, or from elsewhere.
///
/// Dropped without an answer it ends the request with actor_error(no_reply).
///
/// threads   one owner at a time; the asker may be anywhere
/// cost      one reference of the answer's state
template <class R>
class replier {
 public:
  using reply_type = R;
  /// One that nobody waits for: of a message that was told, not asked.
  replier() noexcept = default;
  explicit replier(detail::answer<R>* adopted) noexcept : to_(adopted) {}
  replier(replier&& o) noexcept : to_(std::exchange(o.to_, nullptr)) {}
  replier& operator=(replier&& o) noexcept {
    std::swap(to_, o.to_);
    return *this;
  }
  ~replier() {
    if (to_) drop(to_->why_dropped());
  }

  /// True if somebody waits for the answer, as far as is known.
  [[nodiscard]] bool wanted() const noexcept { return to_ && to_->wanted(); }
  explicit operator bool() const noexcept { return to_ != nullptr; }

  /// Answers. A second call, and one for a message that was told, does nothing.
  ///
  /// throws    what the value's constructor throws: the request has then failed with that
  template <class... Args>
    requires(std::is_void_v<R> ? sizeof...(Args) == 0 : std::is_constructible_v<R, Args...>)
  void reply(Args&&... args) {
    auto* const to = std::exchange(to_, nullptr);
    if (!to) return;
    try {
      to->set_value(std::forward<Args>(args)...);
    } catch (...) {
      to->set_error(std::current_exception());
      finish(to, detail::outcome_base::ending::error);
      throw;
    }
    finish(to, detail::outcome_base::ending::value);
  }
  /// Answers with an error, which is thrown to the asker.
  void fail(std::exception_ptr e) noexcept {
    auto* const to = std::exchange(to_, nullptr);
    if (!to) return;
    to->set_error(std::move(e));
    finish(to, detail::outcome_base::ending::error);
  }
  /// Ends the request unanswered.
  void drop(ask_failure why) noexcept {
    if (to_) fail(detail::unanswered(why, to_->question()));
  }
  /// The request was never sent.
  void forget() noexcept {
    if (auto* const to = std::exchange(to_, nullptr)) to->unref();
  }

 private:
  static void finish(detail::answer<R>* to, detail::outcome_base::ending e) noexcept {
    to->answer_with(e);
    to->unref();
  }
  detail::answer<R>* to_ = nullptr;
};

/// A request as receive() gives it to a coroutine actor or an inbox: what was sent, and the right
/// to answer, which is empty if it was told.
template <class M>
struct request {
  M content;
  replier<typename M::reply> answer;
};

namespace detail {

template <class M>
concept has_reply = requires { typename M::reply; };

/// A message of type M with somebody who waits for the answer.
template <class M>
struct asked : message<M> {
  using reply = typename M::reply;
  union {
    replier<reply> answer;
  };
  asked(M&& m, detail::answer<reply>* to) noexcept : message<M>(std::move(m)), answer(to) {
    this->what = &asking;
  }
  ~asked() {}

  /// Gives up one that was never sent: nobody is told.
  void forget() noexcept {
    answer.forget();
    std::destroy_at(std::addressof(answer));
    std::destroy_at(std::addressof(this->content));
  }
  static ask_failure failure_for(dead_reason why) noexcept {
    switch (why) {
      case dead_reason::no_actor:
        return ask_failure::no_actor;
      case dead_reason::full:
        return ask_failure::full;
      case dead_reason::terminated:
        return ask_failure::terminated;
      default:
        return ask_failure::no_reply;
    }
  }
  static void discard_it(envelope& e, dead_reason why) noexcept {
    auto& self = static_cast<asked&>(e);
    self.answer.drop(failure_for(why));
    std::destroy_at(std::addressof(self.answer));
    message<M>::discard_it(e, why);
  }
  static constinit envelope_kind const asking;
};

template <class M>
constinit envelope_kind const asked<M>::asking{&message_key<M>, sizeof(asked<M>), true, discard_it,
                                               nullptr};

inline constexpr auto ask_limit = std::chrono::seconds(5);

/// Asks and waits for the answer. The request is sent when the wait begins to be seen; whoever
/// stops waiting takes it back, as far as it has not been handled.
template <class M>
class ask_operation : public operation_base<ask_operation<M>>, wait_node {
  using R = typename M::reply;

 public:
  using result_type = R;
  static constexpr case_id cases = 2;

  ask_operation(cell* to, std::uint64_t id, M&& m, duration limit) : to_(to), limit_(limit) {
    auto* const a = new answer<R>(typeid(M).name(), to, id);
    answer_ = outcome_ptr<R>(a);
    try {
      unsent_ = make_envelope<asked<M>>(std::move(m), a);
    } catch (...) {
      a->unref();  // the replier's
      throw;
    }
    unsent_->to = id;
  }
  ask_operation(ask_operation&& o) noexcept
      : wait_node(o),
        to_(o.to_),
        answer_(std::move(o.answer_)),
        limit_(std::move(o.limit_)),
        unsent_(std::exchange(o.unsent_, nullptr)),
        taken_(o.taken_) {}
  ask_operation& operator=(ask_operation&&) = delete;
  ~ask_operation() {
    if (unsent_) {
      unsent_->forget();
      envelope::free(unsent_);
    } else if (answer_ && !taken_) {
      static_cast<answer<R>*>(answer_.get())->leave();
    }
  }

  [[nodiscard]] case_id try_commit() {
    if (!unsent_)
      die("an operation was used twice",
          "an operation describes one wait: make a new one for each wait");
    return no_case;
  }
  [[nodiscard]] bool publish(waiter& w, case_id base) {
    if (auto* const e = std::exchange(unsent_, nullptr)) (void)send_now(to_, *e);
    return answer_->publish(*this, w, base) || limit_.publish(w, base + 1);
  }
  void withdraw() noexcept {
    if (this->lost()) answer_->withdraw(*this);
    limit_.withdraw();
  }
  R take(case_id i) {
    if (i == 1) std::rethrow_exception(unanswered(ask_failure::timed_out, typeid(M).name()));
    taken_ = true;
    answer_->rethrow();
    if constexpr (!std::is_void_v<R>) return std::move(answer_->value());
  }
  [[nodiscard]] wait_info describe() const noexcept { return {"ask", to_, nullptr}; }

 private:
  cell* to_;
  outcome_ptr<R> answer_;
  sleep_operation limit_;
  asked<M>* unsent_ = nullptr;
  bool taken_ = false;
};

}  // namespace detail
}  // namespace weft::inline WEFT_ON
