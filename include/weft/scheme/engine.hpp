// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/exec/runtime.hpp>
#include <weft/scheme/error.hpp>
#include <weft/scheme/value.hpp>
#include <weft/task/task.hpp>

#include <functional>
#include <span>

namespace weft::inline WEFT_ON::scheme {
namespace detail {
class core;
}  // namespace detail

/// Scheme on a runtime of its own, whose workers run C++ tasks too.
///
/// Any number of engines share the process's one Guile: its heap, its symbols and its modules, but
/// not the module that an engine's text is evaluated in.
///
/// threads   every member, from any thread
/// blocks    the constructor loads (weft), tens of milliseconds the first time; the destructor
///           cancels what runs and waits for it: never on a worker
/// source    doc/why/31-scheme-tasks.md
class engine {
 public:
  struct options {
    unsigned workers = 0;      // 0: as many as the process may use, or WEFT_WORKERS
    std::string modules = {};  // folder of (weft)'s modules; empty: where they were installed
  };

  /// throws    scheme_error if (weft) cannot be loaded
  engine() : engine(options{}) {}
  explicit engine(options o);
  ~engine();
  engine(engine const&) = delete;
  engine& operator=(engine const&) = delete;

  /// A task that evaluates every form of `text`, one after the other; gives the last one's value.
  ///
  /// The forms run as a Scheme task of the awaiting execution: in its scope, cancelled with it.
  /// `name` stands for the file in errors.
  /// throws    scheme_error; in the task
  [[nodiscard]] task<value> eval(std::string text, std::string name = "eval");

  /// Makes a C++ function known to the text that is evaluated later, under `name`.
  ///
  /// Arguments and result are bool, numbers, strings or value. An exception becomes a condition.
  /// f runs on a worker and must not block it; it may run on several at once.
  template <class F>
  void define(std::string const& name, F f) {
    define_call(name, detail::arity<F>, detail::adapt(std::move(f)));
  }

  /// The runtime that it runs on.
  [[nodiscard]] runtime& on() noexcept;

 private:
  void define_call(std::string const& name, unsigned arity, detail::host_call call);
  std::unique_ptr<detail::core> inside_;
};

}  // namespace weft::inline WEFT_ON::scheme
