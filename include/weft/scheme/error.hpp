// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/error.hpp>
#include <weft/scheme/root.hpp>

#include <memory>
#include <vector>

namespace weft::inline WEFT_ON::scheme {

/// What a Scheme program raised and nobody caught.
///
/// what() is the message with its place, "app.scm:12:5: ...".
class scheme_error : public std::runtime_error {
 public:
  struct story {
    std::string kind;                 // "wrong-type-arg", "unbound-variable", ...
    std::string message;              // with the irritants in it
    std::string irritants;            // as written, "(7 foo)"
    std::string where;                // "file:line:column"; empty if unknown
    std::vector<std::string> frames;  // from the innermost outwards
  };
  scheme_error(story told, detail::root condition)
      : std::runtime_error(told.where.empty() ? told.message : told.where + ": " + told.message),
        inside_(std::make_shared<inside>(std::move(told), std::move(condition))) {}

  [[nodiscard]] story const& told() const noexcept { return inside_->told; }
  /// The condition itself, for whoever hands it back to Scheme.
  [[nodiscard]] detail::root const& condition() const noexcept { return inside_->condition; }

 private:
  struct inside {
    story told;
    detail::root condition;
  };
  std::shared_ptr<inside> inside_;
};

}  // namespace weft::inline WEFT_ON::scheme
