// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline WEFT_ON {

/// The rooms of a thread record: one pointer for each layer that keeps something per thread.
enum class room : unsigned { probe, mem, frames, wait, exec, actor, scheme, count };

/// What weft knows about one OS thread: the only thread-local object with a destructor.
///
/// Records are never freed. A thread that ends runs its exit hooks in reverse order and gives the
/// record back with a new generation, so an address taken from a record stays readable for ever.
///
/// threads   rooms and hooks belong to their thread; the atomics are for everybody
class thread_record {
 public:
  using exit_hook = void (*)(thread_record&, void*) noexcept;

  /// Number of the slot, dense from 0, reused after the thread has ended.
  [[nodiscard]] unsigned slot() const noexcept { return slot_; }
  /// Raised each time the slot changes hands; with slot() it names a thread for good.
  [[nodiscard]] unsigned generation() const noexcept {
    return generation_.load(relaxed);                // rlx ordered: by alive()
  }
  [[nodiscard]] bool alive() const noexcept {
    return alive_.load(acquire);                     // sub thread.live
  }
  /// Kernel's id of the thread.
  [[nodiscard]] int tid() const noexcept {
    return tid_.load(relaxed);                       // rlx hint: shown to people
  }
  /// Name for people; at most 15 characters, also given to the kernel.
  void set_name(std::string_view name) noexcept;
  [[nodiscard]] std::string name() const;

  [[nodiscard]] void* get(room r) const noexcept { return rooms_[static_cast<unsigned>(r)]; }
  void set(room r, void* p) noexcept { rooms_[static_cast<unsigned>(r)] = p; }

  /// Runs f(record, arg) when the thread ends; the last one added runs first.
  ///
  /// throws    std::bad_alloc
  void at_exit(exit_hook f, void* arg);

  /// The next record in the list of all that ever were, or null.
  [[nodiscard]] thread_record* next() const noexcept { return next_; }

 private:
  friend struct thread_registry;
  struct hook {
    exit_hook run;
    void* arg;
    hook* next;
  };
  std::array<void*, static_cast<unsigned>(room::count)> rooms_{};
  hook* hooks_ = nullptr;
  thread_record* next_ = nullptr;
  unsigned slot_ = 0;
  atoms::atomic<unsigned> generation_{0};
  atoms::atomic<bool> alive_{false};
  atoms::atomic<int> tid_{0};
  std::array<atoms::atomic<std::uint64_t>, 2> name_{};  // 16 characters: others may read meanwhile
};

/// The record of the calling thread, made on first use.
///
/// Never inlined and never an address of a thread_local: a task that moved to another thread asks
/// again and gets that thread's record. Do not keep the pointer across a suspension.
///
/// cost      one call and two loads
[[nodiscard, gnu::noinline]] thread_record* this_thread() noexcept;

/// Newest record of the list of all; walk it with next().
[[nodiscard]] thread_record* all_threads() noexcept;

}  // namespace weft::inline WEFT_ON
