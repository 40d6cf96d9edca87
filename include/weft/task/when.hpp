// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/task/task_operation.hpp>
#include <weft/task/with_group.hpp>
#include <weft/wait/select.hpp>

#include <tuple>
#include <vector>

namespace weft::inline WEFT_ON {
namespace detail {

// Spawning this runs the task itself: no frame is added.
template <class T>
task<T> pass(task<T> t) {
  return t;
}

// Values of tasks that have ended; the first cancelled one cancels, or throws its reason.
template <class T>
void_to_unit<T> value_of(result<T> r) {
  if constexpr (std::is_void_v<T>) {
    std::move(r).value();
    return {};
  } else {
    return std::move(r).value();
  }
}

struct all_frame {
  template <class... T>
  static task<std::tuple<void_to_unit<T>...>> of(task<T>... tasks) {
    auto* const self = co_await this_frame();
    self->flags |= frame::internal | frame::boundary;
    group_here here(self);
    auto done = std::tuple(here.g.spawn(&pass<T>, std::move(tasks)).get()...);
    {
      shield until_joined;
      auto all = here.joined();
      co_await std::move(all);
    }
    here.rethrow();
    if (is_cancelled()) co_await cancel_here();
    co_return std::apply(
        [](auto&... d) { return std::tuple<void_to_unit<T>...>(value_of(d.result_now())...); },
        done);
  }

  template <class T>
  static task<std::vector<void_to_unit<T>>> of_many(std::vector<task<T>> tasks) {
    auto* const self = co_await this_frame();
    self->flags |= frame::internal | frame::boundary;
    group_here here(self);
    std::vector<get_operation<T, false>> done;
    done.reserve(tasks.size());
    for (auto& t : tasks) done.push_back(here.g.spawn(&pass<T>, std::move(t)).get());
    {
      shield until_joined;
      auto all = here.joined();
      co_await std::move(all);
    }
    here.rethrow();
    if (is_cancelled()) co_await cancel_here();
    std::vector<void_to_unit<T>> values;
    values.reserve(done.size());
    for (auto& d : done) values.push_back(value_of(d.result_now()));
    co_return values;
  }
};

}  // namespace detail

/// Runs the tasks beside each other and gives all their values, in order (void: monostate).
///
/// The first error cancels the others and is thrown when all have ended. If one of them ended as
/// cancelled by itself, weft::cancelled is thrown with its reason.
///
/// cost      as a group of as many tasks
template <class... T>
[[nodiscard]] auto when_all(task<T>... tasks) {
  return detail::all_frame::of<T...>(std::move(tasks)...);
}
template <class T>
[[nodiscard]] auto when_all(std::vector<task<T>> tasks) {
  return detail::all_frame::of_many<T>(std::move(tasks));
}

/// Runs the tasks beside each other until one has ended; the others are cancelled, and have ended
/// too when this commits. Gives a variant by position; throws the error if the first one failed.
template <class... T>
[[nodiscard]] auto when_any(task<T>... tasks) {
  return select(std::move(tasks)...);
}

}  // namespace weft::inline WEFT_ON
