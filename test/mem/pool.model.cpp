// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of mem/pool_core.hpp, with chunks of four blocks that travel
// in pairs. A chunk that is given back is really freed, so who touches a block of it is found.
#include <support/scenario.hpp>

#include <weft/mem/pool_core.hpp>

#include <array>
#include <cstddef>
#include <optional>

#if defined(WEFT_MODEL)
#include "pool_variants.hpp"
#endif

namespace {

using weft_test::expect, weft_test::expect_equal;

constexpr std::size_t size = 32;

// The last user of each block, beside it: a free block has no room for what the checker knows.
class users {
 public:
  weft::atoms::var<int>& of(void* block) {
    std::size_t i = 0;
    while (blocks_.at(i) && blocks_.at(i) != block) ++i;
    blocks_.at(i) = block;
    return users_.at(i);
  }

 private:
  std::array<void*, 24> blocks_{};
  std::array<weft::atoms::var<int>, 24> users_{};
};

weft::detail::block_shape shape() {
  weft::detail::block_shape s;
  s.bytes = size;
#if defined(WEFT_MODEL)
  s.offset = 256;
  s.chunk_bytes = 512;
  s.capacity = 4;
  s.travelling = 2;
#else
  s.offset = 128;
  s.chunk_bytes = std::size_t{64} << 10;
  s.capacity = 2000;
  s.travelling = 32;
#endif
  return s;
}

template <class Core>
struct world {
  std::optional<Core> pool;

  explicit world(std::size_t most = 0) { pool.emplace(shape(), most, "a pool"); }

  void* take(int who) {
    void* const block = pool->take();
    if (block) use(block, who);
    return block;
  }
  // Nobody else uses the block meanwhile, and what others did with it came before.
  void use(void* block, int who) {
#if defined(WEFT_MODEL)
    auto& user = last.of(block);
#else
    auto& user = static_cast<int*>(block)[size / sizeof(int) - 1];
#endif
    user = who;
    weft_test::may_be_held_up();
    expect_equal(static_cast<int>(user), who);
  }
  void give_back(void* block, int who) {
    use(block, who);
    pool->give(block);
  }
  template <std::size_t N>
  void take_and_give_back(int who) {
    std::array<void*, N> mine{};
    for (auto& block : mine) block = take(who);
    for (auto* block : mine) give_back(block, who);
  }

#if defined(WEFT_MODEL)
  users last;
#endif
};

template <template <class> class Core>
struct with {
  using w_t = world<Core<weft::atoms>>;

  // I1: both find nothing and bring a chunk.
  static void two_that_begin(auto& run) {
    w_t w;
    run([&] { w.template take_and_give_back<1>(1); }, [&] { w.template take_and_give_back<1>(2); });
    expect_equal(w.pool->in_use(), 0u);
  }

  // I2: blocks that end on another thread, and come back through the depot.
  static void blocks_that_end_on_another_thread(auto& run) {
    w_t w;
    std::array<void*, 5> made{};
    for (auto& block : made) block = w.take(0);
    run(
        [&] {
          for (auto* block : made) w.give_back(block, 1);
        },
        [&] { w.template take_and_give_back<2>(2); });
    expect_equal(w.pool->in_use(), 0u);
  }

  // I3: the last two blocks of a chunk come home from two threads.
  static void a_chunk_that_two_send_home(auto& run) {
    w_t w;
    std::array<void*, 4> made{};
    for (auto& block : made) block = w.take(0);
    run(
        [&] {
          w.give_back(made[0], 1);
          w.give_back(made[1], 1);
          w.pool->trim();
        },
        [&] {
          w.give_back(made[2], 2);
          w.give_back(made[3], 2);
          w.pool->trim();
        });
    w.pool->trim();
    expect_equal(w.pool->usage().bytes, 0u);
  }

  // I3: memory is given back while another thread takes.
  static void a_trim_against_a_take(auto& run) {
    w_t w;
    w.template take_and_give_back<3>(0);
    run([&] { w.template take_and_give_back<1>(1); },
        [&] {
          w.template take_and_give_back<1>(2);
          w.pool->trim();
        });
    expect_equal(w.pool->in_use(), 0u);
  }

  // I4: the pool ends while threads that used it leave.
  static void the_end_of_a_pool_against_threads_that_leave(auto&) {
    w_t w;
    weft::atoms::atomic<bool> done{false};
    auto body = [&] {
      w.template take_and_give_back<3>(1);
      done.store(true, weft::release);
    };
    auto const t = start(body);
    while (!done.load(weft::acquire)) weft::atoms::pause();
    w.pool.reset();
    weft::atoms::join(t);
  }

  // I4: a cache that a thread left is taken by one of two.
  static void two_that_find_a_free_cache(auto&) {
    w_t w;
    auto one = [&] { w.template take_and_give_back<1>(1); };
    auto two = [&] { w.template take_and_give_back<1>(2); };
    weft::atoms::join(start(one));
    std::array const both{start(one), start(two)};
    for (auto t : both) weft::atoms::join(t);
    expect_equal(w.pool->in_use(), 0u);
    expect(w.pool->usage().threads <= 2);
  }

  // I5: nothing is lost with a thread that ends.
  static void what_a_thread_leaves_is_used_again(auto&) {
    w_t w;
    auto three = [&] { w.template take_and_give_back<3>(1); };
    weft::atoms::join(start(three));
    auto const before = w.pool->usage();
    for (int i = 0; i < 3; ++i) weft::atoms::join(start(three));
    auto const after = w.pool->usage();
    expect_equal(after.peak_bytes, before.peak_bytes);
    expect_equal(after.threads, Core<weft::atoms>::alone ? 0u : 1u);
    expect_equal(after.cached, 0u);
  }

