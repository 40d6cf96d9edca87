// SPDX-License-Identifier: Apache-2.0
// A stack for any number of threads, and the scenarios that show that it is right.
//
//   c++ -std=c++20 -g stack.cpp $(pkg-config --cflags --libs weft-check) -o stack
//   ./stack            runs every scenario in every order of events
//   ./stack --audit    makes each memory order relaxed in turn: does a scenario notice?
//   ./stack --help     the other options
//
// Then break it: make the release in push() relaxed, or let pop() delete what it retires.
#include <weft/check/command.hpp>
#include <weft/check/model.hpp>

#include <optional>
#include <utility>

namespace check = weft::check;
using weft::acquire, weft::relaxed, weft::release;

// Atoms is weft::native in a program, check::model in a scenario. A var is plain data: a T in a
// program; in a scenario the checker sees who reads and writes it.
template <class T, class Atoms>
class stack {
 public:
  ~stack() {
    for (node* n = head_.load(relaxed); n != nullptr;) delete std::exchange(n, n->below);
    for (node* n = retired_.load(relaxed); n != nullptr;) delete std::exchange(n, n->earlier);
  }

  void push(T value) {
    auto* const n = new node{value, head_.load(relaxed), nullptr};
    node* top = n->below;
    while (!head_.compare_exchange_weak(top, n, release, relaxed)) n->below = top;
  }

  std::optional<T> pop() {
    node* top = head_.load(acquire);
    while (top != nullptr && !head_.compare_exchange_weak(top, top->below, relaxed, acquire)) {
    }
    if (top == nullptr) return std::nullopt;
    T value = top->value;
    retire(top);
    return value;
  }

 private:
  struct node {
    typename Atoms::template var<T> value;
    typename Atoms::template var<node*> below;
    typename Atoms::template var<node*> earlier;  // among those retired
  };

  // Another pop may be about to read the node, so it is kept until the stack goes. Nor does its
  // address come back while another pop compares with it.
  void retire(node* n) {
    node* last = retired_.load(relaxed);
    do n->earlier = last;
    while (!retired_.compare_exchange_weak(last, n, relaxed, relaxed));
  }

  typename Atoms::template atomic<node*> head_{nullptr};
  typename Atoms::template atomic<node*> retired_{nullptr};
};

// A scenario makes its world, runs threads in it, and says what must hold. A data race, a use after
// free, a leak or a deadlock it need not ask for.
using checked_stack = stack<int, check::model>;

void push_and_pop(check::threads& run) {
  checked_stack s;
  int sum = 0;
  run([&] { s.push(1); }, [&] { s.push(2); }, [&] { sum = s.pop().value_or(0); });
  while (auto const rest = s.pop()) sum += *rest;
  check::expect_equal(sum, 3);
}

void pop_and_pop(check::threads& run) {
  checked_stack s;
  s.push(1);
  s.push(2);
  std::optional<int> a, b;
  run([&] { a = s.pop(); }, [&] { b = s.pop(); });
  check::expect(a && b, "there were two");
  check::expect_equal(*a + *b, 3);
}

void the_last_in_is_the_first_out(check::threads& run) {
  checked_stack s;
  run([&] { s.push(1), s.push(2); },
      [&] {
        auto const first = s.pop(), second = s.pop();
        if (first == 2) check::expect(second == 1, "1 lay below 2");
      });
}

int main(int argc, char** argv) {
  return check::main(argc, argv,
                     {{"push and pop", push_and_pop},
                      {"pop and pop", pop_and_pop},
                      {"the last in is the first out", the_last_in_is_the_first_out}});
}
