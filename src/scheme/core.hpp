// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.hpp"
#include "record.hpp"

#include <weft/scheme/engine.hpp>
#include <weft/task/group.hpp>

#include <deque>
#include <memory>

namespace weft::inline WEFT_ON::scheme::detail {

/// A C++ function that Scheme may call by name.
struct host {
  std::string name;
  unsigned arity;
  host_call call;
};
/// Binds it in `module`. In Guile mode.
void define_host(host& h, root const& module);
/// The primitive that calls it, in the module that is being made.
void define_hosts();

/// The inside of an engine: a runtime whose workers live in Guile, and the tasks it owns.
class core {
 public:
  explicit core(engine::options const& o);
  ~core();

  /// The task that reads and evaluates `text`, not started. In Guile mode.
  [[nodiscard]] root make(std::string const& text, std::string const& name);

  runtime on;
  /// For tests, where WEFT_SCATTER is set: each wait ends by way of this one, so that the task goes
  /// on on whatever worker is the first to find it.
  std::unique_ptr<runtime> detour;
  group tasks;                 // threads and futures: what the end of a program waits for
  scope services;              // of actors: what the end of a program ends
  root module;                 // that text is evaluated in
  lost_tasks* lost = nullptr;  // of a program
  std::deque<host> calls;      // C++ functions that Scheme may call
};

}  // namespace weft::inline WEFT_ON::scheme::detail
