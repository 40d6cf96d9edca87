// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/weft.hpp>

#include <utility>

namespace weft_test {

/// Runs the tasks of a scenario without a queue that threads share: what is posted runs in the
/// thread that posted it, when that thread says turn().
///
/// So a task goes on in the thread that has woken it, and nothing but the wake itself orders what
/// it does there after what it did before.
class where_woken final : public weft::executor {
 public:
  void post(weft::job& j) noexcept override {
    j.next = nullptr;
    auto q = queue::get();
    (q.last ? q.last->next : q.first) = &j;
    q.last = &j;
    queue::set(q);
  }
  [[nodiscard]] weft::time_point now() const noexcept override { return weft::atoms::now(); }
  void arm(weft::timer&) noexcept override {
    weft::detail::die("a task of this scenario has a timer", "give it a weft::loop");
  }
  void disarm(weft::timer&) noexcept override {}

  /// Runs what the calling thread has posted.
  static void turn() noexcept {
    for (auto q = queue::get(); q.first; q = queue::get()) {
      auto* const j = q.first;
      q.first = j->next;
      if (!q.first) q.last = nullptr;
      queue::set(q);
      j->run(*j);
    }
  }

 private:
  struct jobs {
    weft::job* first = nullptr;
    weft::job* last = nullptr;
  };
  struct queue_tag;
  using queue = weft::atoms::thread_slot<jobs, queue_tag>;
};

/// Tasks that run where they are woken. Each that was spawned has been run up to its first wait.
class moving_tasks {
 public:
  template <class F>
  auto spawn(F body) {
    auto result = group_.spawn(std::move(body));
    where_woken::turn();
    return result;
  }
  [[nodiscard]] std::size_t live() const { return group_.live(); }
  [[nodiscard]] weft::scope in() const { return group_.in(); }
  weft::group& all() noexcept { return group_; }

 private:
  where_woken on_;
  weft::group group_{on_};
};

/// A body of a scenario: f, and then what f has woken.
template <class F>
auto in_turn(F f) {
  return [f = std::move(f)]() mutable {
    f();
    where_woken::turn();
  };
}

}  // namespace weft_test
