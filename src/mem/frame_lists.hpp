// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who owns a block
//
//   I1  A block is in one place: in use, in a magazine of one thread, in a batch of the depot of
//       its class, or not yet cut from the chunk. Batches and the chunk change under their locks.
//   I2  So what its last owner did with it happens before the next one's use: both were the same
//       thread, or the batch went through the depot's lock.
//   I3  A thread that ends leaves all its blocks to the depots.
// Tests: frame_model.*, frame.*

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/base/thread.hpp>
#include <weft/mem/frame.hpp>

#include <array>
#include <cstddef>
#include <mutex>
#include <tuple>
#include <utility>

namespace weft::inline WEFT_ON::detail {

/// The memory of small frames: lists of free blocks by size, two magazines of each in a thread,
/// and the depots through which full ones travel.
class frame_lists {
 public:
  static constexpr std::size_t grain = 16;  // of sizes, and the alignment of every block
  static constexpr std::size_t largest = atoms::tiny ? 64 : 2048;  // above it malloc is as good
  static constexpr unsigned batch_size = atoms::tiny ? 2 : 32;     // blocks that travel together
  static constexpr std::size_t chunk_size = atoms::tiny ? 96 : std::size_t{256} << 10;

  /// `bytes` is at most `largest`.
  [[nodiscard]] static void* allocate(std::size_t bytes) {
    thread_record& t = *this_thread();
    unsigned const cls = class_of_grains[(bytes + grain - 1) / grain];
    if (auto* lists = of_thread(t)) [[likely]] {
      auto& loaded = lists->of[cls].loaded;
      if (loaded.count != 0) [[likely]] return loaded.pop();
    }
    return refill(t, cls);
  }

  static void free(void* block, std::size_t bytes) noexcept {
    thread_record& t = *this_thread();
    unsigned const cls = class_of_grains[(bytes + grain - 1) / grain];
    if (auto* lists = of_thread(t)) [[likely]] {
      auto& loaded = lists->of[cls].loaded;
      if (loaded.count != batch_size) [[likely]] return loaded.push(block);
    }
    overflow(t, block, cls);
  }

  [[nodiscard]] static frame_usage usage() noexcept {
    auto const n = all().fresh.chunks.load(relaxed);  // rlx ordered: by the caller
    return {n * chunk_size, n};
  }

 private:
  // Every 16 bytes up to 256, every 32 up to 512, then halves between the powers of two.
  static constexpr std::array<std::size_t, 27> class_bytes{
      32,  48,  64,  80,  96,  112, 128, 144, 160, 176, 192, 208,  224, 240,
      256, 288, 320, 352, 384, 416, 448, 480, 512, 768, 1024, 1536, 2048};
  static constexpr unsigned classes = class_bytes.size();

  static constexpr auto class_of_grains = [] {
    std::array<unsigned char, largest / grain + 1> table{};
    unsigned c = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (i * grain > class_bytes[c]) ++c;
      table[i] = static_cast<unsigned char>(c);
    }
    return table;
  }();

  // A free block. The first of a batch that lies in the depot also carries the batch.
  struct block {
    block* next;
    block* next_batch;
    unsigned batch_count;
  };
  static_assert(sizeof(block) <= class_bytes[0]);

  struct magazine {
    block* top = nullptr;
    unsigned count = 0;

    void push(void* p) noexcept {
      auto* b = static_cast<block*>(p);
      b->next = top;
      top = b;
      ++count;
    }
    void* pop() noexcept {
      block* b = top;
      top = b->next;
      --count;
      return b;
    }
  };

  // Where batches wait for a thread that needs them.
  struct alignas(cache_line) depot {
    void put(magazine m) noexcept {
      if (m.count == 0) return;
      m.top->batch_count = m.count;
      std::scoped_lock hold{lock};
      m.top->next_batch = batches;
      batches = m.top;
    }
    magazine take() noexcept {
      std::scoped_lock hold{lock};
      block* b = batches;
      if (!b) return {};
      batches = b->next_batch;
      return {b, b->batch_count};
    }

