// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"
#include "slice.hpp"

#include <cstdlib>

// From a Scheme condition to a C++ exception. The other way is argument.cpp's.

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

std::string text_of(SCM x) {
  if (!scm_is_string(x)) return {};
  char* const s = scm_to_utf8_string(x);
  std::string all(s);
  std::free(s);
  return all;
}

// (kind message irritants where frame ...), all strings.
scheme_error::story story_of(SCM told) {
  scheme_error::story all;
  auto const next = [&] {
    if (!scm_is_pair(told)) return std::string{};
    SCM const first = scm_car(told);
    told = scm_cdr(told);
    return text_of(first);
  };
  all.kind = next();
  all.message = next();
  all.irritants = next();
  all.where = next();
  while (scm_is_pair(told)) all.frames.push_back(next());
  return all;
}

}  // namespace

scheme_error error_of(record& r) {
  return scheme_error(story_of(scm_call_2(the_hooks().explain, r.outcome, r.stack())),
                      rooted(r.outcome));
}

std::exception_ptr exception_of(SCM condition) noexcept {
  return std::make_exception_ptr(scheme_error(
      story_of(scm_call_2(the_hooks().explain, condition, SCM_BOOL_F)), rooted(condition)));
}

}  // namespace weft::inline WEFT_ON::scheme::detail