  // I6: one place for two, and one that comes free.
  static void one_place_for_two(auto& run) {
    w_t w{2};
    void* const kept = w.take(0);
    std::array<void*, 2> got{};
    run([&] { got[0] = w.take(1); }, [&] { got[1] = w.take(2); });
    expect((got[0] == nullptr) != (got[1] == nullptr));
    for (auto* p : {kept, got[0], got[1]}) {
      if (p) w.give_back(p, 3);
    }
  }
  // I6: a refusal of one is no refusal of another: it takes back nothing that it had not got.
  static void a_refusal_beside_a_place_that_is_free(auto& run) {
    w_t w{1};
    void* const kept = w.take(0);
    void* refused = nullptr;
    void* got = nullptr;
    run([&] { refused = w.take(1); },
        [&] {
          w.give_back(kept, 2);
          got = w.take(2);
        });
    expect((refused == nullptr) != (got == nullptr));
    w.give_back(refused ? refused : got, 3);
  }

  // A thread that outlives some pools frees what it kept of them.
  static void pools_that_come_and_go(auto&) {
    w_t w;
    for (int i = 0; i < 4; ++i) {
      w.pool.emplace(shape(), 0, "a pool");
      w.template take_and_give_back<2>(1);
    }
  }

  // What a pool that another thread ended left here is freed when there are more pools.
  static void a_pool_that_another_ended(auto& run) {
    w_t w;
    std::array<w_t, 2> more;
    weft::atoms::atomic<bool> used{false};
    weft::atoms::atomic<bool> ended{false};
    run(
        [&] {
          w.template take_and_give_back<3>(1);
          used.store(true, weft::release);
          if (!ended.load(weft::relaxed)) return;
          for (auto& m : more) m.template take_and_give_back<1>(1);
        },
        [&] {
          if (!used.load(weft::acquire)) return;
          w.pool.reset();
          ended.store(true, weft::relaxed);
        });
  }

  static void counting_against_joining(auto& run) {
    w_t w;
    run([&] { w.template take_and_give_back<1>(1); }, [&] { expect(w.pool->in_use() <= 2); });
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(two_that_begin, .at_least = 10, .prepared = false),
        WEFT_SCENARIO(blocks_that_end_on_another_thread, .at_least = 10, .prepared = false),
        WEFT_SCENARIO(a_chunk_that_two_send_home, .at_least = 10, .prepared = false),
        WEFT_SCENARIO(a_trim_against_a_take, .at_least = 10, .prepared = false),
        WEFT_SCENARIO(the_end_of_a_pool_against_threads_that_leave, .at_least = 2,
                      .prepared = false),
        WEFT_SCENARIO(two_that_find_a_free_cache, .at_least = 10, .prepared = false),
        WEFT_SCENARIO(what_a_thread_leaves_is_used_again, .at_least = 1, .prepared = false),
        WEFT_SCENARIO(one_place_for_two, .at_least = 4, .prepared = false),
        WEFT_SCENARIO(a_refusal_beside_a_place_that_is_free, .at_least = 5, .prepared = false),
        WEFT_SCENARIO(a_pool_that_another_ended, .at_least = 3, .prepared = false),
        WEFT_SCENARIO(counting_against_joining, .at_least = 5, .prepared = false),
        WEFT_SCENARIO(pools_that_come_and_go, .at_least = 1, .prepared = false),
    };
  }

 private:
  template <class F>
  static weft::atoms::thread start(F& f) {
    return weft::atoms::start([](void* of) noexcept { (*static_cast<F*>(of))(); }, &f);
  }
};

auto const all = with<weft::detail::pool_core>::all();
bool const registered = weft_test::register_scenarios("pool_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(pool_model, orders) {
  weft_test::audit_orders(all, {"mem/pool_core.hpp", "mem/pool_cache.hpp", "mem/chunk_store.hpp"});
}

template <template <class> class Core>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Core>::all());
}

TEST(pool_model, mutants) {
  weft_test::hunt(
      all,
      {{"two take one cache", mutation::tear, "compare_exchange_strong(seen, phase::attached"},
       {"who leaves a cache does not release it", mutation::weaken, "state.store(as, release)"},
       {"a cache is lost", mutation::tear, "caches_.compare_exchange_weak"},
       {"two get the last place", mutation::tear, "counted_.compare_exchange_weak"},
       {.name = "blocks are cut without the lock",
        .variant = variant<weft::cut_without_lock::detail::pool_core>()},
       {.name = "blocks come home without the lock",
        .variant = variant<weft::home_without_lock::detail::pool_core>()},
       {.name = "a chunk is given back with one block out",
        .variant = variant<weft::given_too_early::detail::pool_core>()},
       {.name = "a pool that ends does not wait for a thread that leaves",
        .variant = variant<weft::no_wait_for_leaver::detail::pool_core>()},
       {.name = "a thread that ends forgets its spare magazine",
        .variant = variant<weft::spare_is_lost::detail::pool_core>()},
       {.name = "a full magazine is forgotten",
        .variant = variant<weft::magazine_lost::detail::pool_core>()},
       {.name = "a refusal is counted, then uncounted",
        .variant = variant<weft::counted_refusal::detail::pool_core>()},
       {.name = "caches of pools that ended are kept",
        .variant = variant<weft::dead_caches_kept::detail::pool_core>()}});
}

#endif

}  // namespace
