// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/call_order.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace weft::check {

/// The result of an operation that returns nothing.
struct done {
  friend constexpr bool operator==(done, done) noexcept { return true; }
};

namespace detail {

template <class Spec, class Op>
struct result_in {
  using type = decltype(std::declval<Spec&>().apply(std::declval<Op const&>()));
};
template <class Spec, class Op>
  requires requires { typename Op::result; }
struct result_in<Spec, Op> {
  using type = typename Op::result;
};

[[noreturn]] void no_such_client(unsigned client, std::size_t clients);
[[noreturn]] void history_full(unsigned client, std::size_t calls);

}  // namespace detail

/// What an operation returns according to a specification; `done` for void.
template <class Spec, class Op>
using result_of = std::conditional_t<std::is_void_v<typename detail::result_in<Spec, Op>::type>,
                                     done, typename detail::result_in<Spec, Op>::type>;

/// A call of one operation: what was asked, and the answer unless it never returned.
template <class Spec, class Op>
struct call_of {
  Op op;
  std::optional<result_of<Spec, Op>> result{};
};

/// One call: of which operation, and when.
///
/// lifetime  the stamp `returned` means nothing while the call has no result
template <class Spec, class Order>
struct recorded_call {
 private:
  template <class Operations>
  struct any_of;
  template <class... Op>
  struct any_of<std::variant<Op...>> {
    using type = std::variant<call_of<Spec, Op>...>;
  };

 public:
  typename any_of<typename Spec::operations>::type what;
  typename Order::stamp invoked{}, returned{};

  [[nodiscard]] bool has_returned() const {
    return std::visit([](auto const& c) { return c.result.has_value(); }, what);
  }
};

template <class Spec, class Order>
class recorder;

/// Who called what, when, and what it returned: the record that a check of an object goes by.
///
///     using spec = check::queue_spec<int>;
///     check::history<spec> h(2, 100);             // two clients, up to a hundred calls each
///     std::thread t([&] {
///       auto me = h.client(0);
///       me.call(spec::push{1}, [&] { q.push(1); });
///     });
///     auto got = h.client(1).call(spec::pop{}, [&] { return q.try_pop(); });
///     t.join();
///     auto j = check::linearizable(h);
///
/// A client makes one call at a time: it is a thread, a fiber of the model or a task. `Spec` says
/// what operations there are, see specifications.hpp. A call that threw, or that was never returned
/// from, may or may not have had its effect.
///
/// Nothing is allocated by recording, but by the values themselves. So a history may be made
/// outside of the model's executions, cleared at the begin of each, and read after it.
///
/// threads   each client's recorder by one thread at a time; all else while nobody records
/// cost      a call: two stamps of `Order`, and what copying its values costs
/// throws    std::length_error when a client makes more calls than it has room for
/// source    Herlihy, Wing: Linearizability: a correctness condition for concurrent objects,
///           TOPLAS 1990
template <class Spec, call_order Order = real_time>
class history {
 public:
  using specification = Spec;
  using call_type = recorded_call<Spec, Order>;

  history(unsigned clients, std::size_t calls_each)
      : buffers_(std::make_unique<buffer[]>(clients)), clients_(clients), room_(calls_each) {
    for (auto& b : all()) b.calls.reserve(calls_each);
  }
  history(history const&) = delete;
  history& operator=(history const&) = delete;

  /// The recorder of a client, an index below clients().
  ///
  /// threads   any, for clients that differ
  /// lifetime  the history's
  [[nodiscard]] recorder<Spec, Order> client(unsigned index) {
    if (index >= clients_) detail::no_such_client(index, clients_);
    return recorder<Spec, Order>(*this, index);
  }

  [[nodiscard]] unsigned clients() const noexcept { return clients_; }
  /// The calls of a client in the order it made them.
  [[nodiscard]] std::span<call_type const> calls(unsigned client) const {
    if (client >= clients_) detail::no_such_client(client, clients_);
    return buffers_[client].calls;
  }
  /// How many calls there are.
  [[nodiscard]] std::size_t size() const noexcept {
    std::size_t n = 0;
    for (auto const& b : all()) n += b.calls.size();
    return n;
  }
  /// Forgets all calls; the room stays.
  void clear() noexcept {
    for (auto& b : all()) b.calls.clear();
  }

 private:
  friend class recorder<Spec, Order>;

  struct alignas(cache_line) buffer {
    std::vector<call_type> calls;
  };
  [[nodiscard]] std::span<buffer> all() const noexcept { return {buffers_.get(), clients_}; }

  Order order_;
  std::unique_ptr<buffer[]> buffers_;
  unsigned clients_;
  std::size_t room_;
};

/// One client's pen: writes its calls into a history.
///
/// threads   one at a time
/// lifetime  the history's
template <class Spec, class Order>
class recorder {
 public:
  /// A call that was begun: what returned() needs to know.
  template <class Op>
  struct open_call {
    std::size_t index;
  };

  /// Runs `f`, which performs `op` on the object, records both ends, and returns what f returned.
  ///
  /// f's value must convert to the operation's result; where that is `done` it is not looked at.
  ///
  /// throws    what f throws; the call then counts as one that never returned
  template <class Op, class F>
  std::invoke_result_t<F> call(Op op, F&& f) {
    using returns = std::invoke_result_t<F>;
    using result = result_of<Spec, Op>;
    static_assert(std::is_same_v<result, done> || std::is_convertible_v<returns, result>,
                  "weft::check: what the function returns is not what the specification says "
                  "that this operation returns");
    auto const open = invoke(std::move(op));
    if constexpr (std::is_void_v<returns>) {
      std::invoke(std::forward<F>(f));
      returned(open, done{});
    } else if constexpr (std::is_same_v<result, done>) {
      returns value = std::invoke(std::forward<F>(f));
      returned(open, done{});
      return value;
    } else {
      returns value = std::invoke(std::forward<F>(f));
      returned(open, value);
      return value;
    }
  }

  /// The two ends by themselves, for what does not fit into one function.
  template <class Op>
  open_call<Op> invoke(Op op) {
    auto& calls = *calls_;
    if (calls.size() == room_) detail::history_full(client_, room_);
    calls.push_back({call_of<Spec, Op>{std::move(op), {}}, {}, {}});
    calls.back().invoked = order_->now();
    return {calls.size() - 1};
  }
  template <class Op>
  void returned(open_call<Op> open, result_of<Spec, Op> result) {
    auto const when = order_->now();
    auto& call = (*calls_)[open.index];
    call.returned = when;
    std::get<call_of<Spec, Op>>(call.what).result.emplace(std::move(result));
  }

  [[nodiscard]] unsigned index() const noexcept { return client_; }

 private:
  friend class history<Spec, Order>;
  recorder(history<Spec, Order>& h, unsigned client)
      : order_(&h.order_), calls_(&h.buffers_[client].calls), room_(h.room_), client_(client) {}

  Order* order_;
  std::vector<recorded_call<Spec, Order>>* calls_;
  std::size_t room_;
  unsigned client_;
};

}  // namespace weft::check
