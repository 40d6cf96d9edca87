// SPDX-License-Identifier: Apache-2.0
#include "result.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 9> keys = {"name",  "unit", "ours", "rival_name", "rival",
                                                  "ratio", "low",  "high", "state"};

double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  std::array<char, 32> text{};
  const auto end = text.data() + text.size();
  const auto wrote = std::to_chars(text.data(), end, value, std::chars_format::scientific, 5);
  std::from_chars(text.data(), wrote.ptr, value);
  return value;
}

json::value number_or_null(const std::optional<double>& value) {
  return value ? json::value(rounded(*value)) : json::value(nullptr);
}

const json::value& field(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) throw std::runtime_error{"the key \"" + std::string{key} + "\" is missing"};
  return *value;
}

std::string text(const json::object& object, std::string_view key) {
  const json::value& value = field(object, key);
  if (!value.is_string()) throw std::runtime_error{'"' + std::string{key} + "\" is not a string"};
  return std::string{value.get_string()};
}

std::optional<double> number(const json::object& object, std::string_view key) {
  const json::value& value = field(object, key);
  if (value.is_null()) return std::nullopt;
  if (!value.is_number())
    throw std::runtime_error{'"' + std::string{key} + "\" is neither a number nor null"};
  return value.to_number<double>();
}

std::runtime_error about(const std::string& file, const std::string& what) {
  return std::runtime_error{file + ": " + what};
}

std::string reason() { return std::strerror(errno != 0 ? errno : EIO); }

}  // namespace

std::string to_json(const result& measured) {
  const auto& ratio = measured.ratio;
  const auto part = [&](double estimate::* member) {
    return number_or_null(ratio ? std::optional<double>{(*ratio).*member} : std::nullopt);
  };
  const json::object object{{"name", measured.name},
                            {"unit", measured.unit},
                            {"ours", rounded(measured.ours)},
                            {"rival_name", measured.rival_name},
                            {"rival", number_or_null(measured.rival)},
                            {"ratio", part(&estimate::median)},
                            {"low", part(&estimate::low)},
                            {"high", part(&estimate::high)},
                            {"state", measured.state}};
  return json::serialize(object);
}

result from_json(std::string_view line) {
  json::error_code error;
  const json::value parsed = json::parse(json::string_view{line.data(), line.size()}, error);
  if (error) throw std::runtime_error{"not JSON: " + error.message()};
  if (!parsed.is_object()) throw std::runtime_error{"not a JSON object"};
  const json::object& object = parsed.get_object();
  for (const auto& entry : object) {
    const std::string_view key{entry.key().data(), entry.key().size()};
    if (std::ranges::find(keys, key) == keys.end())
      throw std::runtime_error{"the key \"" + std::string{key} + "\" is not one of a row"};
  }
  result read{text(object, "name"),       text(object, "unit"),    0,
              text(object, "rival_name"), number(object, "rival"), {},
              text(object, "state")};
  const auto ours = number(object, "ours");
  if (!ours) throw std::runtime_error{"\"ours\" is null"};
  read.ours = *ours;
  const auto ratio = number(object, "ratio");
  const auto low = number(object, "low");
  const auto high = number(object, "high");
  if (ratio.has_value() != low.has_value() || ratio.has_value() != high.has_value())
    throw std::runtime_error{"of \"ratio\", \"low\" and \"high\" some are null and some are not"};
  if (ratio) read.ratio = estimate{*ratio, *low, *high};
  return read;
}

std::vector<result> load(const std::string& file) {
  if (std::filesystem::is_directory(file)) throw about(file, "a directory, not a file of results");
  errno = 0;
  std::ifstream in{file};
  if (!in) throw about(file, reason());
  std::vector<result> results;
  std::string line;
  for (int at = 1; std::getline(in, line); ++at) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = file + ":" + std::to_string(at);
    try {
      results.push_back(from_json(line));
    } catch (const std::runtime_error& error) {
      throw about(where, error.what());
    }
    const std::string& name = results.back().name;
    if (std::ranges::find(results.begin(), results.end() - 1, name, &result::name) !=
        results.end() - 1)
      throw about(where, "the row " + name + " is here a second time");
  }
  return results;
}

void save(const std::string& file, const std::vector<result>& results) {
  errno = 0;
  std::ofstream out{file, std::ios::trunc};
  for (const result& one : results) out << to_json(one) << '\n';
  out.close();
  if (!out) throw about(file, "cannot write: " + reason());
}

void check_writable(const std::string& file) {
  const bool was_there = std::filesystem::exists(file);
  errno = 0;
  const bool opens = std::ofstream{file, std::ios::app}.is_open();
  if (!opens) throw about(file, "cannot write: " + reason());
  if (!was_there) std::filesystem::remove(file);
}

}  // namespace bench
