// SPDX-License-Identifier: Apache-2.0
#include <weft/wait/dump.hpp>
#include <weft/wait/error_trace.hpp>

#include <cstdio>

namespace weft::inline WEFT_ON {

/// What a dump may look at of a context, while it holds the claim of its wait.
struct dump_access {
  static void describe(context& c, std::string& out) {
    out += "task " + std::to_string(c.id());
    if (c.scope_of() && c.scope_of()->cancelled())
      out += " (cancelled: " + c.scope_of()->reason() + ")";
    // A claimed wait does not end, so its frames stand still while they are read.
    if (c.try_claim() != waiter::claim::won) {
      out += " runs, or is about to\n";
      return;
    }
    struct held {
      ~held() { of.unclaim(); }
      context& of;
    } const until_written{c};
    wait_line(c, out);
    out += detail::walk(c.top).text();
  }

 private:
  static void wait_line(context& c, std::string& out) {
    auto const info = c.cases_->describe();
    out += " waits: ";
    out += info.verb;
    char text[64];
    if (info.name) {
      out += std::string(" of \"") + info.name + "\"";
    } else if (info.object) {
      std::snprintf(text, sizeof text, " of %p", info.object);
      out += text;
    }
    auto const ms = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(
            atoms::coarse_now().time_since_epoch()).count());
    std::snprintf(text, sizeof text, ", for %.2f s\n", (ms - c.since_) / 1000.0);
    out += text;
  }
};

std::string describe_tasks(detail::scope_state& below, std::size_t most) {
  std::string out;
  std::size_t n = 0;
  below.visit([&](context& c) {
    if (n++ < most) dump_access::describe(c, out);
  });
  if (n > most) out += "and " + std::to_string(n - most) + " more tasks\n";
  if (n == 0) out = "no tasks\n";
  return out;
}

std::size_t count_tasks(detail::scope_state& below) {
  std::size_t n = 0;
  below.visit([&](context&) { ++n; });
  return n;
}

}  // namespace weft::inline WEFT_ON
