// SPDX-License-Identifier: Apache-2.0
#include <weft/base/spin_lock.hpp>
#include <weft/base/thread.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>

namespace weft::inline WEFT_ON {

struct thread_registry {
  spin_lock lock;
  atoms::atomic<thread_record*> newest{nullptr};
  unsigned count = 0;

  static thread_registry& instance() noexcept { return atoms::global<thread_registry>(); }

  thread_record* take() noexcept {
    int const tid = atoms::thread_number();
    if (auto* r = take_free(tid)) return r;
    auto* const room = atoms::allocate_for_ever(sizeof(thread_record), alignof(thread_record));
    auto* const r = new (room) thread_record;  // not under the lock
    std::scoped_lock hold{lock};
    r->slot_ = count++;
    r->next_ = newest.load(relaxed);                     // rlx owner: under the lock
    occupy(*r, tid);
    newest.store(r, release);                            // pub thread.list -> all_threads
    return r;
  }

  thread_record* take_free(int tid) noexcept {
    std::scoped_lock hold{lock};
    thread_record* r = newest.load(relaxed);             // rlx owner: under the lock
    while (r && r->alive_.load(relaxed)) r = r->next_;   // rlx owner: under the lock
    if (r) occupy(*r, tid);
    return r;
  }

  void occupy(thread_record& r, int tid) noexcept {
    r.generation_.fetch_add(1, relaxed);                 // rlx count
    r.tid_.store(tid, relaxed);                          // rlx hint
    r.alive_.store(true, release);                       // pub thread.live -> alive
  }

  void give_back(thread_record& r) noexcept {
    while (auto* h = r.hooks_) {
      r.hooks_ = h->next;
      h->run(r, h->arg);
      delete h;
    }
    std::scoped_lock hold{lock};
    r.rooms_.fill(nullptr);
    for (auto& word : r.name_) word.store(0, relaxed);  // rlx hint
    r.alive_.store(false, release);                      // pub thread.live -> alive
  }
};

namespace {

// The pointer is a value of its own, so that reading it never runs a constructor and still works
// while the thread's other locals are being destroyed.
struct record_tag;
using mine = atoms::thread_slot<thread_record*, record_tag>;

void leave(void*) noexcept {
  thread_registry::instance().give_back(*mine::get());
  mine::set(nullptr);
}

// The handler is set for each time the record is taken, not once by a thread_local object: a
// destructor of another thread-local may ask for the record after it was given back, and then it is
// taken, and given back, again.
thread_record* enter() noexcept {
  auto* const r = thread_registry::instance().take();
  mine::set(r);
  atoms::at_thread_exit(leave, nullptr);
  return r;
}

}  // namespace

thread_record* this_thread() noexcept {
  thread_record* r = mine::get_here();
  asm volatile("" : "+r"(r)::"memory");  // a value read here and now, for every caller
  return r ? r : enter();
}

thread_record* all_threads() noexcept {
  return thread_registry::instance().newest.load(acquire);  // sub thread.list
}

void thread_record::set_name(std::string_view name) noexcept {
  std::array<char, 16> text{};
  std::copy_n(name.data(), std::min(name.size(), text.size() - 1), text.begin());
  auto const words = std::bit_cast<std::array<std::uint64_t, 2>>(text);
  for (unsigned i = 0; i < 2; ++i) name_[i].store(words[i], relaxed);  // rlx hint
  atoms::name_thread(text.data());
}

std::string thread_record::name() const {
  std::array<std::uint64_t, 2> words{};
  for (unsigned i = 0; i < 2; ++i) words[i] = name_[i].load(relaxed);  // rlx hint: for people
  auto const text = std::bit_cast<std::array<char, 16>>(words);
  return {text.data(), ::strnlen(text.data(), text.size() - 1)};
}

void thread_record::at_exit(exit_hook f, void* arg) { hooks_ = new hook{f, arg, hooks_}; }

}  // namespace weft::inline WEFT_ON
