// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of src/mem/frame_lists.hpp. The rest of the model build takes
// each frame from the checker, so this is where the lists are proven.
#include <support/scenario.hpp>

#include <weft/base/thread.hpp>

#include "mem/frame_lists.hpp"

#include <array>
#include <cstddef>

#if defined(WEFT_MODEL)
#include "frame_variants.hpp"
#endif

namespace {

using weft_test::expect, weft_test::expect_equal;

constexpr std::size_t size = 32;

// The last user of each block.
class users {
 public:
#if defined(WEFT_MODEL)
  // Beside the blocks: a free one has no room for what the checker knows of it.
  weft::atoms::var<int>& of(void* block) {
    std::size_t i = 0;
    while (blocks_[i] && blocks_[i] != block) ++i;
    blocks_.at(i) = block;
    return users_.at(i);
  }

 private:
  std::array<void*, 16> blocks_{};
  std::array<weft::atoms::var<int>, 16> users_{};
#else
  static int& of(void* block) { return static_cast<int*>(block)[size / sizeof(int) - 1]; }
#endif
};

template <class Lists>
struct world {
  users last;

  void* take(int who) {
    void* const block = Lists::allocate(size);
    use(block, who);
    return block;
  }
  // Nobody else uses the block meanwhile, and what others did with it came before.
  void use(void* block, int who) {
    auto& user = last.of(block);
    user = who;
    weft_test::may_be_held_up();
    expect_equal(static_cast<int>(user), who);
  }
  void give_back(void* block, int who) {
    use(block, who);
    Lists::free(block, size);
  }
  template <std::size_t N>
  void take_and_give_back(int who) {
    std::array<void*, N> mine{};
    for (auto& block : mine) block = take(who);
    for (auto* block : mine) give_back(block, who);
  }
};

template <class Lists>
struct with {
  // I1: both find nothing and bring a chunk.
  static void two_that_cut(auto& run) {
    world<Lists> w;
    run([&] { w.template take_and_give_back<2>(1); }, [&] { w.template take_and_give_back<2>(2); });
  }

  // I2: what one thread has too much of goes to the depot while another looks there.
  static void frames_that_end_on_another_thread(auto& run) {
    world<Lists> w;
    std::array<void*, 5> made{};
    weft::atoms::atomic<bool> handed{false};
    bool taken = false;
    run(
        [&] {
          for (auto& block : made) block = w.take(1);
          handed.store(true, weft::release);
          w.template take_and_give_back<2>(1);
        },
        [&] {
          taken = handed.load(weft::acquire);
          if (!taken) return;
          for (auto* block : made) w.give_back(block, 2);
        });
    if (taken) return;
    for (auto* block : made) w.give_back(block, 3);
  }

  // I1, I3: two that come for what a third has left.
  static void two_that_take_what_is_left(auto& run) {
    world<Lists> w;
    run([&] { w.template take_and_give_back<4>(1); });
    run([&] { w.template take_and_give_back<4>(2); }, [&] { w.template take_and_give_back<2>(3); });
  }

  // I3: nothing is lost with a thread that ends.
  static void what_a_thread_leaves_is_used_again(auto& run) {
    world<Lists> w;
    auto const four = [&] { w.template take_and_give_back<4>(1); };
    run(four);
    auto const before = Lists::usage();
    for (int i = 0; i < 3; ++i) run(four);
    expect_equal(Lists::usage().chunks, before.chunks);
  }

  // I3: an exit hook that runs after the one of the lists gives a frame back.
  static void a_frame_that_ends_after_the_lists(auto&) {
    world<Lists> w;
    struct last_frame {
      world<Lists>* in;
      void* block;
    } kept{&w, nullptr};
    auto one = [&] {
      weft::this_thread()->at_exit(
          [](weft::thread_record&, void* arg) noexcept {
            auto& k = *static_cast<last_frame*>(arg);
            k.in->give_back(k.block, 1);
          },
          &kept);
      kept.block = w.take(1);
    };
    auto two = [&] { w.template take_and_give_back<1>(2); };
    auto const start = []<class F>(F& f) {
      return weft::atoms::start([](void* of) noexcept { (*static_cast<F*>(of))(); }, &f);
    };
    std::array const both{start(one), start(two)};
    for (auto t : both) weft::atoms::join(t);
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(two_that_cut, .at_least = 1800, .prepared = false),
        WEFT_SCENARIO(frames_that_end_on_another_thread, .at_least = 45, .prepared = false),
        WEFT_SCENARIO(two_that_take_what_is_left, .at_least = 200, .prepared = false),
        WEFT_SCENARIO(what_a_thread_leaves_is_used_again, .at_least = 1, .prepared = false),
        WEFT_SCENARIO(a_frame_that_ends_after_the_lists, .at_least = 1400, .prepared = false),
    };
  }
};

auto const all = with<weft::detail::frame_lists>::all();
bool const registered = weft_test::register_scenarios("frame_model", all, __FILE__);

#if defined(WEFT_MODEL)

TEST(frame_model, orders) { weft_test::audit_orders(all, {"mem/frame_lists.hpp"}); }

template <class Lists>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Lists>::all());
}

TEST(frame_model, mutants) {
  weft_test::hunt(all, {{.name = "a batch is put into the depot without its lock",
                         .variant = variant<weft::put_without_lock::detail::frame_lists>()},
                        {.name = "a batch is taken without the lock",
                         .variant = variant<weft::take_without_lock::detail::frame_lists>()},
                        {.name = "a chunk is looked at in one hold and cut in another",
                         .variant = variant<weft::cut_in_two_holds::detail::frame_lists>()},
                        {.name = "a batch that is taken stays in the depot",
                         .variant = variant<weft::batch_stays::detail::frame_lists>()},
                        {.name = "a full magazine is kept twice",
                         .variant = variant<weft::magazine_twice::detail::frame_lists>()},
                        {.name = "lists that have left are used again",
                         .variant = variant<weft::lists_stay::detail::frame_lists>()},
                        {.name = "a thread that ends forgets its spare magazine",
                         .variant = variant<weft::spare_is_lost::detail::frame_lists>()}});
}

#endif

}  // namespace
