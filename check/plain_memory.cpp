// SPDX-License-Identifier: Apache-2.0
// Plain accesses and the heap of an execution: races, uses after free, leaks.
#include "execution.hpp"
#include "source.hpp"

#include <cstdlib>
#include <new>

namespace weft::check::detail {

namespace {

constexpr unsigned most_plain = 1'000'000;  // accesses between two steps
constexpr unsigned most_told = 1'000;       // of them in a story

std::string bytes(block const& b) { return std::to_string(b.size) + " bytes"; }

}  // namespace

// Where the program is: what the call says or, in a story, what the stack does.
std::string execution::at(site where) const {
  auto text = told.show(where);
  return text.empty() ? text : " at " + text;
}

void execution::race(void const* address, bool write, unsigned other, char const* did,
                     std::string const& there, site here) {
  fail(verdict::data_race, "data race: " + thread_name(self_) + (write ? " writes " : " reads ") +
                               name_of(address, write, here) + at(here) + ", " +
                               thread_name(other) + ' ' + did + " it" + there +
                               ", and no happens-before orders the two");
}

// Where an earlier access was: what the call said, or what the story, if it is told, has found out.
std::string execution::there(site where, std::uint32_t line) const {
  if (line != 0) return " at " + told.place(line);
  return where.line() == 0 ? std::string{} : " at " + show(where);
}

void execution::plain(void const* address, std::size_t size, bool write, site where) {
  check_freed(address, where, write ? "writes" : "reads", write ? "written at" : "read at");
  if (++plain_now_ > most_plain) {
    fail(verdict::too_long, thread_name(self_) + " reads or writes plain data" + at(where) +
                                " more than " + std::to_string(most_plain) +
                                " times without a step: a loop waits for an atomic, and calls "
                                "pause()");
  }
  auto& c = cells_.find(address, size);
  auto& knows = me().knows.now.happened;
  std::uint32_t line = 0;
  if (told.telling() && plain_now_ <= most_told) {
    line = told.tell(self_, (write ? "writes " : "reads ") + name_of(address, write, where), where);
  }
  if (c.written != 0 && c.writer != self_ && !knows.covers(c.writer, c.written)) {
    race(address, write, c.writer, "wrote", there(c.written_at, c.written_line), where);
  }
  if (always_there_) return;
  auto const step = static_cast<std::uint16_t>(knows.at[self_] + 1);
  if (!write) {
    c.read.at[self_] = step;
    c.read_at[self_] = where;
    c.read_line[self_] = line;
    return;
  }
  for (unsigned t = 0; t < max_threads; ++t) {
    if (t != self_ && !knows.covers(t, c.read.at[t])) {
      race(address, true, t, "read", there(c.read_at[t], c.read_line[t]), where);
    }
  }
  c.written = step;
  c.writer = static_cast<std::uint8_t>(self_);
  c.written_at = where;
  c.written_line = line;
}

// What the program calls it or, without a name, where it lies in what was allocated.
std::string execution::name_of(void const* address, bool write, site where) {
  if (!told.telling()) {
    auto name = plain_at(told.at(where), write);
    return name.empty() ? "plain data" : name;
  }
  if (auto name = told.plain_name(address, write, where); !name.empty()) return name;
  auto const* const b = heap_.find(address);
  if (b == nullptr || b->made_line == 0) return "plain data";
  return "byte " + std::to_string(static_cast<char const*>(address) - b->at) + " of step " +
         std::to_string(b->made_line) + "'s memory";
}

// `does` and `done` say how it is used: "reads", "read at".
void execution::check_freed(void const* address, site where, std::string_view does,
                            std::string_view done) {
  auto* const b = heap_.find(address);
  if (b == nullptr || !b->is_freed) return;
  auto text = "use after free: " + thread_name(self_) + ' ' + std::string(does) + " memory that " +
              thread_name(b->freed_by) + " has freed";
  if (told.telling()) {
    auto const line = told.tell(
        self_,
        std::string(does) + ' ' + name_of(address, does == "writes", where) + ", which was freed",
        where);
    text += '\n' + heap_story(*b) + '\n' + use_story(done, line);
  }
  fail(verdict::use_after_free, text);
}

std::string execution::use_story(std::string_view done, std::uint32_t line) const {
  auto text = "  " + std::string(done);
  text.resize(15, ' ');
  return text + told.line_text(line);
}

std::string execution::heap_story(block const& b) {
  auto const made = b.made_line != 0 ? told.line_text(b.made_line) : std::string("before");
  auto const freed = b.freed_line != 0 ? told.line_text(b.freed_line) : std::string("before");
  return "  allocated at " + made + "\n  freed at     " + freed;
}

void* execution::allocate(std::size_t size, std::size_t align, bool for_ever, site where) {
  auto* const b = heap_.allocate(size, align);
  if (b == nullptr) {
    fail(verdict::misuse,
         "an execution allocates more than " + std::to_string(heap::limit >> 20) + " MiB");
  }
  b->made = where;
  b->for_ever = for_ever;
  if (told.telling()) {
    b->made_line = told.tell(self_, "allocates " + bytes(*b), where);
  }
  return b->at;
}

void execution::deallocate(void* p, site where) {
  if (p == nullptr) return;
  auto* const b = heap_.find(p);
  if (b == nullptr || b->at != p) {
    fail(verdict::misuse, "what is freed" + at(where) +
                              " was not allocated in this execution: what is made in "
                              "weft::check::outside() is given back there");
  }
  if (b->is_freed) {
    auto text = "double free: " + thread_name(self_) + " frees" + at(where) + " memory freed by " +
                thread_name(b->freed_by) + " before";
    if (told.telling()) text += '\n' + heap_story(*b);
    fail(verdict::double_free, text);
  }
  b->freed = where;
  b->freed_by = static_cast<std::uint8_t>(self_);
  if (told.telling()) {
    b->freed_line = told.tell(self_, "frees " + bytes(*b), where);
  }
  // Whoever may still be using it, in another order of the same steps, uses it after the free.
  auto const within = [&](void const* q) {
    return q >= b->at && q < b->at + (b->size == 0 ? 1 : b->size);
  };
  auto const& knows = me().knows.now.happened;
  for (std::uint32_t id = 0; id < memory_.size(); ++id) {
    auto& place = memory_.at(id);
    if (!within(place.address)) continue;
    for (unsigned t = 0; t < max_threads; ++t) {
      if (t == self_ || knows.covers(t, place.used.at[t])) continue;
      auto text = "use after free: " + thread_name(self_) + " frees the memory of " +
                  told.name(id, where) + ", which " + thread_name(t) +
                  " may still be using: no happens-before orders the two";
      if (told.telling()) text += '\n' + heap_story(*b);
      fail(verdict::use_after_free, text);
    }
    place.alive = false;
    place.unmaker = static_cast<std::uint8_t>(self_);
  }
  for (auto& c : cells_.all()) {
    if (!within(c.at)) continue;
    for (unsigned t = 0; t < max_threads; ++t) {
      bool const wrote = c.writer == t && c.written != 0 && !knows.covers(t, c.written);
      if (t == self_ || (!wrote && knows.covers(t, c.read.at[t]))) continue;
      auto text = "use after free: " + thread_name(self_) + " frees memory that " + thread_name(t) +
                  " may still be " + (wrote ? "writing" : "reading") +
                  ": no happens-before orders the two";
      if (told.telling()) {
        text +=
            '\n' + heap_story(*b) + '\n' +
            use_story(wrote ? "written at" : "read at", wrote ? c.written_line : c.read_line[t]);
      }
      fail(verdict::use_after_free, text);
    }
  }
  heap_.free(*b);
}

// The scenario is over and every thread has ended.
void execution::check_end() {
  std::size_t left = 0;
  block const* first = nullptr;
  for (auto const& b : heap_.blocks()) {
    if (b.is_freed) {
      if (!heap::untouched(b)) {
        fail(verdict::use_after_free, "use after free: somebody wrote to memory that was freed" +
                                          (told.telling() ? "\n" + heap_story(b) : std::string{}));
      }
    } else if (!b.for_ever) {
      ++left;
      if (first == nullptr) first = &b;
    }
  }
  if (left == 0 || !options_.leaks) return;
  auto text = "leak: " + std::to_string(left) + (left == 1 ? " block" : " blocks") +
              " of memory left at the end; the first of " + bytes(*first);
  if (first->made_line != 0) text += " is allocated at " + told.line_text(first->made_line);
  fail(verdict::leak,
       text + "\n  what is to outlive an execution is made in weft::check::outside()");
}

std::function<void()>* execution::keep(std::function<void()> f) {
  auto* const b = heap_.allocate(sizeof f, alignof(std::function<void()>));
  if (b == nullptr) fail(verdict::misuse, "an execution has no room for a function of its own");
  b->for_ever = true;
  return ::new (b->at) std::function<void()>(std::move(f));
}

void* execution::global(std::uint32_t number, std::size_t size, std::size_t align,
                        void (*build)(void*)) {
  if (number >= globals_.size()) globals_.resize(number + 1);
  if (auto* const there = globals_[number]; there != nullptr) return there;
  auto* const at = allocate(size, align, true, {});
  globals_[number] = at;
  always_there_ = tracked = true;
  build(at);
  always_there_ = tracked = false;
  return at;
}

void execution::at_thread_exit(void (*f)(void*), void* arg) { me().at_exit.emplace_back(f, arg); }

unsigned execution::any(unsigned below) { return unnoticed() ? 0 : by_->choose_value(below); }

word& execution::slot(std::uint32_t number) {
  auto& slots = me().slots;
  if (number >= slots.size()) slots.resize(number + 1);
  return slots[number];
}

}  // namespace weft::check::detail

