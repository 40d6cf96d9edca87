// SPDX-License-Identifier: Apache-2.0
#include "heap.hpp"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace weft::check::detail {

namespace {

constexpr int fresh_byte = 0xcd;
constexpr int freed_byte = 0xeb;
constexpr std::uintptr_t arena_address = 0x5eed'0000'0000;

}  // namespace

void* map_at(std::uintptr_t address, std::size_t size) {
  constexpr int kind = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  auto* p = ::mmap(reinterpret_cast<void*>(address), size, PROT_READ | PROT_WRITE,  // NOLINT
                   kind | MAP_FIXED_NOREPLACE, -1, 0);
  if (p == MAP_FAILED) p = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, kind, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc{};
  return p;
}

heap::heap()
    : start_(static_cast<char*>(map_at(arena_address, limit))),
      block_at_(static_cast<std::uint32_t*>(
          map_at(arena_address + limit, limit / grain * sizeof(std::uint32_t)))) {}

heap::~heap() {
  ::munmap(start_, limit);
  ::munmap(block_at_, limit / grain * sizeof(std::uint32_t));
}

void heap::reset() noexcept {
  std::memset(block_at_, 0, (used_ + grain - 1) / grain * sizeof(std::uint32_t));
  used_ = 0;
  blocks_.clear();
}

block* heap::allocate(std::size_t size, std::size_t align) noexcept {
  align = align < grain ? grain : align;
  auto const from = (used_ + grain + align - 1) / align * align;  // a gap between two blocks
  if (size > limit || from + size > limit) return nullptr;
  used_ = from + size;
  auto& b = blocks_.emplace_back();
  b.at = start_ + from;
  b.size = size;
  for (auto g = from / grain; g <= (from + (size == 0 ? 0 : size - 1)) / grain; ++g) {
    block_at_[g] = static_cast<std::uint32_t>(blocks_.size());
  }
  std::memset(b.at, fresh_byte, size);
  return &b;
}

void heap::free(block& b) noexcept {
  b.is_freed = true;
  std::memset(b.at, freed_byte, b.size);
}

block* heap::find(void const* p) noexcept {
  if (!owns(p)) return nullptr;
  auto const number =
      block_at_[static_cast<std::size_t>(static_cast<char const*>(p) - start_) / grain];
  return number == 0 ? nullptr : &blocks_[number - 1];
}

bool heap::untouched(block const& b) noexcept {
  for (std::size_t i = 0; i < b.size; ++i) {
    if (static_cast<unsigned char>(b.at[i]) != freed_byte) return false;
  }
  return true;
}

}  // namespace weft::check::detail
