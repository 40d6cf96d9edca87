// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <array>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// Small programs as text: threads are separated by '|', steps by ';'.
//
//   x = 1 rlx; read y acq; if 1 get d | cas y 0 2 acq_rel rlx; fence sc
//
// The places x, y and z begin as 0; c and d are plain variables, k and l mutexes. A step behind
// `if N` is done only if what its thread read last was N.
namespace weft_test {

enum class does : std::uint8_t {
  // what the axioms know of
  load,
  store,
  exchange,
  add,
  strong,  // compare-exchange
  weak,
  fence,
  get,  // a plain read
  set,
  await,  // spins while the place is 0
  bump,   // adds 1 by a loop of weak compare-exchanges
  grab,   // spins on a read-modify-write while it reads 0
  // what only the checker knows of
  either,  // spins while both places are 0
  heavy,
  light,
  park,  // while 0
  doze,  // park with a deadline
  unpark,
  unpark_all,
  sleep,  // atomic::wait while 0
  rouse,  // atomic::notify_one
  rouse_all,
  now,
  lock,
  try_lock,
  unlock,
  wait,  // until somebody has announced, with a condition variable
  wait_for,
  announce,
  announce_all,
  blurt,  // announces, without waking anybody
  signal,
  spawn,  // a thread that adds to a place, joined at the end
  any,    // a number below the value
  keep,   // shows what the thread has kept, and keeps the value
};

struct step {
  does what = does::load;
  unsigned at = 0;  // a place, a plain variable, a mutex, a thread
  int value = 0;
  int expected = 0;
  std::memory_order order = weft::relaxed, failed = weft::relaxed;
  int only_if = -1;
  friend bool operator==(step const&, step const&) = default;
};

using program = std::vector<std::vector<step>>;

inline constexpr unsigned places = 3;

/// The word of each step and what stands behind it: p place, d plain variable, m mutex, t thread,
/// v value, e expected value, o order, f order of a failure.
struct word_of {
  does what;
  char const* word;
  char const* operands;
};
inline constexpr word_of words[] = {
    {does::load, "read", "po"},
    {does::store, "=", "pvo"},
    {does::exchange, "swap", "pvo"},
    {does::add, "add", "pvo"},
    {does::strong, "cas", "pevof"},
    {does::weak, "weak", "pevof"},
    {does::fence, "fence", "o"},
    {does::get, "get", "d"},
    {does::set, "set", "d"},
    {does::await, "await", "po"},
    {does::bump, "bump", "po"},
    {does::grab, "grab", "po"},
    {does::either, "either", "p"},
    {does::heavy, "heavy", ""},
    {does::light, "light", ""},
    {does::park, "park", "p"},
    {does::doze, "doze", "pv"},
    {does::unpark, "unpark", "p"},
    {does::unpark_all, "unparks", "p"},
    {does::sleep, "sleep", "po"},
    {does::rouse, "rouse", "p"},
    {does::rouse_all, "rouses", "p"},
    {does::now, "now", ""},
    {does::lock, "lock", "m"},
    {does::try_lock, "try", "m"},
    {does::unlock, "unlock", "m"},
    {does::wait, "wait", ""},
    {does::wait_for, "wait_for", "v"},
    {does::announce, "announce", ""},
    {does::announce_all, "announce_all", ""},
    {does::blurt, "blurt", ""},
    {does::signal, "signal", "tv"},
    {does::spawn, "spawn", "pvo"},
    {does::any, "any", "v"},
    {does::keep, "keep", "v"},
};

struct name_of_order {
  std::memory_order order;
  char const* name;
};
inline constexpr name_of_order orders[] = {
    {weft::relaxed, "rlx"}, {std::memory_order_consume, "con"}, {weft::acquire, "acq"},
    {weft::release, "rel"}, {weft::acq_rel, "acq_rel"},         {weft::seq_cst, "sc"},
};

namespace detail {

inline std::memory_order order_named(std::string_view name) {
  for (auto const& o : orders) {
    if (name == o.name) return o.order;
  }
  throw std::invalid_argument("no order: " + std::string(name));
}

inline char const* name_of(std::memory_order order) {
  for (auto const& o : orders) {
    if (order == o.order) return o.name;
  }
  return "?";
}

inline unsigned index_in(std::string_view names, std::string_view name) {
  auto const at = name.size() == 1 ? names.find(name[0]) : std::string_view::npos;
  if (at == std::string_view::npos) throw std::invalid_argument("no name: " + std::string(name));
  return static_cast<unsigned>(at);
}

inline void take(step& s, char operand, std::string const& text) {
  switch (operand) {
    case 'p':
      s.at = index_in("xyz", text);
      break;
    case 'd':
      s.at = index_in("cd", text);
      break;
    case 'm':
      s.at = index_in("kl", text);
      break;
    case 't':
      s.at = static_cast<unsigned>(std::stoi(text));
      break;
    case 'v':
      s.value = std::stoi(text);
      break;
    case 'e':
      s.expected = std::stoi(text);
      break;
    case 'o':
      s.order = order_named(text);
      break;
    default:
      s.failed = order_named(text);
  }
}

inline std::string show(step const& s, char operand) {
  switch (operand) {
    case 'p':
      return std::string(1, "xyz"[s.at]);
    case 'd':
      return std::string(1, "cd"[s.at]);
    case 'm':
      return std::string(1, "kl"[s.at]);
    case 't':
      return std::to_string(s.at);
    case 'v':
      return std::to_string(s.value);
    case 'e':
      return std::to_string(s.expected);
    case 'o':
      return name_of(s.order);
    default:
      return name_of(s.failed);
  }
}

}  // namespace detail

inline step parse_step(std::string const& text) {
  std::istringstream in(text);
  std::vector<std::string> tokens;
  for (std::string t; in >> t;) tokens.push_back(t);
  step s;
  std::size_t i = 0;
  if (tokens.size() > 2 && tokens[0] == "if") {
    s.only_if = std::stoi(tokens[1]);
    i = 2;
  }
  if (i + 1 < tokens.size() && tokens[i + 1] == "=") std::swap(tokens[i], tokens[i + 1]);
  for (auto const& w : words) {
    if (i >= tokens.size() || tokens[i] != w.word) continue;
    std::string_view const operands = w.operands;
    if (tokens.size() != i + 1 + operands.size()) break;
    s.what = w.what;
    for (auto const o : operands) detail::take(s, o, tokens[++i]);
    return s;
  }
  throw std::invalid_argument("no step: \"" + text + '"');
}

inline std::string text_of(step const& s) {
  std::string text = s.only_if < 0 ? "" : "if " + std::to_string(s.only_if) + ' ';
  for (auto const& w : words) {
    if (w.what != s.what) continue;
    std::string_view operands = w.operands;
    if (s.what == does::store) {
      text += detail::show(s, 'p') + ' ';
      operands.remove_prefix(1);
    }
    text += w.word;
    for (auto const o : operands) text += ' ' + detail::show(s, o);
  }
  return text;
}

inline program parse(std::string const& text) {
  program p;
  std::istringstream threads(text);
  for (std::string thread; std::getline(threads, thread, '|');) {
    auto& steps = p.emplace_back();
    std::istringstream in(thread);
    for (std::string s; std::getline(in, s, ';');) {
      if (s.find_first_not_of(' ') != std::string::npos) steps.push_back(parse_step(s));
    }
  }
  return p;
}

inline std::string text_of(program const& p) {
  std::string text;
  for (auto const& thread : p) {
    if (&thread != &p.front()) text += " | ";
    for (auto const& s : thread) {
      if (&s != &thread.front()) text += "; ";
      text += text_of(s);
    }
  }
  return text;
}

/// An outcome as text: what each thread read, in order, a '!' behind what made a compare-exchange
/// fail; then what the places are at the end: "0 1!|2 x=1 y=2".
inline void add_read(std::string& thread, unsigned value, bool failed = false) {
  if (!thread.empty()) thread += ' ';
  thread += std::to_string(value);
  if (failed) thread += '!';
}

template <class Strings, class Finals>
std::string outcome(Strings const& reads, std::size_t threads, Finals const& finals) {
  std::string text;
  for (std::size_t t = 0; t < threads; ++t) {
    if (t > 0) text += '|';
    text += reads[t];
  }
  for (unsigned a = 0; a < places; ++a) {
    text += ' ';
    text += "xyz"[a];
    text += '=' + std::to_string(finals[a]);
  }
  return text;
}

}  // namespace weft_test
