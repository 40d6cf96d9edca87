// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/wait/context.hpp>
#include <weft/wait/error_trace.hpp>

#include <algorithm>
#include <string_view>

namespace weft::inline WEFT_ON {

namespace {

// Both name the unnamed namespace, one with parentheses as if arguments followed.
std::string without_anonymous(std::string full) {
  for (std::string_view const mark : {"(anonymous namespace)::", "{anonymous}::"})
    for (auto at = full.find(mark); at != full.npos; at = full.find(mark))
      full.erase(at, mark.size());
  return full;
}

// Compilers give "auto main()::(anonymous class)::operator()(int) const" and
// "void leaf(leaf(int)::_Z4leafi.Frame*)"; people want "main, lambda" and "leaf".
std::string short_name(std::string_view full) {
  auto const lambda = std::max(full.rfind("operator()"), full.rfind("<lambda"));
  if (full.find("lambda") != full.npos || full.find("operator()(") != full.npos ||
      full.find("(anonymous class)") != full.npos) {
    auto const owner = short_name(full.substr(0, full.find('(')));
    return lambda == full.npos ? owner : owner + ", lambda";
  }
  full = full.substr(0, full.find('('));
  int depth = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i < full.size(); ++i) {
    if (full[i] == '<') ++depth;
    if (full[i] == '>') --depth;
    if (full[i] == ' ' && depth == 0) from = i + 1;
  }
  return std::string(full.substr(from));
}

}  // namespace

std::string stack_trace::text() const {
  std::string out;
  for (auto const& e : entries) {
    out += e.spawned ? "  spawned below " : "  at ";
    out += place(e.site);
    out += " in ";
    out += short_name(without_anonymous(e.site.function_name()));
    out += '\n';
  }
  if (siblings_cancelled != 0) {
    out += "  " + std::to_string(siblings_cancelled) +
           (siblings_cancelled == 1 ? " sibling cancelled\n" : " siblings cancelled\n");
  }
  return out;
}

stack_trace current_stack() {
  return detail::walk(current_context().top);
}

namespace detail {

stack_trace walk(frame const* f) {
  stack_trace out;
  bool spawned = false;
  // Whoever owns a group waits for what it spawned, so the frames above stand still.
  while (f) {
    if ((f->flags & (frame::internal | frame::failed)) == 0) {
      out.entries.push_back({f->site, spawned});
      spawned = false;
    }
    if (f->parent) {
      f = f->parent;
    } else {
      f = f->running_in ? f->running_in->spawner() : nullptr;
      spawned = true;
    }
  }
  return out;
}

std::unique_ptr<error_trace> copy_of(error_trace const* chain) noexcept try {
  return chain ? std::make_unique<error_trace>(*chain) : nullptr;
} catch (std::bad_alloc const&) {
  return nullptr;
}

void note_error(context& c, frame& f) noexcept try {
  auto error = std::current_exception();
  if (c.trace && c.trace->error == error) return;
  c.trace = std::make_unique<error_trace>(error_trace{std::move(error), walk(&f)});
} catch (...) {
  c.trace.reset();  // no memory for the story; the error itself goes on
}

}  // namespace detail
}  // namespace weft::inline WEFT_ON
