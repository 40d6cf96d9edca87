// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/frame.hpp>

#include <weft/base/cache_line.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/base/thread.hpp>

#include <array>
#include <mutex>
#include <new>
#include <tuple>
#include <utility>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(WEFT_SANITIZED)
#define WEFT_MALLOC_FRAMES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define WEFT_MALLOC_FRAMES 1
#endif
#endif

namespace weft::inline WEFT_ON {
namespace {

constexpr std::size_t grain = 16;  // of sizes, and the alignment of every block

void* allocate_alone(std::size_t bytes) {
  return atoms::allocate(bytes, grain);
}
void free_alone(void* block) noexcept { atoms::deallocate(block, grain); }

#if !defined(WEFT_MALLOC_FRAMES)

constexpr std::size_t largest = 2048;  // above it malloc is as good
constexpr unsigned batch_size = 32;  // blocks that travel together
constexpr std::size_t chunk_size = std::size_t{256} << 10;

// Every 16 bytes up to 256, every 32 up to 512, then halves between the powers of two.
constexpr std::array<std::size_t, 27> class_bytes{
    32,  48,  64,  80,  96,  112, 128, 144, 160, 176, 192, 208, 224, 240,
    256, 288, 320, 352, 384, 416, 448, 480, 512, 768, 1024, 1536, 2048};
constexpr unsigned classes = class_bytes.size();

constexpr auto class_of_grains = [] {
  std::array<unsigned char, largest / grain + 1> table{};
  unsigned c = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i * grain > class_bytes[c]) ++c;
    table[i] = static_cast<unsigned char>(c);
  }
  return table;
}();

unsigned class_of(std::size_t bytes) noexcept {
  return class_of_grains[(bytes + grain - 1) / grain];
}

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

// Where batches wait for a thread that needs them. Never destroyed: threads outlive statics.
class alignas(cache_line) depot {
 public:
  void put(magazine m) noexcept {
    if (m.count == 0) return;
    m.top->batch_count = m.count;
    std::scoped_lock hold{lock_};
    m.top->next_batch = batches_;
    batches_ = m.top;
  }
  magazine take() noexcept {
    std::scoped_lock hold{lock_};
    block* b = batches_;
    if (!b) return {};
    batches_ = b->next_batch;
    return {b, b->batch_count};
  }

 private:
  spin_lock lock_;
  block* batches_ = nullptr;
};
constinit std::array<depot, classes> depots;

// Cuts fresh blocks of any class from the current chunk.
class quarry {
 public:
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
  [[nodiscard]] frame_usage usage() const noexcept {
    auto const n = chunks_.load(relaxed);  // rlx count
    return {n * chunk_size, n};
  }

 private:
  std::pair<std::byte*, unsigned> take(std::size_t size) noexcept {
    std::scoped_lock hold{lock_};
    auto const fit = static_cast<std::size_t>(end_ - next_) / size;
    auto const count = fit < batch_size ? static_cast<unsigned>(fit) : batch_size;
    return {std::exchange(next_, next_ + count * size), count};
  }
  std::byte* allocate_chunk() {
    auto* p = static_cast<std::byte*>(::operator new(chunk_size, std::align_val_t{cache_line}));
    chunks_.fetch_add(1, relaxed);  // rlx count
    return p;
  }
  void bring(std::byte* chunk) noexcept {
    std::scoped_lock hold{lock_};
    next_ = chunk;
    end_ = chunk + chunk_size;
  }

  spin_lock lock_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  atoms::atomic<std::size_t> chunks_{0};
};
constinit quarry fresh;

// What one thread keeps: two magazines a class, so that a thread on the edge between full and
// empty does not go to the depot at every call.
struct frame_lists {
  struct pair {
    magazine loaded;
    magazine spare;  // empty or full
  };
  std::array<pair, classes> of;
};

frame_lists* lists_of(thread_record& t) noexcept {
  return static_cast<frame_lists*>(t.get(room::frames));
}

void leave(thread_record& t, void* arg) noexcept {
  auto* lists = static_cast<frame_lists*>(arg);
  t.set(room::frames, nullptr);
  for (unsigned c = 0; c < classes; ++c) {
    depots[c].put(lists->of[c].loaded);
    depots[c].put(lists->of[c].spare);
  }
  delete lists;
}

frame_lists& enter(thread_record& t) {
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

[[gnu::noinline]] void* refill(thread_record& t, unsigned cls) {
  auto* lists = lists_of(t);
  auto& mine = (lists ? *lists : enter(t)).of[cls];
  if (mine.loaded.count == 0) std::swap(mine.loaded, mine.spare);
  if (mine.loaded.count == 0) mine.loaded = depots[cls].take();
  if (mine.loaded.count == 0) mine.loaded = fresh.cut(cls);
  return mine.loaded.pop();
}

[[gnu::noinline]] void overflow(thread_record& t, void* p, unsigned cls) noexcept {
  auto* lists = lists_of(t);
  if (!lists) {
    try {
      lists = &enter(t);
    } catch (...) {  // no memory for lists: the block is not lost
      magazine one;
      one.push(p);
      depots[cls].put(one);
      return;
    }
  }
  auto& mine = lists->of[cls];
  if (mine.loaded.count == batch_size) {
    depots[cls].put(mine.spare);
    mine.spare = std::exchange(mine.loaded, {});
  }
  mine.loaded.push(p);
}

#endif

}  // namespace

#if defined(WEFT_MALLOC_FRAMES)

void* frame_allocate(std::size_t bytes) { return allocate_alone(bytes); }
void frame_free(void* block, std::size_t) noexcept { free_alone(block); }
frame_usage frame_memory() noexcept { return {}; }

#else

void* frame_allocate(std::size_t bytes) {
  if (bytes > largest) [[unlikely]] return allocate_alone(bytes);
  thread_record& t = *this_thread();
  unsigned const cls = class_of(bytes);
  if (auto* lists = lists_of(t)) [[likely]] {
    auto& loaded = lists->of[cls].loaded;
    if (loaded.count != 0) [[likely]] return loaded.pop();
  }
  return refill(t, cls);
}

void frame_free(void* block, std::size_t bytes) noexcept {
  if (bytes > largest) [[unlikely]] return free_alone(block);
  thread_record& t = *this_thread();
  unsigned const cls = class_of(bytes);
  if (auto* lists = lists_of(t)) [[likely]] {
    auto& loaded = lists->of[cls].loaded;
    if (loaded.count != batch_size) [[likely]] return loaded.push(block);
  }
  overflow(t, block, cls);
}

frame_usage frame_memory() noexcept { return fresh.usage(); }

#endif

}  // namespace weft::inline WEFT_ON
