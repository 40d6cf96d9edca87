// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace weft::cli {
namespace {

constexpr char const* purpose =
    "weft, a concurrency runtime: looks after programs that use it.\n\n"
    "  weft run app.scm            run a program in Scheme\n"
    "  weft test test.scm          run its tests\n"
    "  weft doctor                 does this machine have what weft needs?\n"
    "  weft help run               what a command does, and its options\n";
constexpr char const* exit_codes =
    "Exit codes: 0 fine, 1 the program or check failed, 2 bad usage, 70 a bug in weft, "
    "130 interrupted.";

constexpr char const* run_purpose =
    "Runs a program in Scheme, with (weft) imported.\n\n"
    "  weft run app.scm 8080       (command-line) is (\"app.scm\" \"8080\")\n"
    "  weft run -e '(display 42)'  an expression; '-' as FILE is standard input\n";
constexpr char const* test_purpose =
    "Runs the tests in files of Scheme, with (weft) and (weft test) imported.\n\n"
    "  weft test test.scm          exit code 1 if one fails\n"
    "  weft test test/*.scm        each file in a module of its own\n";
constexpr char const* doctor_purpose =
    "Examines this machine and says what will not work, and what to do about it.\n\n"
    "  weft doctor                 for people\n"
    "  weft doctor --json          for programs: one object on standard output\n";
constexpr char const* version_purpose =
    "Prints the version of weft.\n\n"
    "  weft version\n"
    "  weft --version\n";
constexpr char const* help_purpose =
    "Prints what weft, or one of its commands, does.\n\n"
    "  weft help\n"
    "  weft help doctor\n";

// Where the words of `weft run` begin that are the program's own, or argc: FILE and all behind it,
// or all behind -e TEXT.
int own_words(int argc, char const* const* argv) {
  bool run = false;
  for (int i = 1; i < argc; ++i) {
    std::string_view const word = argv[i];
    bool const option = word.starts_with("-") && word != "-" && word != "--";
    if (run && word == "-e") return std::min(i + 2, argc);
    if (word == "--color") {
      ++i;
    } else if (!run && !option) {
      if (word != "run") return argc;
      run = true;
    } else if (!option) {
      return i;
    }
  }
  return argc;
}

// The parser with its commands; `into` gets what it finds.
class command_line {
 public:
  explicit command_line(request& into) : into_(into) {
    app_.set_help_flag("-h,--help", "print this and exit");
    app_.add_flag("--version", version_flag_, "print the version and exit");
    app_.add_option("--color", into.colours, "always, never, or auto: on a terminal")
        ->type_name("WHEN")
        ->transform(CLI::CheckedTransformer(colours).description(""));
    app_.fallthrough();
    app_.require_subcommand(0, 1);
    app_.footer(exit_codes);
    auto* const run = add("run", run_purpose);
    expression_ = run->add_option("-e", into.text, "the program itself, instead of a file")
                      ->type_name("TEXT");
    run->add_option("FILE", into.words, "the program; what follows are its arguments")
        ->type_name("[ARGUMENT...]");
    auto* const test = add("test", test_purpose);
    test->add_option("FILE", into.words, "the files of tests")->type_name("...");
    auto* const doctor = add("doctor", doctor_purpose);
    doctor->add_flag("--json", into.json, "print one JSON object");
    add("version", version_purpose);
    add("help", help_purpose)->add_option("COMMAND", topic_, "the command to explain")
        ->type_name("");
    help_ = app_.help();
    run->description(run_purpose);
    test->description(test_purpose);
    doctor->description(doctor_purpose);
    app_.get_subcommand("version")->description(version_purpose);
    app_.get_subcommand("help")->description(help_purpose);
  }

  /// Throws what CLI11 throws.
  void read(int argc, char const* const* argv) {
    int const own = own_words(argc, argv);
    app_.parse(own, argv);
    into_.words.insert(into_.words.end(), argv + own, argv + argc);
    if (into_.words.size() > 0 && into_.words.front() == "--")
      into_.words.erase(into_.words.begin());
    using action = request::action;
    if (version_flag_ || app_.got_subcommand("version")) {
      into_.what = action::version;
    } else if (app_.got_subcommand("doctor")) {
      into_.what = action::doctor;
    } else if (app_.got_subcommand("run")) {
      into_.what = action::run;
      if (expression_->count() > 0) into_.words.insert(into_.words.begin(), "-e");
    } else if (app_.got_subcommand("test")) {
      into_.what = action::test;
    } else {
      into_.what = action::help;
      into_.text = topic_.empty() ? help_ : app_.get_subcommand(topic_)->help("weft");
    }
  }

  /// The help of the command whose --help was asked for.
  [[nodiscard]] std::string help() const {
    auto const got = app_.get_subcommands();
    return got.empty() ? help_ : got.front()->help("weft");
  }

