// SPDX-License-Identifier: Apache-2.0
#include <weft/base/backoff.hpp>
#include <weft/base/cache_line.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/stm/atomically.hpp>
#include <weft/wait/context.hpp>

#include <mutex>

namespace weft::inline WEFT_ON::detail {
namespace {

// How often all variables have been changed, twice over: odd while somebody changes them.
struct alignas(cache_line) stm_time {
  atoms::atomic<std::uint64_t> now{0};
};

struct alignas(cache_line) stm_sleepers {
  atoms::atomic<std::uint32_t> count{0};
};

// Those who sleep until a variable changes, by its address.
struct bucket {
  spin_lock lock;
  list<tvar_read> readers;
};
struct stm_buckets {
  static constexpr std::size_t count = atoms::tiny ? 2 : 256;
  bucket all[count];
};

std::size_t hash(tvar_base const* v) noexcept {
  return static_cast<std::size_t>((reinterpret_cast<std::uintptr_t>(v) * 0x9e3779b97f4a7c15u) >>
                                  32);
}
bucket& bucket_of(tvar_base const* v) noexcept {
  return atoms::global<stm_buckets>().all[hash(v) % stm_buckets::count];
}
std::uint64_t bit_of(tvar_base const* v) noexcept { return std::uint64_t{1} << (hash(v) % 64); }

std::uint64_t quiet_time(std::uint64_t t) noexcept {
  auto& time = atoms::global<stm_time>().now;
  for (backoff pause; t % 2 != 0; t = time.load(acquire)) pause();  // sub stm.commit
  return t;
}

}  // namespace

void transaction_log::begin() noexcept {
  roll_back();
  unhang();
  reads_.clear();
  moment_ = quiet_time(atoms::global<stm_time>().now.load(acquire));  // sub stm.commit
}

bool transaction_log::current() const noexcept {
  return atoms::global<stm_time>().now.load(relaxed) == moment_;  // rlx ordered: by tvar.value, S2
}

bool transaction_log::extend() noexcept {
  auto const pin = default_domain().pin();
  auto const t = quiet_time(atoms::global<stm_time>().now.load(acquire));  // sub stm.commit
  if (!reads_.all([](tvar_read& r) { return r.var->held().since == r.since; })) return false;
  moment_ = t;
  return true;
}

bool transaction_log::commit() noexcept {
  if (writes_.empty()) return true;  // what it read was there at one moment: it is done
  auto& time = atoms::global<stm_time>().now;
  for (;;) {
    auto t = moment_;
    if (time.compare_exchange_strong(t, moment_ + 1, seq_cst,  // dek stm.sleep, sub stm.commit
                                     relaxed)) {               // rlx cas
      break;
    }
    if (!extend()) {
      roll_back();
      return false;
    }
  }
  publish();
  nudge_sleepers();
  writes_.clear();
  return true;
}

// Between the odd time and the next even one this is the only writer of any variable.
void transaction_log::publish() noexcept {
  moment_ += 2;
  writes_.all([&](tvar_write& w) {
    w.value->since = moment_;
    auto* const before = w.var->now_.load(relaxed);              // rlx owner
    w.var->now_.store(std::exchange(w.value, before), release);  // pub tvar.value -> held
    return true;
  });
  atoms::global<stm_time>().now.store(moment_, release);  // pub stm.commit -> begin, extend
  auto pin = default_domain().pin();
  writes_.all([&](tvar_write& w) {
    pin.retire(static_cast<void*>(w.value), w.value->drop);
    return true;
  });
}

void transaction_log::nudge_sleepers() noexcept {
  if (atoms::global<stm_sleepers>().count.load(seq_cst) == 0) return;  // dek stm.sleep
  writes_.all([](tvar_write& w) {
    auto& b = bucket_of(w.var);
    std::scoped_lock hold{b.lock};
    for (auto* r = b.readers.front(); r; r = b.readers.after(*r))
      if (r->var == w.var) r->who->nudge();
    return true;
  });
}

void transaction_log::roll_back() noexcept {
  writes_.all([](tvar_write& w) {
    w.value->drop(w.value);
    return true;
  });
  writes_.clear();
  written_ = 0;
}

void transaction_log::hang(waiter& w) noexcept {
  if (hangs_) return;
  hangs_ = true;
  atoms::global<stm_sleepers>().count.fetch_add(1, seq_cst);  // dek stm.sleep
  reads_.all([&](tvar_read& r) {
    auto& b = bucket_of(r.var);
    std::scoped_lock hold{b.lock};
    r.who = &w;
    b.readers.push_back(r);
    return true;
  });
}

void transaction_log::unhang() noexcept {
  if (!hangs_) return;
  hangs_ = false;
  reads_.all([](tvar_read& r) {
    auto& b = bucket_of(r.var);
    std::scoped_lock hold{b.lock};
    b.readers.erase(r);
    return true;
  });
  atoms::global<stm_sleepers>().count.fetch_sub(1, relaxed);  // rlx count
}

bool transaction_log::unchanged() noexcept {
  if (atoms::global<stm_time>().now.load(seq_cst) == moment_) return true;  // dek stm.sleep
  return extend();
}

void transaction_log::note_read(tvar_base const& v, std::uint64_t since) {
  auto& r = reads_.add();
  r.var = &v;
  r.since = since;
}

tvar_value* transaction_log::written(tvar_base const& v) noexcept {
  if ((written_ & bit_of(&v)) == 0) return nullptr;
  tvar_value* found = nullptr;
  writes_.all([&](tvar_write& w) {
    if (w.var != &v) return true;
    found = w.value;
    return false;
  });
  return found;
}

void transaction_log::note_write(tvar_base& v, tvar_value* value) {
  struct dropped {
    ~dropped() {
      if (value) value->drop(value);
    }
    tvar_value* value;
  } unwanted{value};
  // A thread's first pin allocates: here, because a commit must not.
  if (writes_.empty()) (void)default_domain().pin();
  auto* const before = written(v);
  if (before) {
    writes_.all([&](tvar_write& w) {
      if (w.value == before) w.value = value;
      return w.value != value;
    });
    unwanted.value = before;
    return;
  }
  auto& w = writes_.add();
  w = {&v, value};
  unwanted.value = nullptr;
  written_ |= bit_of(&v);
}

inside_transaction::inside_transaction() noexcept
    : before_(forbid_waiting(
          " within a transaction, whose body may run again and must not wait\n"
          "  call tx.retry() to wait until a variable changes; to go on in another transaction's "
          "body, call it with `tx`; do the rest after the commit, in tx.on_commit(f)")) {}

void swallowed_retry() {
  throw misuse_error(
      "the body of a transaction returned after tx.retry(): a `catch (...)` in it swallowed the "
      "retry\n  catch what you expect by its type, or end such a handler with `throw;`");
}

}  // namespace weft::inline WEFT_ON::detail
