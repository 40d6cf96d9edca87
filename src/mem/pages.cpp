// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/pages.hpp>

#include <sys/mman.h>
#include <cstdint>
#include <new>

namespace weft::inline WEFT_ON::detail {
namespace {

void* map(std::size_t bytes) {
  void* const p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc{};
  return p;
}

}  // namespace

void* map_pages(std::size_t bytes) {
  // The system puts mappings side by side, so the first try is at the right place as a rule.
  auto* p = static_cast<std::byte*>(map(bytes));
  if (reinterpret_cast<std::uintptr_t>(p) % bytes == 0) return p;
  unmap_pages(p, bytes);
  p = static_cast<std::byte*>(map(2 * bytes));
  auto const before = (bytes - reinterpret_cast<std::uintptr_t>(p) % bytes) % bytes;
  if (before != 0) unmap_pages(p, before);
  unmap_pages(p + before + bytes, bytes - before);
  return p + before;
}

void unmap_pages(void* p, std::size_t bytes) noexcept {
  // A process may have too many mappings to split one; then the address stays, the memory goes.
  if (::munmap(p, bytes) != 0) ::madvise(p, bytes, MADV_DONTNEED);
}

}  // namespace weft::inline WEFT_ON::detail
