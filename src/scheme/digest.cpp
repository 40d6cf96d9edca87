// SPDX-License-Identifier: Apache-2.0
#include "guile.hpp"
#include "program.hpp"

#include <array>
#include <span>
#include <weft/version.hpp>

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

__extension__ using wide = unsigned __int128;

// FNV-1a of 128 bits (Fowler, Noll, Vo 1991): names and checks what is kept, defends from nobody.
wide fnv(std::span<signed char const> bytes) noexcept {
  constexpr wide prime = (wide{1} << 88) + 0x13b;
  wide h = (wide{0x6c62272e07bb0142} << 64) + 0x62b821756295c58d;
  for (auto const b : bytes) h = (h ^ static_cast<unsigned char>(b)) * prime;
  return h;
}

SCM digest(SCM bytes) {
  if (!scm_is_bytevector(bytes)) scm_wrong_type_arg_msg("digest", 1, bytes, "bytevector");
  auto h = fnv({SCM_BYTEVECTOR_CONTENTS(bytes), SCM_BYTEVECTOR_LENGTH(bytes)});
  std::array<char, 32> text;
  for (auto at = text.rbegin(); at != text.rend(); ++at, h >>= 4)
    *at = "0123456789abcdef"[static_cast<unsigned>(h & 15)];
  return scm_from_latin1_stringn(text.data(), text.size());
}

}  // namespace

void define_digest() {
  define("%digest", 1, 0, digest);
  scm_c_define("%weft-version",
               scm_permanent_object(scm_from_utf8_stringn(version.data(), version.size())));
  scm_c_export("%weft-version", nullptr);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