// The heap of the program: that of the execution while a thread of a scenario runs.
namespace {

using weft::check::detail::execution;
using weft::check::detail::site;

void* get(std::size_t size, std::size_t align, bool may_throw) {
  if (auto* const e = execution::current(); e != nullptr && e->tracked) {
    e->tracked = false;
    auto* const p = e->allocate(size, align, e->making_global(), site{});
    e->tracked = true;
    return p;
  }
  size = size == 0 ? 1 : size;
  auto* const p = align <= alignof(std::max_align_t)
                      ? std::malloc(size)
                      : std::aligned_alloc(align, (size + align - 1) / align * align);
  if (p == nullptr && may_throw) throw std::bad_alloc{};
  return p;
}

void give_back(void* p) noexcept {
  if (auto* const e = execution::current(); e != nullptr) {
    if (e->owns(p)) {
      auto const before = e->tracked;
      e->tracked = false;
      e->deallocate(p, site{});
      e->tracked = before;
      return;
    }
  }
  std::free(p);
}

}  // namespace

void* operator new(std::size_t n) { return get(n, 0, true); }
void* operator new[](std::size_t n) { return get(n, 0, true); }
void* operator new(std::size_t n, std::align_val_t a) { return get(n, std::size_t(a), true); }
void* operator new[](std::size_t n, std::align_val_t a) { return get(n, std::size_t(a), true); }
void* operator new(std::size_t n, std::nothrow_t const&) noexcept { return get(n, 0, false); }
void* operator new[](std::size_t n, std::nothrow_t const&) noexcept { return get(n, 0, false); }
void* operator new(std::size_t n, std::align_val_t a, std::nothrow_t const&) noexcept {
  return get(n, std::size_t(a), false);
}
void* operator new[](std::size_t n, std::align_val_t a, std::nothrow_t const&) noexcept {
  return get(n, std::size_t(a), false);
}
void operator delete(void* p) noexcept { give_back(p); }
void operator delete[](void* p) noexcept { give_back(p); }
void operator delete(void* p, std::size_t) noexcept { give_back(p); }
void operator delete[](void* p, std::size_t) noexcept { give_back(p); }
void operator delete(void* p, std::align_val_t) noexcept { give_back(p); }
void operator delete[](void* p, std::align_val_t) noexcept { give_back(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { give_back(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { give_back(p); }
void operator delete(void* p, std::nothrow_t const&) noexcept { give_back(p); }
void operator delete[](void* p, std::nothrow_t const&) noexcept { give_back(p); }
