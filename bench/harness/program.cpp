// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <regex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "baseline.hpp"
#include "measure.hpp"
#include "nearest.hpp"
#include "options.hpp"
#include "sampler.hpp"
#include "table.hpp"

namespace bench {
namespace {

// A second thread that sleeps until the end. glibc and libstdc++ leave out atomics while a process
// has one thread; no program that uses weft is in that case.
class company {
 public:
  company() = default;
  company(const company&) = delete;
  company& operator=(const company&) = delete;
  ~company() { end_.release(); }

 private:
  std::binary_semaphore end_{0};
  std::jthread sleeper_{[this] { end_.acquire(); }};
};

struct stop {
  int code;
  std::string text;
};

std::vector<std::string> names_of(const std::vector<row>& rows) {
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const row& r : rows) names.push_back(r.name);
  return names;
}

std::vector<row> chosen(std::vector<row> rows, const std::string& filter) {
  if (rows.empty()) throw stop{usage, "this build has no benchmarks"};
  if (filter.empty()) return rows;
  const std::vector<std::string> names = names_of(rows);
  try {
    const std::regex wanted{filter};
    std::erase_if(rows, [&](const row& r) { return !std::regex_search(r.name, wanted); });
  } catch (const std::regex_error& error) {
    throw stop{usage, "--filter '" + filter + "' is not a regular expression: " + error.what()};
  }
  if (!rows.empty()) return rows;
  std::string text = "no row matches '" + filter + "'; the nearest are";
  for (const std::string& name : nearest(filter, names, 3)) text += "\n  " + name;
  throw stop{usage, text};
}

std::vector<result> baseline_for(const options& asked, const std::vector<row>& rows) {
  if (asked.baseline.empty()) return {};
  std::vector<result> before;
  try {
    before = load(asked.baseline);
  } catch (const std::exception& error) {
    throw stop{usage, error.what()};
  }
  const auto known = [&](const row& r) {
    return std::ranges::find(before, r.name, &result::name) != before.end();
  };
  if (std::ranges::none_of(rows, known))
    throw stop{usage, asked.baseline + ": has none of the rows to be measured"};
  return before;
}

void require_output(std::ostream& out) {
  // A stream that is bad by now failed just before, and errno still says why.
  if (out) errno = 0;
  out.flush();
  if (!out)
    throw stop{failure, std::string{"cannot write to standard output: "} +
                            std::strerror(errno != 0 ? errno : EPIPE)};
}

// Measures every row and prints it at once. A row that fails is named; the others still run.
class session {
 public:
  session(const options& asked, const std::vector<row>& rows, console to)
      : asked_{asked}, rows_{rows}, to_{to}, table_{to.out, rows, to.colour} {}

  std::vector<result> run() {
    if (!asked_.json) table_.head();
    require_output(to_.out);
    std::vector<result> results;
    for (const row& r : rows_)
      if (auto got = one(r)) results.push_back(std::move(*got));
    if (!asked_.json) table_.foot(asked_.rounds);
    require_output(to_.out);
    return results;
  }

  [[nodiscard]] bool all_measured() const { return failed_ == 0; }

 private:
  std::optional<result> one(const row& r) {
    announce("  measuring " + r.name);
    std::optional<measurement> got;
    try {
      got = measure(r, asked_.rounds);
    } catch (const std::exception& error) {
      announce("");
      ++failed_;
      to_.err << "weft-bench: " << r.name << " failed: " << error.what() << '\n';
      return std::nullopt;
    }
    announce("");
    if (asked_.json) to_.out << to_json(got->outcome) << '\n';
    else table_.line(r, *got);
    require_output(to_.out);
    return std::move(got->outcome);
  }

  void announce(const std::string& what) {
    if (to_.progress) to_.err << "\r\033[K" << what << std::flush;
  }

  const options& asked_;
  const std::vector<row>& rows_;
  console to_;
  table table_;
  int failed_ = 0;
};

int measure_all(const options& asked, const std::vector<row>& rows, console to) {
  const std::vector<result> before = baseline_for(asked, rows);
  if (!asked.save.empty()) {
    try {
      check_writable(asked.save);
    } catch (const std::exception& error) {
      throw stop{usage, error.what()};
    }
  }
  if (asked.rounds < full_rounds)
    to.err << "weft-bench: " << asked.rounds << (asked.rounds == 1 ? " round" : " rounds") << " of "
           << full_rounds << ": a smoke test, not a result\n";
  session all{asked, rows, to};
  const std::vector<result> now = all.run();
  if (!all.all_measured()) {
    if (!asked.save.empty())
      to.err << "weft-bench: " << asked.save << " was not written, since a row failed\n";
    return failure;
  }
  if (!asked.save.empty()) save(asked.save, now);
  if (!asked.baseline.empty() && compare(before, now, to.err) > 0) return regression;
  return fine;
}

int one_sample(const options& asked, const std::vector<row>& rows, std::ostream& out) {
  const auto found = std::ranges::find(rows, asked.sample, &row::name);
  if (found == rows.end()) throw stop{usage, "there is no row " + asked.sample};
  out << sample_line(*found, asked.side) << '\n';
  require_output(out);
  return fine;
}

int perform(const options& asked, std::vector<row> rows, console to) {
  const company second_thread;
  current() = {};
  if (asked.quick) current() = {std::chrono::milliseconds{2}, true};
  if (!asked.sample.empty()) return one_sample(asked, rows, to.out);
  rows = chosen(std::move(rows), asked.filter);
  if (!asked.list) return measure_all(asked, rows, to);
  for (const row& r : rows) to.out << r.name << '\n';
  require_output(to.out);
  return fine;
}

}  // namespace

int run(int argc, const char* const* argv, std::vector<row> rows, console to) {
  const parsed line = parse(argc, argv);
  if (line.asked.colour != "auto") to.colour = line.asked.colour == "always";
  try {
    if (!line.done) return perform(line.asked, std::move(rows), to);
    to.err << line.err << std::flush;
    to.out << line.out;
    require_output(to.out);
    return line.code;
  } catch (const stop& end) {
    to.err << "weft-bench: " << end.text << '\n';
    return end.code;
  } catch (const std::exception& error) {
    to.err << "weft-bench: " << error.what() << '\n';
    return failure;
  }
}

}  // namespace bench