    spin_lock lock;
    atoms::var<block*> batches{nullptr};
  };

  // Cuts fresh blocks of any class from the current chunk.
  struct quarry {
    magazine cut(unsigned cls) {
      std::size_t const size = class_bytes[cls];
      auto [p, count] = take(size);
      while (count == 0) {
        // Not under the lock: two threads may both bring a chunk, and the second one's is kept for
        // later in the first one's place, at the loss of what little the first had left.
        bring(allocate_chunk());
        std::tie(p, count) = take(size);
      }
      magazine m;
      for (unsigned i = count; i-- > 0;) m.push(p + i * size);
      return m;
    }
    std::pair<std::byte*, unsigned> take(std::size_t size) noexcept {
      std::scoped_lock hold{lock};
      std::byte* const from = next;
      std::byte* const to = end;
      auto const fit = static_cast<std::size_t>(to - from) / size;
      auto const count = fit < batch_size ? static_cast<unsigned>(fit) : batch_size;
      next = from + count * size;
      return {from, count};
    }
    std::byte* allocate_chunk() {
      auto* p = static_cast<std::byte*>(atoms::allocate_for_ever(chunk_size, cache_line));
      chunks.fetch_add(1, relaxed);  // rlx count
      return p;
    }
    void bring(std::byte* chunk) noexcept {
      std::scoped_lock hold{lock};
      next = chunk;
      end = chunk + chunk_size;
    }

    spin_lock lock;
    atoms::var<std::byte*> next{nullptr};
    atoms::var<std::byte*> end{nullptr};
    atoms::atomic<std::size_t> chunks{0};
  };

  // Never destroyed: threads outlive statics.
  struct common {
    std::array<depot, classes> depots;
    quarry fresh;
  };
  static common& all() noexcept { return atoms::global<common>(); }

  // What one thread keeps: two magazines a class, so that a thread on the edge between full and
  // empty does not go to the depot at every call.
  struct pair {
    magazine loaded;
    magazine spare;  // empty or full
  };
  std::array<pair, classes> of;

  static frame_lists* of_thread(thread_record& t) noexcept {
    return static_cast<frame_lists*>(t.get(room::frames));
  }

  static void leave(thread_record& t, void* arg) noexcept {
    auto* lists = static_cast<frame_lists*>(arg);
    t.set(room::frames, nullptr);
    for (unsigned c = 0; c < classes; ++c) {
      all().depots[c].put(lists->of[c].loaded);
      all().depots[c].put(lists->of[c].spare);
    }
    delete lists;
  }

  static frame_lists& enter(thread_record& t) {
    auto* lists = new frame_lists;
    try {
      t.at_exit(leave, lists);
    } catch (...) {
      delete lists;
      throw;
    }
    t.set(room::frames, lists);
    return *lists;
  }

  [[gnu::noinline]] static void* refill(thread_record& t, unsigned cls) {
    auto* lists = of_thread(t);
    auto& mine = (lists ? *lists : enter(t)).of[cls];
    if (mine.loaded.count == 0) std::swap(mine.loaded, mine.spare);
    if (mine.loaded.count == 0) mine.loaded = all().depots[cls].take();
    if (mine.loaded.count == 0) mine.loaded = all().fresh.cut(cls);
    return mine.loaded.pop();
  }

  [[gnu::noinline]] static void overflow(thread_record& t, void* p, unsigned cls) noexcept {
    auto* lists = of_thread(t);
    if (!lists) {
      try {
        lists = &enter(t);
      } catch (...) {  // no memory for lists: the block is not lost
        magazine one;
        one.push(p);
        all().depots[cls].put(one);
        return;
      }
    }
    auto& mine = lists->of[cls];
    if (mine.loaded.count == batch_size) {
      all().depots[cls].put(mine.spare);
      mine.spare = std::exchange(mine.loaded, {});
    }
    mine.loaded.push(p);
  }
};

}  // namespace weft::inline WEFT_ON::detail
