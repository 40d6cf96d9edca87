// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/child.hpp>
#include <weft/actor/watch.hpp>

#include <unordered_map>
#include <vector>

namespace weft::inline WEFT_ON {

/// Which children are started again when one has failed. The last two are not there yet.
enum class strategy : std::uint8_t { one_for_one, one_for_all, rest_for_one };
inline constexpr auto one_for_one = strategy::one_for_one;

struct supervisor_options {
  weft::strategy strategy = weft::strategy::one_for_one;
  // More restarts than so many within the window: the supervisor ends its children and itself.
  unsigned max_restarts = 1;
  duration window = std::chrono::seconds(5);
};

/// A call of a supervisor that it refused.
class supervisor_error : public error {
 public:
  enum class kind : std::uint8_t {
    not_found,        // no child of that name
    already_started,  // there is one, and it runs
    already_present,  // there is one, which does not run
    running,          // it runs, and must not for that
    failed_to_start,  // its constructor or started() threw
  };
  supervisor_error(kind why, std::string_view name, std::string const& more = {});
  [[nodiscard]] kind why() const noexcept { return why_; }

 private:
  kind why_;
};

/// A child as which_children shows it.
struct child_info {
  std::string name;
  ref<> who;  // nobody, if it does not run
  weft::restart restart;
};
/// How many children a supervisor knows, and how many of them run.
struct child_counts {
  std::size_t specs = 0;
  std::size_t active = 0;
};
/// A child that was found by its name.
class found_child {
 public:
  found_child() noexcept = default;
  found_child(ref<> who, void const* key) noexcept : who_(who), key_(key) {}
  [[nodiscard]] ref<> who() const noexcept { return who_; }
  /// Its reference.
  ///
  /// throws    misuse_error if the child is no actor of that kind
  template <detail::actor_class T>
  [[nodiscard]] typename T::ref_type as() const {
    using full = typename T::ref_type;
    if (key_ != &detail::message_key<full>) wrong_type();
    return full(detail::ref_access::at(who_), who_.id());
  }

 private:
  [[noreturn]] static void wrong_type();
  ref<> who_;
  void const* key_ = nullptr;
};

/// The calls of a supervisor; each is asked: `co_await sup.ask(weft::count_children{})`.
struct which_children {
  using reply = std::vector<child_info>;
};
struct count_children {
  using reply = child_counts;
};
struct find_child {
  using reply = found_child;
  std::string name;
};
/// Adds a child and starts it.
struct start_child {
  using reply = found_child;
  child_spec spec;
};
/// Ends a child; its entry stays, unless it is temporary.
struct terminate_child {
  using reply = void;
  std::string name;
};
/// Starts a child that was terminated, or has ended and is not restarted by itself.
struct restart_child {
  using reply = found_child;
  std::string name;
};
/// Removes the entry of a child that does not run.
struct delete_child {
  using reply = void;
  std::string name;
};

/// An actor that starts others, and starts them again when they fail.
///
///   weft::supervisor pool{{.max_restarts = 5, .window = 60s}};
///   pool.child<counter>("worker-1");
///   auto sup = co_await weft::spawn(std::move(pool));
///
/// Children are started in the order they were named, each when the one before has started; if one
/// cannot, those before it are ended in reverse, and spawn() throws. A child that fails is made
/// anew in its place: its reference stays good and what it had been sent waits, in order; only the
/// message that it failed at is gone, and requests it had taken end with actor_error(restarted).
/// When the supervisor ends, so do the children, in reverse, each with its own time to do so.
///
/// threads   child() before it is started; then it is an actor
/// cost      a restart is a few allocations; nothing is kept of those before but as many times as
///           it allows restarts
/// source    Armstrong 2003; the rules are those of OTP's supervisor
class supervisor : public actor<detail::child_exit, which_children, count_children, find_child,
                                start_child, terminate_child, restart_child, delete_child> {
 public:
  /// throws    misuse_error for a strategy that is not there yet
  explicit supervisor(supervisor_options o = {});
  supervisor(supervisor&&) noexcept = default;
  ~supervisor();

  /// Adds a child T(args...), or one that f() makes; the first argument is its name or its options.
  ///
  /// throws    supervisor_error(already_present) for a name that is taken
  template <detail::actor_class T, class... Args>
  supervisor& child(child_options o, Args... args) {
    return add(weft::child<T>(std::move(o), std::move(args)...));
  }
  template <detail::actor_class T, class... Args>
  supervisor& child(std::string name, Args... args) {
    return child<T>(child_options{.name = std::move(name)}, std::move(args)...);
  }
  template <class F>
    requires detail::actor_class<std::invoke_result_t<F&>>
  supervisor& child(child_options o, F f) {
    return add(child_spec(std::move(o), std::move(f)));
  }
  template <class F>
    requires detail::actor_class<std::invoke_result_t<F&>>
  supervisor& child(std::string name, F f) {
    return child(child_options{.name = std::move(name)}, std::move(f));
  }
  supervisor& add(child_spec s);

  task<> started();
  task<> run();

 private:
  struct entry {
    explicit entry(child_spec s) : spec(std::move(s)) {}
    child_spec spec;
    ref<> who{};  // while it is ours
  };
  using place = std::vector<std::unique_ptr<entry>>::iterator;

  [[nodiscard]] place find(std::string_view name);
  [[nodiscard]] entry& must_find(std::string_view name);
  [[nodiscard]] static found_child found(entry const& c);
  task<> start(entry& c);
  task<> end(entry& c);
  task<> end_all();
  void ended(detail::child_exit e);
  void again(entry& c, detail::child_exit e);
  [[nodiscard]] bool may_restart();
  task<> serve(receive_type::result_type m);
  task<found_child> start_or_forget(entry& c, bool forget);
  template <class M>
  task<> answer(request<M> r);
  task<std::vector<child_info>> call(which_children);
  task<child_counts> call(count_children);
  task<found_child> call(find_child m);
  task<found_child> call(start_child m);
  task<> call(terminate_child m);
  task<found_child> call(restart_child m);
  task<> call(delete_child m);

  supervisor_options options_;
  std::vector<std::unique_ptr<entry>> children_;
  std::unordered_map<std::uint64_t, entry*> running_;
  std::vector<time_point> restarts_;  // a ring of the last ones
  std::size_t last_ = 0;
  bool gives_up_ = false;
};

/// An operation that gives the reference of the child of that name.
///
/// throws    supervisor_error(not_found); misuse_error if it is no T
template <detail::actor_class T>
[[nodiscard]] auto supervised(ref<find_child> const& by, std::string name) {
  return by.ask(find_child{std::move(name)}) |
         then([](found_child f) { return f.template as<T>(); });
}

}  // namespace weft::inline WEFT_ON
