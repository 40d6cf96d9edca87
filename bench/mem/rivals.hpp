// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemes.hpp"

#include <cstdint>
#include <memory>
#include <new>

#if WEFT_BENCH_XENIUM
#include <xenium/reclamation/generic_epoch_based.hpp>
#include <xenium/reclamation/hazard_pointer.hpp>
#include <xenium/reclamation/quiescent_state_based.hpp>
#endif
#if WEFT_BENCH_CK
extern "C" {
#include <ck_pr.h>
// As C++ it would not compile: ck_stack.h assigns the void* that this gives.
#define ck_pr_fas_ptr(at, value) static_cast<struct ck_stack_entry*>(ck_pr_fas_ptr(at, value))
#include <ck_stack.h>
#undef ck_pr_fas_ptr
#include <ck_epoch.h>
}
#endif
#if WEFT_BENCH_URCU
#define URCU_INLINE_SMALL_FUNCTIONS 1
#include <urcu/urcu-memb.h>
#endif

// The rivals' schemes, each used as its own documentation says.
namespace bench {

/// Stands for a scheme that is not installed.
struct absent {};

#if WEFT_BENCH_XENIUM
/// xenium: guard_ptr protects; where regions mean something (new_epoch_based, qsbr) one stands
/// around the operation, so that its guards cost nothing.
template <class Reclaimer, bool Validates>
struct of_xenium {
  static constexpr bool validates = Validates;
  template <class N>
  using base = typename Reclaimer::template enable_concurrent_ptr<N, 1>;
  template <class N>
  using cell = typename Reclaimer::template concurrent_ptr<N, 1>;
  template <class N>
  using word = typename cell<N>::marked_ptr;
  template <class N>
  class guard {
   public:
    void acquire(cell<N> const& from, std::memory_order order) { mine_.acquire(from, order); }
    bool try_acquire(cell<N> const& from, word<N> seen, std::memory_order order) {
      return mine_.acquire_if_equal(from, seen, order);
    }
    void reset() { mine_.reset(); }
    [[nodiscard]] N* get() const { return mine_.get(); }
    void reclaim() { mine_.reclaim(); }
    friend void swap(guard& a, guard& b) { a.mine_.swap(b.mine_); }

   private:
    typename cell<N>::guard_ptr mine_;
  };
  static void settle() {}  // what ended threads left is adopted by whoever reclaims next
  class thread {};
  class region {
   public:
    explicit region(thread&) {}

   private:
    typename Reclaimer::region_guard mine_;
  };
  template <class N>
  static void retire(region&, guard<N>& g) {
    g.reclaim();
  }
};
using xenium_epoch_based = of_xenium<xenium::reclamation::epoch_based<>, false>;
using xenium_new_epoch_based = of_xenium<xenium::reclamation::new_epoch_based<>, false>;
using xenium_debra = of_xenium<xenium::reclamation::debra<>, false>;
using xenium_qsbr = of_xenium<xenium::reclamation::quiescent_state_based, false>;
using xenium_hazard_pointer =
    of_xenium<xenium::reclamation::hazard_pointer<>::with<xenium::policy::allocation_strategy<
                  xenium::reclamation::hp_allocation::static_strategy<4>>>,
              true>;
#else
using xenium_epoch_based = absent;
using xenium_new_epoch_based = absent;
using xenium_debra = absent;
using xenium_qsbr = absent;
using xenium_hazard_pointer = absent;
#endif

#if WEFT_BENCH_CK
/// ck_epoch: a record a thread, begin and end around the operation, a poll after 64 retirements.
struct ck_pins {
  static constexpr bool validates = false;
  template <class N>
  struct base {
    ck_epoch_entry_t entry{};
  };
  template <class N>
  using word = marked<N>;
  template <class N>
  using cell = std::atomic<marked<N>>;
  template <class N>
  using guard = word_guard<N>;

  static ck_epoch_t* epoch() {
    struct made {
      ck_epoch_t one;
      made() { ck_epoch_init(&one); }
    };
    static made all;
    return &all.one;
  }
  static void settle() {}  // each thread has freed its own when it left
  class thread {
   public:
    thread() : record_(ck_epoch_recycle(epoch(), nullptr)) {
      if (record_) return;
      record_ = new ck_epoch_record_t;  // never freed: ck keeps it in its list
      ck_epoch_register(epoch(), record_, nullptr);
    }
    thread(thread const&) = delete;
    thread& operator=(thread const&) = delete;
    ~thread() {
      ck_epoch_barrier(record_);
      ck_epoch_unregister(record_);
    }

   private:
    friend ck_pins;
    ck_epoch_record_t* record_;
    unsigned retired_ = 0;
  };
  class region {
   public:
    explicit region(thread& t) : thread_(t) { ck_epoch_begin(t.record_, nullptr); }
    region(region const&) = delete;
    region& operator=(region const&) = delete;
    ~region() {
      ck_epoch_end(thread_.record_, nullptr);
      if (thread_.retired_ < 64) return;
      thread_.retired_ = 0;
      ck_epoch_poll(thread_.record_);
    }

   private:
    friend ck_pins;
    thread& thread_;
  };
  template <class N>
  static void retire(region& in, guard<N>& g) {
    ++in.thread_.retired_;
    ck_epoch_call(
        in.thread_.record_, &static_cast<base<N>*>(g.get())->entry,
        [](ck_epoch_entry_t* e) { delete static_cast<N*>(reinterpret_cast<base<N>*>(e)); });
  }
};
#else
using ck_pins = absent;
#endif

#if WEFT_BENCH_URCU
/// liburcu, the memb flavour with its small functions inlined; call_rcu frees.
struct urcu_pins {
  static constexpr bool validates = false;
  template <class N>
  struct base {
    rcu_head head{};
  };
  template <class N>
  using word = marked<N>;
  template <class N>
  using cell = std::atomic<marked<N>>;
  template <class N>
  using guard = word_guard<N>;

  static void settle() { urcu_memb_barrier(); }
  class thread {
   public:
    thread() { urcu_memb_register_thread(); }
    thread(thread const&) = delete;
    thread& operator=(thread const&) = delete;
    ~thread() { urcu_memb_unregister_thread(); }
  };
  class region {
   public:
    explicit region(thread&) { urcu_memb_read_lock(); }
    region(region const&) = delete;
    region& operator=(region const&) = delete;
    ~region() { urcu_memb_read_unlock(); }
  };
  template <class N>
  static void retire(region&, guard<N>& g) {
    urcu_memb_call_rcu(&static_cast<base<N>*>(g.get())->head,
                       [](rcu_head* h) { delete static_cast<N*>(reinterpret_cast<base<N>*>(h)); });
  }
};
#else
using urcu_pins = absent;
#endif

/// Calls f.operator()<Scheme>(name, package) for each rival, `absent` where it is not installed.
template <class F>
void each_rival(F f) {
  f.template operator()<xenium_epoch_based>("xenium_epoch_based", "libxenium-dev");
  f.template operator()<xenium_debra>("xenium_debra", "libxenium-dev");
  f.template operator()<xenium_new_epoch_based>("xenium_new_epoch_based", "libxenium-dev");
  f.template operator()<xenium_qsbr>("xenium_qsbr", "libxenium-dev");
  f.template operator()<xenium_hazard_pointer>("xenium_hazard_pointer", "libxenium-dev");
  f.template operator()<ck_pins>("ck_epoch", "libck-dev");
  f.template operator()<urcu_pins>("urcu", "liburcu-dev");
}

}  // namespace bench
