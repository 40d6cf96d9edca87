// SPDX-License-Identifier: Apache-2.0
#include "fiber.hpp"

#include "heap.hpp"

#include <boost/context/detail/fcontext.hpp>

#include <cxxabi.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define WEFT_CHECK_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_CHECK_ASAN 1
#endif
#endif

#if defined(WEFT_CHECK_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

// An execution that ends in the middle forgets its stacks: what the checker, or an exception in
// flight, had allocated there is not looked for. Leaks of the scenario are the checker's business.
extern "C" char const* __lsan_default_suppressions();  // NOLINT
extern "C" char const* __lsan_default_suppressions() {  // NOLINT
  return "leak:weft::check::detail::fiber::entry::first\n";
}
// For the same reason frames stay on those stacks: their copies on the heap would pile up until
// nothing can be started to name the places of a leak.
extern "C" char const* __asan_default_options();  // NOLINT
extern "C" char const* __asan_default_options() {  // NOLINT
  return "detect_stack_use_after_return=0";
}
#endif

namespace weft::check::detail {

namespace {

// Tells the address sanitizer which stack is left for which, where there is one.
void leave([[maybe_unused]] void** frames, [[maybe_unused]] void const* bottom,
           [[maybe_unused]] std::size_t size) noexcept {
#if defined(WEFT_CHECK_ASAN)
  __sanitizer_start_switch_fiber(frames, bottom, size);
#endif
}
void arrive([[maybe_unused]] void* frames, [[maybe_unused]] void const** bottom,
            [[maybe_unused]] std::size_t* size) noexcept {
#if defined(WEFT_CHECK_ASAN)
  __sanitizer_finish_switch_fiber(frames, bottom, size);
#endif
}
// What a cut execution left on a stack is no mistake of the next one.
void forget([[maybe_unused]] void* stack, [[maybe_unused]] std::size_t size) noexcept {
#if defined(WEFT_CHECK_ASAN)
  __asan_unpoison_memory_region(stack, size);
#endif
}

}  // namespace

namespace context = boost::context::detail;

constexpr std::uintptr_t stacks_address = 0x5eec'0000'0000;

struct fiber::entry {
  [[noreturn]] static void first(context::transfer_t t) {
    auto* const pair = static_cast<fiber**>(t.data);
    auto* const self = pair[1];
    pair[0]->context_ = t.fctx;
    arrive(nullptr, &pair[0]->bottom_, &pair[0]->size_);
    self->body_(self->argument_);
    __builtin_unreachable();
  }
};

fiber::~fiber() {
  if (stack_ != nullptr) ::munmap(stack_, stack_size);
}

void fiber::begin(unsigned number, void (*body)(void*), void* argument) {
  if (stack_ == nullptr) {
    stack_ = static_cast<char*>(map_at(stacks_address + number * stack_size, stack_size));
    ::mprotect(stack_, 4096, PROT_NONE);  // an overflow stops here
  }
  forget(stack_, stack_size);
  body_ = body;
  argument_ = argument;
  bottom_ = stack_;
  size_ = stack_size;
  frames_ = nullptr;
  caught_ = nullptr;
  uncaught_ = 0;
  context_ = context::make_fcontext(stack_ + stack_size, stack_size, &entry::first);
}

void fiber::change(fiber& from, fiber& to) noexcept {
  struct in_flight {
    void* caught;
    unsigned uncaught;
  };
  auto* const now = reinterpret_cast<in_flight*>(abi::__cxa_get_globals());
  from.caught_ = now->caught;
  from.uncaught_ = now->uncaught;
  now->caught = to.caught_;
  now->uncaught = to.uncaught_;

  fiber* pair[] = {&from, &to};
  leave(&from.frames_, to.bottom_, to.size_);
  auto const t = context::jump_fcontext(to.context_, static_cast<void*>(pair));
  arrive(from.frames_, nullptr, nullptr);
  static_cast<fiber**>(t.data)[0]->context_ = t.fctx;
}

}  // namespace weft::check::detail
