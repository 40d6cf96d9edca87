// SPDX-License-Identifier: Apache-2.0
// Two of the samples on the native atoms: the code that comes of it is compared with by_hand.cpp.
#include <check/sample/deque.hpp>
#include <check/sample/slot_stack.hpp>

using stack = sample::slot_stack<std::uint64_t, 64, weft::native>;
using deque = sample::deque<std::uint32_t, 64, weft::native>;

extern "C" {

void stack_push(stack& s, std::uint32_t slot) { s.push(slot); }
std::uint32_t stack_pop(stack& s) { return s.pop(); }
void stack_add(stack& s, std::uint32_t slot) { s[slot] = s[slot] + 1; }

bool deque_push(deque& d, std::uint32_t item) { return d.push(item); }
std::uint32_t deque_pop(deque& d) { return d.pop().value_or(0); }
std::uint32_t deque_steal(deque& d) { return d.steal().value_or(0); }
}
