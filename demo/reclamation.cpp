// SPDX-License-Identifier: Apache-2.0
// Eight threads, one domain, one queue: registration, pins and retiring, seen from outside. The
// queue is Michael and Scott's (PODC 1996); its nodes come from a pool and go back to it when no
// reader is left.
#include <weft/mem/domain.hpp>
#include <weft/mem/object_pool.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

namespace {

class queue {
  struct node {
    std::uint64_t value = 0;
    std::atomic<node*> next{nullptr};
  };

 public:
  queue(weft::domain& in, weft::object_pool<node>& from) : domain_(in), pool_(from) {
    node* const first = pool_.acquire();
    head_.store(first, weft::relaxed);
    tail_.store(first, weft::relaxed);
  }
  queue(queue const&) = delete;
  queue& operator=(queue const&) = delete;
  ~queue() {
    while (pop()) {
    }
    pool_.release(head_.load(weft::relaxed));
  }

  void push(std::uint64_t value) {
    node* const n = pool_.acquire();
    n->value = value;
    auto guard = domain_.pin();
    for (;;) {
      node* last = guard.load(tail_);
      node* next = guard.load(last->next);
      if (next) {  // somebody has linked a node and not moved the tail yet: help
        tail_.compare_exchange_strong(last, next, weft::release, weft::relaxed);
      } else if (last->next.compare_exchange_strong(next, n, weft::release, weft::relaxed)) {
        tail_.compare_exchange_strong(last, n, weft::release, weft::relaxed);
        return;
      }
    }
  }

  std::optional<std::uint64_t> pop() {
    auto guard = domain_.pin();
    for (;;) {
      node* first = guard.load(head_);
      node* const next = guard.load(first->next);
      if (!next) return {};
      if (node* last = guard.load(tail_); last == first) {
        tail_.compare_exchange_strong(last, next, weft::release, weft::relaxed);
        continue;
      }
      auto const value = next->value;  // before the exchange: next may be retired after it
      if (head_.compare_exchange_strong(first, next, weft::acq_rel, weft::relaxed)) {
        guard.retire(first, pool_.deleter());
        return value;
      }
    }
  }

  using pool = weft::object_pool<node>;

 private:
  weft::domain& domain_;
  pool& pool_;
  alignas(128) std::atomic<node*> head_{nullptr};
  alignas(128) std::atomic<node*> tail_{nullptr};
};

constexpr unsigned threads = 8;
constexpr std::uint64_t each = 100'000;

}  // namespace

int main() {
  queue::pool pool;
  weft::domain domain;
  std::atomic<std::uint64_t> popped{0};
  {
    queue numbers{domain, pool};
    std::latch joined{threads};
    std::latch begin{1};
    std::vector<std::jthread> all;
    for (unsigned t = 0; t < threads; ++t) {
      all.emplace_back([&] {
        (void)domain.attach();  // the first pin would have done it
        joined.count_down();
        begin.wait();
        std::uint64_t sum = 0;
        for (std::uint64_t i = 1; i <= each; ++i) {
          numbers.push(i);
          if (auto const got = numbers.pop()) sum += *got;
        }
        popped += sum;
      });
    }
    joined.wait();
    std::printf("%zu threads are registered\n", domain.thread_count());
    begin.count_down();
    all.clear();
    while (auto const got = numbers.pop()) popped += *got;
    std::printf("%zu is left\n", domain.thread_count());
  }
  while (domain.limbo_count() != 0) domain.reclaim();
  bool const whole = popped == threads * each * (each + 1) / 2;
  std::printf("%s, %zu nodes in use\n", whole ? "every number came out once" : "NUMBERS WERE LOST",
              pool.in_use());
  return whole && pool.in_use() == 0 ? 0 : 1;
}
