// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/base/executor.hpp>

namespace weft::inline WEFT_ON {
namespace {

using maker = executor& (*)() noexcept;

// A setting of the process, so on native in the model build too. Constant from the start: other
// statics set it.
constinit native::atomic<maker> make_default{nullptr};

}  // namespace

executor& default_executor() noexcept {
  auto* const make = make_default.load(acquire);  // sub executor.default
  if (!make)
    detail::die("a wait needs an executor and none is linked in",
                "link weft::weft, which has the default runtime");
  return make();
}

void set_default_executor(executor& (*make)() noexcept) noexcept {
  make_default.store(make, release);              // pub executor.default -> default_executor
}

}  // namespace weft::inline WEFT_ON
