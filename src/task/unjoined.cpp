// SPDX-License-Identifier: Apache-2.0
#include "unjoined.hpp"

#include <weft/base/atoms.hpp>
#include <weft/task/main.hpp>

#include <cstdio>
#include <cstdlib>

namespace weft::inline WEFT_ON {
namespace {

void print_and_abort(std::exception_ptr e, stack_trace const& chain) noexcept {
  std::fprintf(stderr,
               "weft: an error of a task was never joined: %s\n%s"
               "  call join() on the group before it is destroyed, or set_unjoined_handler()\n",
               detail::text_of(e).c_str(), chain.text().c_str());
  std::abort();
}

struct setting {
  atoms::atomic<unjoined_handler> handler{print_and_abort};
};

}  // namespace

unjoined_handler set_unjoined_handler(unjoined_handler f) noexcept {
  auto* const next = f ? f : print_and_abort;
  auto& now = atoms::global<setting>().handler;
  return now.exchange(next, acq_rel);  // pub unjoined.set -> report_unjoined, sub unjoined.set
}

namespace detail {

void report_unjoined(std::exception_ptr e, stack_trace const& chain) noexcept {
  auto const f = atoms::global<setting>().handler.load(acquire);  // sub unjoined.set
  f(std::move(e), chain);
}

std::string text_of(std::exception_ptr const& e) noexcept try {
  std::rethrow_exception(e);
} catch (std::exception const& x) {
  return x.what();
} catch (...) {
  return "an exception that is no std::exception";
}

}  // namespace detail
}  // namespace weft::inline WEFT_ON
