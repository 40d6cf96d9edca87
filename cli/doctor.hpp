// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft::cli {

/// How a thing that was looked at is.
enum class health {
  good,
  note,    // works, but somebody should know
  broken,  // something will not work
};

/// One thing that was looked at.
struct finding {
  health how = health::good;
  std::string name;
  std::string text;    // what was found
  std::string advice;  // what to do; empty if nothing is to be done
};

/// The findings about one subject.
struct chapter {
  std::string name;
  std::vector<finding> findings;
};

struct diagnosis {
  std::vector<chapter> chapters;
  [[nodiscard]] bool works() const noexcept;
};

/// Looks at everything.
[[nodiscard]] diagnosis examine();

// The chapters, one file each.
[[nodiscard]] chapter examine_machine();
[[nodiscard]] chapter examine_runtime();
[[nodiscard]] chapter examine_reclamation();
[[nodiscard]] chapter examine_environment();
[[nodiscard]] chapter examine_build();

[[nodiscard]] std::string as_text(diagnosis const& d, bool coloured);
[[nodiscard]] std::string as_json(diagnosis const& d);

}  // namespace weft::cli
