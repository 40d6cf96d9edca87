// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/wait/context.hpp>
#include <weft/wait/error_trace.hpp>

namespace weft::inline WEFT_ON {

std::string stack_trace::text() const {
  std::string out;
  for (auto const& e : entries) {
    out += e.spawned ? "  spawned at " : "  at ";
    out += place(e.site);
    out += " in ";
    out += e.site.function_name();
    out += '\n';
  }
  if (siblings_cancelled != 0) {
    out += "  " + std::to_string(siblings_cancelled) +
           (siblings_cancelled == 1 ? " sibling cancelled\n" : " siblings cancelled\n");
  }
  return out;
}

stack_trace current_stack() {
  auto& c = current_context();
  return detail::walk(c.top, &c);
}

namespace detail {

stack_trace walk(frame const* f, context const* c) {
  stack_trace out;
  // Whoever spawned an execution waits for its group, so the frames above stand still.
  while (f) {
    out.entries.push_back({f->site, false});
    if (f->parent) {
      f = f->parent;
    } else {
      c = f->running_in;
      if (!c || c->spawn_site.line() == 0) break;
      out.entries.push_back({c->spawn_site, true});
      f = c->spawned_by;
    }
  }
  return out;
}

void note_error(context& c, frame& f) noexcept try {
  auto error = std::current_exception();
  if (c.trace && c.trace->error == error) return;
  c.trace = std::make_unique<error_trace>(error_trace{std::move(error), walk(&f, &c)});
} catch (...) {
  c.trace.reset();  // no memory for the story; the error itself goes on
}

}  // namespace detail
}  // namespace weft::inline WEFT_ON
