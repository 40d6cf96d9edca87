// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include "argument.hpp"
#include "boot.hpp"
#include "core.hpp"
#include "exec/signals.hpp"
#include "slice.hpp"

#include <weft/scheme/program.hpp>
#include <weft/wait/after.hpp>
#include <weft/wait/select.hpp>

#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace weft::inline WEFT_ON::scheme {
namespace detail {

void lost_tasks::add(record& r) noexcept {
  try {
    std::scoped_lock hold{lock_};
    failed_.push_back(rooted(r.object()));
  } catch (std::bad_alloc const&) {
    return;  // one is not told of, since there is no memory for it
  }
  added_.release();
}

std::vector<root> lost_tasks::take() noexcept {
  std::scoped_lock hold{lock_};
  while (added_.try_acquire()) {
  }
  std::erase_if(failed_, [](root const& r) {
    return record::of_object(kept(r))->noticed.load(relaxed);  // rlx hint
  });
  return std::exchange(failed_, {});
}

namespace {

// The main body has ended by an error or by `exit`: its threads and futures are not waited for.
SCM end_program() {
  running("exit").of->tasks.cancel("the program has ended");
  return SCM_UNSPECIFIED;
}

// Whoever awaits a task a little later than it fails, hears of the error in that way.
constexpr auto grace = std::chrono::seconds(1);

SCM of_main(char const* name) { return scm_c_public_ref("weft main", name); }
SCM text(std::string const& s) { return scm_from_utf8_stringn(s.data(), s.size()); }

SCM list_of(std::vector<std::string> const& all) {
  SCM list = SCM_EOL;
  for (auto at = all.rbegin(); at != all.rend(); ++at) list = scm_cons(text(*at), list);
  return list;
}

SCM body_of(program const& p) {
  if (p.from == program::source::tests)
    return scm_call_1(of_main("tests-body"), list_of(p.arguments));
  return scm_call_3(of_main("program-body"), text(p.name),
                    p.from == program::source::text ? text(p.text) : SCM_BOOL_F,
                    list_of(p.arguments));
}

void tell_lost(lost_tasks& lost) {
  in_guile([&] {
    for (auto const& one : lost.take()) {
      auto& r = *record::of_object(kept(one));
      scm_call_4(of_main("tell-lost"), r.name(), scm_from_bool(r.kind == record::is::actor),
                 r.outcome, r.stack());
    }
  });
}

void wait_for_all(core& in, lost_tasks& lost) {
  for (;;) {
    auto const first = select(in.tasks.join(), lost.more()).wait();
    if (first.index() == 0) break;
    auto const then = select(in.tasks.join(), after(grace)).wait();
    if (then.index() == 0) break;
    tell_lost(lost);
  }
  tell_lost(lost);
}

void begin(core& in, program const& p) {
  auto& r = record::make(in, body_of(p), scm_from_utf8_string("main"));
  start(r, in.tasks.in());
}

int run(core& in, lost_tasks& lost, program const& p, weft::detail::signals const& watch) {
  in_guile([&] { begin(in, p); });
  wait_for_all(in, lost);
  int code = 1;
  in_guile([&] {
    code = scm_to_int(scm_call_0(of_main("main-code")));
    if (SCM const why = scm_call_0(of_main("flush")); scm_is_true(why)) {
      auto* const said = scm_to_utf8_string(why);
      std::fprintf(stderr, "weft: cannot write to standard output: %s\n", said);
      std::free(said);
      code = 1;
    }
  });
  if (watch.interrupted() && code != 130) {  // the main body had ended before
    std::fputs("weft: interrupted\n", stderr);
    return 130;
  }
  return code;
}

}  // namespace

void define_programs() { define("%end-program!", 0, 0, end_program); }

}  // namespace detail

int run_program(program const& p) {
  weft::detail::signals watch;  // first: threads made later inherit the mask
  try {
    detail::lost_tasks lost;  // outlives the engine: its actors may fail until its very end
    detail::core in{{}};
    in.lost = &lost;
    watch.start(in.tasks.in(), [&in] { return in.on.dump(); });
    return detail::run(in, lost, p, watch);
  } catch (std::exception const& e) {
    std::fprintf(stderr, "weft: error: %s\n", e.what());
    return 1;
  }
}

}  // namespace weft::inline WEFT_ON::scheme
