// SPDX-License-Identifier: Apache-2.0
#include <weft/scheme/value.hpp>

#include "core.hpp"
#include "guile.hpp"

#include <cstdlib>

namespace weft::inline WEFT_ON::scheme {
namespace {

using detail::in_guile;

SCM object(detail::root const* r) noexcept { return r ? detail::kept(*r) : SCM_UNSPECIFIED; }

template <class Make>
value made(Make make) {
  value v;
  in_guile([&] { v = value(detail::rooted(make())); });
  return v;
}

std::string copied(SCM s) {
  char* const text = scm_to_utf8_string(s);
  std::string all(text);
  std::free(text);
  return all;
}

[[noreturn]] void is_no(value const& v, char const* what) {
  throw misuse_error(v.written() + " is no " + what);
}

}  // namespace

value value::from(bool x) {
  return made([=] { return scm_from_bool(x); });
}
value value::from(std::int64_t x) {
  return made([=] { return scm_from_int64(x); });
}
value value::from(double x) {
  return made([=] { return scm_from_double(x); });
}
value value::from(std::string const& x) {
  return made([&] { return scm_from_utf8_stringn(x.data(), x.size()); });
}

std::string value::written() const {
  std::string all;
  in_guile([&] {
    all = copied(
        scm_simple_format(SCM_BOOL_F, scm_from_utf8_string("~S"), scm_list_1(object(root_.get()))));
  });
  return all;
}

bool value::to_bool() const { return !scm_is_false(object(root_.get())); }

std::int64_t value::to_integer() const {
  bool fits = false;
  std::int64_t x = 0;
  in_guile([&] {
    SCM const o = object(root_.get());
    fits = scm_is_signed_integer(o, INT64_MIN, INT64_MAX) != 0;
    if (fits) x = scm_to_int64(o);
  });
  if (!fits) is_no(*this, "integer of 64 bits");
  return x;
}

double value::to_double() const {
  bool fits = false;
  double x = 0;
  in_guile([&] {
    SCM const o = object(root_.get());
    fits = scm_is_real(o) != 0;
    if (fits) x = scm_to_double(o);
  });
  if (!fits) is_no(*this, "real number");
  return x;
}

std::string value::to_string() const {
  bool fits = false;
  std::string all;
  in_guile([&] {
    SCM const o = object(root_.get());
    fits = scm_is_string(o) || scm_is_symbol(o);
    if (fits) all = copied(scm_is_string(o) ? o : scm_symbol_to_string(o));
  });
  if (!fits) is_no(*this, "string");
  return all;
}

}  // namespace weft::inline WEFT_ON::scheme
