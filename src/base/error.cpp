// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>

namespace weft {
namespace {

class weft_category final : public std::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "weft"; }
  [[nodiscard]] std::string message(int code) const override {
    switch (static_cast<errc>(code)) {
      case errc::cancelled: return "the scope of the work was cancelled";
      case errc::timed_out: return "the deadline passed first";
      case errc::closed: return "the other side has gone";
      case errc::broken_promise: return "the promise was dropped without a value";
      case errc::deadlock: return "waiting would never end";
      case errc::misuse: return "the call breaks a contract";
      case errc::registration: return "maximum threads already registered";
      case errc::shut_down: return "the runtime takes no more work";
      case errc::busy: return "the queue is full";
      case errc::forked: return "not available in a fork's child";
      case errc::broken_barrier: return "one that took part in the barrier has left it";
    }
    return "unknown weft error " + std::to_string(code);
  }
};

}  // namespace

std::error_category const& category() noexcept {
  static weft_category const it;
  return it;
}

std::string place(std::source_location const& where) {
  std::string_view file = where.file_name();
  if (auto slash = file.rfind('/'); slash != file.npos) file.remove_prefix(slash + 1);
  return std::string(file) + ":" + std::to_string(where.line());
}

inline namespace WEFT_ON {
namespace detail {

void die(std::string_view what, std::string_view cure,
         std::source_location const& where) noexcept {
  atoms::die(what, cure, where);
}

}  // namespace detail
}  // namespace WEFT_ON
}  // namespace weft
