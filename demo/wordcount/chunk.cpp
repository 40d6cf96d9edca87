// SPDX-License-Identifier: Apache-2.0
#include "chunk.hpp"

#include <cstring>

namespace wordcount {
namespace {

// A buffer of at least `room` bytes, with the first `size` of `text`.
[[nodiscard]] buffer with(buffer b, std::size_t room, char const* text, std::size_t size) {
  if (b.room < room) b = buffer(room);
  std::memcpy(b.data.get(), text, size);
  return b;
}

}  // namespace

chunk_source::state chunk_source::fill(chunk& next, buffer& spare) {
  for (;;) {
    if (!open_) {
      if (file_ == paths_.size()) return state::ended;
      open_.emplace(paths_[file_]);
      offset_ = 0;
    }
    auto const came = open_->read({now_.data.get() + used_, now_.room - used_});
    if (!came) return state::waiting;
    used_ += *came;
    if (*came == 0) {
      auto const this_file = file_++;
      open_.reset();
      if (used_ == 0) continue;
      next.file = this_file;
      hand_out(next, spare, used_);
      return state::filled;
    }
    if (used_ < now_.room) continue;
    if (auto const cut = last_cut({now_.data.get(), used_}); cut != 0) {
      next.file = file_;
      hand_out(next, spare, cut);
      return state::filled;
    }
    now_ = with({}, now_.room * 2, now_.data.get(), used_);
  }
}

void chunk_source::hand_out(chunk& next, buffer& spare, std::size_t size) {
  auto* const end = now_.data.get() + size;
  used_ -= size;
  auto rest = with(std::move(spare), used_ * 2, end, used_);
  std::memset(end, 0, padding);
  next.bytes = std::exchange(now_, std::move(rest));
  next.number = number_++;
  next.offset = offset_;
  next.size = size;
  offset_ += size;
}

}  // namespace wordcount