  /// What is wrong with a command line that read() refused; `said` is CLI11's own word for it.
  [[nodiscard]] std::string explain(int argc, char const* const* argv, char const* said) const {
    CLI::App const* command = nullptr;
    for (int i = 1, own = own_words(argc, argv); i < own; ++i) {
      std::string const word = argv[i];
      if (word.starts_with("-")) {
        auto const name = word.substr(0, word.find('='));
        if (!knows(app_, name) && !(command && knows(*command, name)))
          return unknown_option(command, name);
        if (word == "-e") break;
        if (name != "--color") continue;
        bool const apart = name == word;
        std::string const value = !apart         ? word.substr(name.size() + 1)
                                  : i + 1 < argc ? argv[i + 1]
                                                 : "";
        if (!colours.contains(value)) return bad_colour(value);
        if (apart) ++i;
      } else if (!command) {
        command = find(word);
        if (!command) return unknown_command(word);
      } else if (command->get_name() == "help" && topic_.empty()) {
        return unknown_command(word);
      } else if (command->get_name() != "help" || word != topic_) {
        return fmt::format("'weft {}' does not take '{}'; see 'weft help {}'",
                           command->get_name(), word, command->get_name());
      }
    }
    return fmt::format("{}; see 'weft help'", said);
  }

  [[nodiscard]] std::string unknown_command(std::string const& word) const {
    auto const near = nearest(word, names_);
    auto const hint = near.empty() ? std::string{} : fmt::format("; did you mean '{}'?", near);
    return fmt::format("there is no command '{}'{}\n  the commands are: {}", word, hint,
                       fmt::join(names_, ", "));
  }

  /// What is missing in a request for a program, or nothing.
  [[nodiscard]] std::string no_file() const {
    auto const command = app_.got_subcommand("run") ? "run" : "test";
    if (!app_.got_subcommand(command) || !into_.words.empty()) return {};
    return fmt::format("'weft {}' needs a file of Scheme; see 'weft help {}'", command, command);
  }
  [[nodiscard]] std::string const& topic() const noexcept { return topic_; }
  [[nodiscard]] bool says_nothing() const {
    return app_.get_subcommands().empty() && !version_flag_;
  }
  [[nodiscard]] std::string no_command() const {
    return fmt::format("a command is missing; the commands are: {}\n  see 'weft help'",
                       fmt::join(names_, ", "));
  }

 private:
  // In the list of commands stands the first line of what a command's own help says.
  CLI::App* add(char const* name, std::string_view about) {
    names_.emplace_back(name);
    auto const line = about.substr(0, about.find('\n'));
    auto* const command = app_.add_subcommand(name, std::string(line));
    command->set_help_flag("-h,--help", "print this and exit");
    return command;
  }

  [[nodiscard]] static std::string bad_colour(std::string const& value) {
    return fmt::format("--color takes always, never or auto, not '{}'", value);
  }

  [[nodiscard]] CLI::App const* find(std::string const& command) const {
    for (auto const* const one : app_.get_subcommands({}))
      if (one->get_name() == command) return one;
    return nullptr;
  }

  [[nodiscard]] static bool knows(CLI::App const& app, std::string const& option) {
    return app.get_option_no_throw(option) != nullptr;
  }

  [[nodiscard]] std::string unknown_option(CLI::App const* command, std::string const& name) const {
    std::vector<std::string> known;
    for (auto const* from : {&app_, command}) {
      if (!from) continue;
      for (CLI::Option const* option : from->get_options())
        if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames().front());
    }
    auto const near = nearest(name, known);
    auto const of = command ? " " + command->get_name() : std::string{};
    if (near.empty())
      return fmt::format("'weft{}' has no option {}; see 'weft help{}'", of, name, of);
    return fmt::format("'weft{}' has no option {}; did you mean {}?", of, name, near);
  }

  static inline std::map<std::string, colour> const colours{
      {"auto", colour::automatic}, {"always", colour::always}, {"never", colour::never}};

  request& into_;
  CLI::App app_{purpose, "weft"};
  std::vector<std::string> names_;
  std::string help_;
  std::string topic_;
  CLI::Option* expression_ = nullptr;
  bool version_flag_ = false;
};

}  // namespace

parsed parse(int argc, char const* const* argv) {
  parsed out;
  command_line line(out.asked);
  try {
    line.read(argc, argv);
    if (line.says_nothing()) {
      out.code = bad_usage;
      out.complaint = line.no_command();
    } else if (out.complaint = line.no_file(); !out.complaint.empty()) {
      out.code = bad_usage;
    }
  } catch (CLI::CallForHelp const&) {
    out.asked.what = request::action::help;
    out.asked.text = line.help();
  } catch (CLI::OptionNotFound const&) {  // 'weft help WORD' with an unknown word
    out.code = bad_usage;
    out.complaint = line.unknown_command(line.topic());
  } catch (CLI::ParseError const& e) {
    out.code = bad_usage;
    out.complaint = line.explain(argc, argv, e.what());
  }
  return out;
}

}  // namespace weft::cli
