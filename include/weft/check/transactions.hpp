// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/history.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace weft::check {

namespace detail {
[[noreturn]] void transactions_full(unsigned client, char const* what, std::size_t room);
[[noreturn]] void not_ended(unsigned client);
}  // namespace detail

/// How a transaction ended.
enum class outcome : std::uint8_t {
  live,  // it has not
  committed,
  aborted,
  unknown,  // its commit threw: it may be either
};

/// One read or write of a transaction.
template <class Var, class Value>
struct recorded_access {
  Var variable;
  Value value;
  bool write = false;
  std::uint64_t when = 0;  // when a read had returned
};

/// One transaction; an attempt that is tried again is another one.
template <class Order>
struct recorded_transaction {
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  typename Order::stamp begun{}, ended{};
  std::uint64_t committing = never;  // when its commit was invoked
  std::size_t first = 0, count = 0;  // of the client's accesses
  outcome end = outcome::live;
};

template <class Var, class Value, class Order>
class attempt;

/// Which transactions read and wrote what: the record that checks of a transactional memory go by.
///
///     check::transaction_history<> h(2, 100, 1000);  // clients, transactions, accesses of each
///     auto t = h.begin(0);                           // client 0
///     int const x = t.read(0, [&] { return tx.read(var_x); });
///     t.write(1, x + 1, [&] { tx.write(var_y, x + 1); });
///     t.commit([&] { return tx.try_commit(); });     // false: aborted
///     auto j = check::opaque(h);
///
/// A client runs one transaction at a time. Nothing is allocated by recording, but by the values.
///
/// threads   each client's attempts by one thread at a time; all else while nobody records
/// cost      a stamp at begin, read, commit and end, and what copying the values costs
/// throws    std::length_error when a client has no room left
template <class Var = int, class Value = int, call_order Order = real_time>
class transaction_history {
 public:
  using transaction = recorded_transaction<Order>;
  using access = recorded_access<Var, Value>;

  transaction_history(unsigned clients, std::size_t transactions_each, std::size_t accesses_each)
      : logs_(std::make_unique<log[]>(clients)),
        clients_(clients),
        transactions_each_(transactions_each),
        accesses_each_(accesses_each) {
    for (unsigned c = 0; c < clients; ++c) {
      logs_[c].transactions.reserve(transactions_each);
      logs_[c].accesses.reserve(accesses_each);
    }
  }
  transaction_history(transaction_history const&) = delete;
  transaction_history& operator=(transaction_history const&) = delete;

  /// Begins a transaction of a client: to be called before the transaction itself begins.
  ///
  /// throws    std::logic_error if the client's last one has not ended
  [[nodiscard]] attempt<Var, Value, Order> begin(unsigned client) {
    auto& mine = at(client);
    if (mine.open) detail::not_ended(client);
    if (mine.transactions.size() == transactions_each_) {
      detail::transactions_full(client, "transactions", transactions_each_);
    }
    mine.transactions.emplace_back();
    mine.transactions.back().first = mine.accesses.size();
    mine.open = true;
    mine.transactions.back().begun = order_.now();
    return attempt<Var, Value, Order>(*this, client);
  }

  [[nodiscard]] unsigned clients() const noexcept { return clients_; }
  [[nodiscard]] std::span<transaction const> transactions(unsigned client) const {
    return at(client).transactions;
  }
  /// The accesses of one of the client's transactions.
  [[nodiscard]] std::span<access const> accesses(unsigned client, transaction const& t) const {
    return std::span<access const>(at(client).accesses).subspan(t.first, t.count);
  }
  /// Forgets everything; the room stays. No attempt may be under way that will still record.
  void clear() noexcept {
    for (unsigned c = 0; c < clients_; ++c) {
      logs_[c].transactions.clear();
      logs_[c].accesses.clear();
      logs_[c].open = false;
    }
  }

 private:
  friend class attempt<Var, Value, Order>;

  struct alignas(cache_line) log {
    std::vector<transaction> transactions;
    std::vector<access> accesses;
    bool open = false;
  };
  [[nodiscard]] log& at(unsigned client) const {
    if (client >= clients_) detail::no_such_client(client, clients_);
    return logs_[client];
  }
  void add(unsigned client, access a) {
    auto& mine = logs_[client];
    if (mine.accesses.size() == accesses_each_) {
      detail::transactions_full(client, "reads and writes", accesses_each_);
    }
    mine.accesses.push_back(std::move(a));
    ++mine.transactions.back().count;
  }

  Order order_;
  std::unique_ptr<log[]> logs_;
  unsigned clients_;
  std::size_t transactions_each_, accesses_each_;
};

/// A transaction that is being recorded. If it is destroyed before it has ended, it was aborted.
///
/// threads   one at a time
/// lifetime  the history's
template <class Var, class Value, class Order>
class [[nodiscard]] attempt {
 public:
  attempt(attempt&& other) noexcept
      : history_(std::exchange(other.history_, nullptr)), client_(other.client_) {}
  attempt& operator=(attempt&&) = delete;
  ~attempt() {
    if (history_) end(outcome::aborted);
  }

  /// Runs `f`, which reads the variable, and records and returns what it returned.
  ///
  /// throws    what f throws; nothing was read then
  template <class F>
  Value read(Var variable, F&& f) {
    Value value = std::invoke(std::forward<F>(f));
    history_->add(client_, {std::move(variable), value, false, history_->order_.now().when});
    return value;
  }
  /// Records the write and runs `f`, which performs it.
  template <class F>
  void write(Var variable, Value value, F&& f) {
    history_->add(client_, {std::move(variable), std::move(value), true, 0});
    std::invoke(std::forward<F>(f));
  }
  /// Runs `f`, which commits and returns whether it could, and returns the same. If f throws, the
  /// transaction has ended in one way or the other.
  template <class F>
  bool commit(F&& f) {
    history_->logs_[client_].transactions.back().committing = history_->order_.now().when;
    try {
      bool const done = std::invoke(std::forward<F>(f));
      end(done ? outcome::committed : outcome::aborted);
      return done;
    } catch (...) {
      end(outcome::unknown);
      throw;
    }
  }
  /// The two halves of commit(), for a memory that commits after the body of a transaction has
  /// returned: the one is the last thing in the body, the other is called when it has committed.
  void committing() {
    history_->logs_[client_].transactions.back().committing = history_->order_.now().when;
  }
  void committed() { end(outcome::committed); }
  /// Records that the transaction gave up, or was made to: to be called after that.
  void aborted() { end(outcome::aborted); }

 private:
  friend class transaction_history<Var, Value, Order>;
  attempt(transaction_history<Var, Value, Order>& h, unsigned client)
      : history_(&h), client_(client) {}

  void end(outcome how) noexcept {
    auto& log = history_->logs_[client_];
    log.transactions.back().ended = history_->order_.now();
    log.transactions.back().end = how;
    log.open = false;
    history_ = nullptr;
  }

  transaction_history<Var, Value, Order>* history_;
  unsigned client_;
};

}  // namespace weft::check
