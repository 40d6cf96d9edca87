// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <array>
#include <bit>

namespace weft::inline WEFT_ON::detail {

/// Which workers sleep: one bit each. Whoever clears a bit has the duty, or the right, to go on.
///
/// threads   every member, from any thread
class idle_set {
 public:
  static constexpr unsigned most = atoms::tiny ? 64 : 512;
  static constexpr unsigned none = most;

  void insert(unsigned i) noexcept {
    word(i).fetch_or(bit(i), weft::seq_cst);                         // dek exec.idle
  }
  /// True for the one call that takes `i` out.
  [[nodiscard]] bool remove(unsigned i) noexcept {
    return (word(i).fetch_and(~bit(i), weft::acq_rel) & bit(i)) != 0;  // pub exec.idle_bit ->
                                                                       // remove, sub exec.idle_bit
  }
  /// Takes one out, if there is any.
  [[nodiscard]] unsigned remove_any() noexcept {
    for (unsigned w = 0; w < words_.size(); ++w) {
      auto bits = words_[w].load(weft::seq_cst);                     // dek exec.idle
      while (bits != 0) {
        auto const i = w * 64 + static_cast<unsigned>(std::countr_zero(bits));
        if (remove(i)) return i;
        bits = words_[w].load(weft::relaxed);                        // rlx cas: remove() decides
      }
    }
    return none;
  }
  [[nodiscard]] unsigned count() const noexcept {
    unsigned n = 0;
    for (auto const& w : words_)
      n += static_cast<unsigned>(std::popcount(w.load(weft::relaxed)));  // rlx hint
    return n;
  }

 private:
  static std::uint64_t bit(unsigned i) noexcept { return std::uint64_t{1} << (i % 64); }
  atoms::atomic<std::uint64_t>& word(unsigned i) noexcept { return words_[i / 64]; }
  std::array<atoms::atomic<std::uint64_t>, most / 64> words_{};
};

}  // namespace weft::inline WEFT_ON::detail
