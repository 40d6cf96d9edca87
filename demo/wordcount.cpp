// SPDX-License-Identifier: Apache-2.0
// Counts the words of files on all cores: a reader, a bounded channel, a group of counting tasks,
// one of which fails on the way and begins again. README.md beside this file shows the parts.
#include "wordcount/count.hpp"
#include "wordcount/failure.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>

namespace {

using namespace wordcount;

enum class report { text, json, none };

struct options {
  request what;
  bool all = false;
  unsigned workers = 0;
  report after = report::text;
};

void complain(std::string const& what) { std::fprintf(stderr, "wordcount: %s\n", what.c_str()); }

[[nodiscard]] std::string table(result const& r, bool aligned) {
  std::string text;
  auto const width = !aligned || r.top.empty() ? 0 : std::to_string(r.top.front().count).size();
  for (auto const& [word, count] : r.top) {
    auto const number = std::to_string(count);
    text.append(width - std::min(width, number.size()), ' ');
    text.append(number).append(" ").append(word).append("\n");
  }
  return text;
}

void print_report(result const& r, report how) {
  auto const count = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  auto const mb = static_cast<double>(r.bytes) / 1e6;
  auto const rate = r.seconds > 0 ? mb / r.seconds : 0;
  if (how == report::text)
    std::fprintf(stderr,
                 "%llu words, %llu different, in %.1f MB; %.3f s on %u worker%s, %.0f MB/s; "
                 "%u attempt%s failed and made again\n",
                 count(r.words), count(r.distinct), mb, r.seconds, r.workers,
                 r.workers == 1 ? "" : "s", rate, r.retries, r.retries == 1 ? "" : "s");
  if (how == report::json)
    std::fprintf(stderr,
                 "{\"words\":%llu,\"distinct\":%llu,\"bytes\":%llu,\"chunks\":%llu,\"workers\":%u,"
                 "\"retries\":%u,\"seconds\":%.6f,\"mb_per_s\":%.1f}\n",
                 count(r.words), count(r.distinct), count(r.bytes), count(r.chunks), r.workers,
                 r.retries, r.seconds, rate);
}

weft::task<int> run(options o) {
  try {
    auto const counted = co_await count_files(o.what);
    // Only a whole result is printed. A pipe may be slow to take it, so no worker waits for that.
    auto const text = table(counted, !o.all);
    auto const print = [&] { write_to_stdout(text); };
    co_await weft::blocking(print);
    print_report(counted, o.after);
    co_return 0;
  } catch (failure const& e) {
    complain(e.what());
    co_return 1;
  }
}

template <class Number>
void add_number(CLI::App& app, std::string const& name, Number& value, Number least, Number most,
                std::string const& description) {
  auto const read = [=, &value](std::string const& text) {
    Number n{};
    auto const* const end = text.data() + text.size();
    auto const [stopped, error] = std::from_chars(text.data(), end, n);
    if (error != std::errc{} || stopped != end || n < least || n > most)
      throw CLI::ValidationError(
          name, "give a number from " + std::to_string(least) + " to " + std::to_string(most));
    value = n;
  };
  app.add_option_function<std::string>(name, read, description)->type_name("N");
}

template <class Value>
void add_choice(CLI::App& app, std::string const& name, Value& value,
                std::map<std::string, Value> const& choices, std::string const& description) {
  std::string names;
  for (auto const& [word, meaning] : choices) names += (names.empty() ? "" : "|") + word;
  auto const read = [=, &value](std::string const& text) {
    auto const found = choices.find(text);
    if (found == choices.end()) throw CLI::ValidationError(name, "give one of " + names);
    value = found->second;
  };
  app.add_option_function<std::string>(name, read, description)->type_name(names);
}

void describe(CLI::App& app, options& o) {
  app.add_option("FILES", o.what.files, "the texts, in UTF-8")->required()->type_name("");
  add_number<std::size_t>(app, "--top", o.what.top, 0, 1'000'000'000,
                          "print so many of the most frequent words (10)");
  app.add_flag("--all", o.all, "print all words");
  add_number<unsigned>(app, "--workers", o.workers, 1, 256,
                       "use so many workers (as many as processors, or WEFT_WORKERS)");
  add_choice<fault_point>(app, "--fail", o.what.fail,
                          {{"none", fault_point::none},
                           {"before", fault_point::before},
                           {"inside", fault_point::inside},
                           {"after", fault_point::after}},
                          "make an attempt fail at the publication of a chunk's counts (after)");
  add_choice<report>(app, "--report", o.after,
                     {{"text", report::text}, {"json", report::json}, {"none", report::none}},
                     "what standard error tells in the end (text)");
}

/// Fills in the options; or gives the exit code of one who asked for help or made a mistake.
[[nodiscard]] std::optional<int> parse(int argc, char** argv, options& o) {
  CLI::App app{"Counts words: runs of ASCII letters, in lower case.", "wordcount"};
  describe(app, o);
  try {
    app.parse(argc, argv);
  } catch (CLI::CallForHelp const&) {
    write_to_stdout(app.help());
    return 0;
  } catch (CLI::ExtrasError const&) {
    complain("unknown option " + app.remaining().front() + "; wordcount --help lists them");
    return 2;
  } catch (CLI::ParseError const& e) {
    complain(std::string(e.what()) + "; wordcount --help lists the options");
    return 2;
  }
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // weft::main does so too; --help is printed before
  options o;
  try {
    if (!stdout_is_open()) throw failure("cannot write to standard output: it is closed");
    if (auto const code = parse(argc, argv, o)) return *code;
  } catch (failure const& e) {
    complain(e.what());
    return 1;
  }
  if (o.all) o.what.top = std::numeric_limits<std::size_t>::max();
  o.what.progress = stderr_is_terminal();
  // The default runtime reads this when it starts.
  if (o.workers != 0) ::setenv("WEFT_WORKERS", std::to_string(o.workers).c_str(), 1);
  return weft::main(run, std::move(o));
}
