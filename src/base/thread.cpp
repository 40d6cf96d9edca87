// SPDX-License-Identifier: Apache-2.0
#include <weft/base/spin_lock.hpp>
#include <weft/base/thread.hpp>

#include <algorithm>
#include <mutex>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weft::inline WEFT_ON {

struct thread_registry {
  spin_lock lock;
  atoms::atomic<thread_record*> newest{nullptr};
  unsigned count = 0;

  static thread_registry& instance() noexcept {
    // Never destroyed: threads may end after the statics of the program.
    alignas(thread_registry) static unsigned char room[sizeof(thread_registry)];
    static auto* it = new (room) thread_registry;
    return *it;
  }

  thread_record* take() noexcept {
    std::scoped_lock hold{lock};
    thread_record* r = newest.load(relaxed);             // rlx owner: under the lock
    while (r && r->alive_.load(relaxed)) r = r->next_;   // rlx owner: under the lock
    if (!r) {
      r = new thread_record;
      r->slot_ = count++;
      r->next_ = newest.load(relaxed);                   // rlx owner: under the lock
      newest.store(r, release);                          // pub thread.list -> all_threads
    }
    r->generation_.fetch_add(1, relaxed);                // rlx count
    r->tid_.store(static_cast<int>(::syscall(SYS_gettid)), relaxed);  // rlx hint
    r->alive_.store(true, release);                      // pub thread.live -> alive
    return r;
  }

  void give_back(thread_record& r) noexcept {
    while (auto* h = r.hooks_) {
      r.hooks_ = h->next;
      h->run(r, h->arg);
      delete h;
    }
    std::scoped_lock hold{lock};
    r.rooms_.fill(nullptr);
    r.name_.fill(0);
    r.alive_.store(false, release);                      // pub thread.live -> alive
  }
};

namespace {

// The pointer is a value of its own, so that reading it never runs a constructor and still works
// while the thread's other locals are being destroyed.
constinit thread_local thread_record* mine = nullptr;

struct leave {
  bool armed = false;
  ~leave() {
    if (!mine) return;
    thread_registry::instance().give_back(*mine);
    mine = nullptr;
  }
};
thread_local leave at_thread_exit;

thread_record* enter() noexcept {
  at_thread_exit.armed = true;  // makes the destructor known to this thread
  mine = thread_registry::instance().take();
  return mine;
}

}  // namespace

thread_record* this_thread() noexcept {
  thread_record* r = mine;
  asm volatile("" : "+r"(r)::"memory");  // a value read here and now, for every caller
  return r ? r : enter();
}

thread_record* all_threads() noexcept {
  return thread_registry::instance().newest.load(acquire);  // sub thread.list
}

void thread_record::set_name(std::string_view name) noexcept {
  auto const n = std::min(name.size(), name_.size() - 1);
  std::copy_n(name.data(), n, name_.begin());
  name_[n] = 0;
  ::pthread_setname_np(::pthread_self(), name_.data());
}

void thread_record::at_exit(exit_hook f, void* arg) { hooks_ = new hook{f, arg, hooks_}; }

}  // namespace weft::inline WEFT_ON
