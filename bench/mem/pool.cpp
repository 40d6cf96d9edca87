// SPDX-License-Identifier: Apache-2.0
// Question  What does storage for an object of 64 bytes cost from a pool?
// Method    pair: one is taken and given back, and again. window: 1,000 are taken, then given back
//           in another order. bounded: pair, from a pool with a bound. remote: 256 at a time are
//           taken by one thread and given back by another, which hands the empty crate back.
//           burst: 200,000 are taken, then given back, and the memory with them.
// Rivals    malloc: malloc and free of glibc, whose thread cache is its best case. tbb:
//           scalable_malloc. boost: a boost::pool without a lock, its best: it serves one thread
//           only, so there is no remote row, and never gives memory back, so there is no burst.
// Reads as  ns per object taken and given back; ratio > 1 where weft is cheaper.
#include "harness/sampler.hpp"

#include <weft/mem/object_pool.hpp>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/pool/pool.hpp>

#if WEFT_BENCH_TBBMALLOC
#include <tbb/scalable_allocator.h>
#endif

namespace {

struct object {
  std::array<long, 8> words;
};

class from_weft {
 public:
  void* take() { return pool_.allocate(); }
  void give(void* p) { pool_.deallocate(p); }

 private:
  weft::object_pool<object> pool_;
};
class from_bounded {
 public:
  void* take() { return pool_.allocate(); }
  void give(void* p) { pool_.deallocate(p); }

 private:
  weft::object_pool<object> pool_{weft::pool_options{.most = 1'000'000}};
};
struct from_malloc {
  void* take() { return std::malloc(sizeof(object)); }
  void give(void* p) { std::free(p); }
};
class from_boost {
 public:
  void* take() { return pool_.malloc(); }
  void give(void* p) { pool_.free(p); }

 private:
  boost::pool<> pool_{sizeof(object)};
};

template <class From>
bench::sample pair() {
  return bench::per_op([from = std::make_shared<From>()](std::uint64_t n) {
    while (n-- != 0) {
      void* const p = from->take();
      bench::keep(p);
      from->give(p);
    }
  });
}

template <class From>
bench::sample window() {
  constexpr std::size_t size = 1000;
  struct world {
    From from;
    std::vector<void*> all = std::vector<void*>(size);
  };
  return bench::per_op(
      [w = std::make_shared<world>()](std::uint64_t n) {
        while (n-- != 0) {
          for (auto& p : w->all) p = w->from.take();
          bench::keep(w->all.data());
          for (std::size_t i = 0; i < size; ++i) w->from.give(w->all[i * 7 % size]);
        }
      },
      size);
}

// Crates of 256 objects: the one thread fills, the other empties, over two words.
template <class From>
bench::sample remote() {
  constexpr std::size_t size = 256;
  constexpr std::size_t crates = 4;
  struct crate {
    alignas(128) std::atomic<bool> full{false};
    std::array<void*, size> objects;
  };
  struct world {
    From from;
    std::array<crate, crates> all;
  };
  return bench::per_op(
      [w = std::make_shared<world>()](std::uint64_t n) {
        auto const wait = [](crate& c, bool full) {
          for (int i = 0; c.full.load(std::memory_order_acquire) != full;) {
            if (++i > 200) std::this_thread::yield();
          }
        };
        std::jthread const other{[&] {
          for (std::uint64_t i = 0; i < n; ++i) {
            crate& c = w->all[i % crates];
            wait(c, true);
            for (void* p : c.objects) w->from.give(p);
            c.full.store(false, std::memory_order_release);
          }
        }};
        for (std::uint64_t i = 0; i < n; ++i) {
          crate& c = w->all[i % crates];
          wait(c, false);
          for (auto& p : c.objects) {
            p = w->from.take();
            *static_cast<long*>(p) = 1;  // an object that is handed over was written
          }
          c.full.store(true, std::memory_order_release);
        }
      },
      size);
}

template <class From>
bench::sample burst() {
  constexpr std::size_t size = 200'000;
  struct world {
    From from;
    std::vector<void*> all = std::vector<void*>(size);
  };
  return bench::per_op(
      [w = std::make_shared<world>()](std::uint64_t n) {
        while (n-- != 0) {
          for (auto& p : w->all) {
            p = w->from.take();
            *static_cast<long*>(p) = 1;
          }
          for (auto* p : w->all) w->from.give(p);
        }
      },
      size);
}

const bench::add pair_malloc{{
    .name = "mem.pool.pair/malloc",
    .target = 2,
    .ours = pair<from_weft>,
    .rival = pair<from_malloc>,
}};
const bench::add window_malloc{{
    .name = "mem.pool.window/malloc",
    .target = 2,
    .ours = window<from_weft>,
    .rival = window<from_malloc>,
}};
const bench::add bounded_malloc{{
    .name = "mem.pool.bounded/malloc",
    .ours = pair<from_bounded>,
    .rival = pair<from_malloc>,
}};
const bench::add remote_malloc{{
    .name = "mem.pool.remote/malloc",
    .target = 1,
    .ours = remote<from_weft>,
    .rival = remote<from_malloc>,
}};
const bench::add burst_malloc{{
    .name = "mem.pool.burst/malloc",
    .ours = burst<from_weft>,
    .rival = burst<from_malloc>,
}};

const bench::add pair_boost{{
    .name = "mem.pool.pair/boost",
    .ours = pair<from_weft>,
    .rival = pair<from_boost>,
}};
const bench::add window_boost{{
    .name = "mem.pool.window/boost",
    .ours = window<from_weft>,
    .rival = window<from_boost>,
}};

#if WEFT_BENCH_TBBMALLOC
struct from_tbb {
  void* take() { return ::scalable_malloc(sizeof(object)); }
  void give(void* p) { ::scalable_free(p); }
};
constexpr auto pair_tbb = pair<from_tbb>;
constexpr auto window_tbb = window<from_tbb>;
constexpr auto remote_tbb = remote<from_tbb>;
#else
constexpr std::nullptr_t pair_tbb = nullptr;
constexpr std::nullptr_t window_tbb = nullptr;
constexpr std::nullptr_t remote_tbb = nullptr;
#endif

const bench::add against_tbb[] = {
    bench::add{{
        .name = "mem.pool.pair/tbb",
        .ours = pair<from_weft>,
        .rival = pair_tbb,
        .package = "libtbb-dev",
    }},
    bench::add{{
        .name = "mem.pool.window/tbb",
        .ours = window<from_weft>,
        .rival = window_tbb,
        .package = "libtbb-dev",
    }},
    bench::add{{
        .name = "mem.pool.remote/tbb",
        .ours = remote<from_weft>,
        .rival = remote_tbb,
        .package = "libtbb-dev",
    }},
};

}  // namespace
