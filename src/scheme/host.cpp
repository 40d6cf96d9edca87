// SPDX-License-Identifier: Apache-2.0
#include "argument.hpp"
#include "core.hpp"

// C++ functions that Scheme calls by name.

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

value call(host& h, SCM arguments) {
  std::vector<value> given;
  for (; scm_is_pair(arguments); arguments = scm_cdr(arguments))
    given.emplace_back(rooted(scm_car(arguments)));
  if (given.size() != h.arity)
    throw misuse_error(h.name + " takes " + std::to_string(h.arity) + " arguments, not " +
                       std::to_string(given.size()));
  return h.call(given);
}

SCM call_host(SCM at, SCM arguments) {
  auto& h = *static_cast<host*>(scm_to_pointer(at));
  SCM result = SCM_UNSPECIFIED;
  auto run = [&] {
    auto const v = call(h, arguments);
    if (v.kept()) result = kept(*v.kept());
  };
  checked(h.name.c_str(), run);
  return result;
}

}  // namespace

void define_host(host& h, root const& module) {
  scm_call_3(scm_c_public_ref("weft eval", "define-host!"), kept(module),
             scm_from_utf8_symbol(h.name.c_str()), scm_from_pointer(&h, nullptr));
}

void define_hosts() { define("%call-host", 2, 0, call_host); }

}  // namespace weft::inline WEFT_ON::scheme::detail
