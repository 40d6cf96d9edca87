// SPDX-License-Identifier: Apache-2.0
// Guile's side of the counting: an extension that words.scm loads. What it counts stays outside of
// Guile's heap, and no primitive is in Guile mode while it reads or counts: the collector does not
// wait for it, and what it makes is no work for the collector.
#include "chunk.hpp"
#include "failure.hpp"
#include "word_table.hpp"

#include <libguile.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

namespace wordcount {
namespace {

// ---- an object `words`: a table, which more than one task may have

struct shared_table {
  std::mutex lock;
  word_table words;
};

scm_t_bits words_type = 0;

std::size_t free_words(SCM x) {
  delete reinterpret_cast<shared_table*>(SCM_SMOB_DATA(x));
  return 0;
}

SCM to_scheme(shared_table* table) {
  return scm_new_smob(words_type, reinterpret_cast<scm_t_bits>(table));
}

shared_table& table_argument(char const* who, int at, SCM x) {
  if (!SCM_SMOB_PREDICATE(words_type, x)) scm_wrong_type_arg_msg(who, at, x, "words");
  return *reinterpret_cast<shared_table*>(SCM_SMOB_DATA(x));
}

std::uint64_t size_argument(char const* who, int at, SCM x) {
  if (!scm_is_unsigned_integer(x, 0, INT64_MAX))
    scm_wrong_type_arg_msg(who, at, x, "exact integer that is not negative");
  return scm_to_uint64(x);
}

// ---- calls. Guile leaves a C function by longjmp, which runs no destructor: what owns anything is
// in `work`, which runs outside of Guile, and what raises has nothing to destroy.

constexpr std::size_t longest_reason = 1000;

template <class F>
struct call {
  F& work;
  char reason[longest_reason];
  bool failed;

  void make() noexcept {
    try {
      work();
    } catch (std::exception const& e) {
      failed = true;
      std::string_view const why = e.what();
      reason[why.copy(reason, longest_reason - 1)] = '\0';
    }
  }
};

template <class F>
void outside_guile(char const* who, F work) {
  static_assert(std::is_trivially_destructible_v<F>);
  call<F> c{work, {}, false};
  auto const make = [](void* at) -> void* {
    static_cast<call<F>*>(at)->make();
    return nullptr;
  };
  scm_without_guile(make, &c);
  if (!c.failed) return;
  scm_error(scm_from_utf8_symbol("text-error"), who, "~A",
            scm_list_1(scm_from_utf8_string(c.reason)), SCM_BOOL_F);
}

char* path_argument(char const* who, SCM x) {
  if (!scm_is_string(x)) scm_wrong_type_arg_msg(who, 1, x, "string");
  return scm_to_utf8_string(x);
}

struct free_path {
  void operator()(char* path) const noexcept { std::free(path); }
};
using owned_path = std::unique_ptr<char, free_path>;

// ---- what they do

// What is used again: fresh memory costs a fault for each page, and all threads wait for those.
template <class T>
class spares {
 public:
  [[nodiscard]] std::optional<T> take() {
    std::scoped_lock hold{lock_};
    return used_ == 0 ? std::nullopt : std::exchange(all_[--used_], std::nullopt);
  }
  void give(T one) {
    std::scoped_lock hold{lock_};
    if (used_ < all_.size()) all_[used_++] = std::move(one);
  }

 private:
  std::mutex lock_;
  std::array<std::optional<T>, 32> all_;
  std::size_t used_ = 0;
};

spares<buffer> spare_buffers;
spares<word_table> spare_tables;  // empty, but roomy

// `size` bytes of a file, and the padding that count_words asks for.
class piece {
 public:
  piece(char const* path, std::uint64_t offset, std::size_t size) {
    input_file file(path);
    if (auto spare = spare_buffers.take()) bytes_ = std::move(*spare);
    if (bytes_.room < size) bytes_ = buffer(size);
    size_ = file.read_at({bytes_.data.get(), size}, offset);
    std::fill_n(bytes_.data.get() + size_, padding, '\0');
  }
  piece(piece&&) = delete;
  ~piece() { spare_buffers.give(std::move(bytes_)); }
  [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data.get(), size_}; }

 private:
  buffer bytes_;
  std::size_t size_ = 0;
};

// Where the chunk at `offset` ends that is to have `size` bytes. Most cuts are found in its last
// bytes; a word that is longer than the chunk makes it grow.
std::uint64_t cut(char const* path, std::uint64_t offset, std::uint64_t size) {
  auto const end = input_file::check(path);
  for (;;) {
    if (end <= offset || end - offset <= size) return end;
    for (std::uint64_t looked = 64;; looked *= 4) {
      looked = std::min(looked, size);
      auto const from = offset + size - looked;
      if (auto const at = last_cut(piece(path, from, looked).text()); at != 0) return from + at;
      if (looked == size) break;
    }
    size *= 2;
  }
}

SCM text_size(SCM path) {
  owned_path::pointer const name = path_argument("text-size", path);
  std::uint64_t size = 0;
  outside_guile("text-size", [&] {
    owned_path const keep(name);
    size = input_file::check_regular(name);
  });
  return scm_from_uint64(size);
}

SCM text_cut(SCM path, SCM offset, SCM size) {
  auto const from = size_argument("text-cut", 2, offset);
  auto const wanted = size_argument("text-cut", 3, size);
  if (wanted == 0) scm_out_of_range_pos("text-cut", size, scm_from_int(3));
  owned_path::pointer const name = path_argument("text-cut", path);
  std::uint64_t end = 0;
  outside_guile("text-cut", [&] {
    owned_path const keep(name);
    end = cut(name, from, wanted);
  });
  return scm_from_uint64(end);
}

SCM count_range(SCM path, SCM offset, SCM size) {
  auto const from = size_argument("count-words", 2, offset);
  auto const wanted = size_argument("count-words", 3, size);
  owned_path::pointer const name = path_argument("count-words", path);
  shared_table* made = nullptr;
  std::size_t bad = well_formed;
  outside_guile("count-words", [&] {
    owned_path const keep(name);
    piece const text(name, from, wanted);
    if (text.text().size() != wanted) throw failure(std::string(name) + " has become shorter");
    auto table = std::make_unique<shared_table>();
    if (auto spare = spare_tables.take()) table->words = std::move(*spare);
    bad = count_words(text.text(), table->words);
    if (bad == well_formed) made = table.release();
  });
  return made ? to_scheme(made) : scm_from_uint64(from + bad);
}

SCM make_words() { return to_scheme(new shared_table); }

SCM words_move(SCM into, SCM from) {
  auto& all = table_argument("words-move!", 1, into);
  auto& some = table_argument("words-move!", 2, from);
  if (&all == &some) scm_misc_error("words-move!", "both are the same words", SCM_EOL);
  outside_guile("words-move!", [&] {
    std::scoped_lock hold{all.lock, some.lock};
    all.words.reserve_for(some.words);
    all.words.add(some.words);
    auto spent = std::exchange(some.words, word_table());
    spent.clear();
    spare_tables.give(std::move(spent));
  });
  scm_remember_upto_here_2(into, from);
  return SCM_UNSPECIFIED;
}

SCM words_total(SCM words) {
  auto& table = table_argument("words-total", 1, words);
  std::uint64_t n = 0;
  outside_guile("words-total", [&] {
    std::scoped_lock hold{table.lock};
    n = table.words.total();
  });
  scm_remember_upto_here_1(words);
  return scm_from_uint64(n);
}

SCM words_distinct(SCM words) {
  auto& table = table_argument("words-distinct", 1, words);
  std::uint64_t n = 0;
  outside_guile("words-distinct", [&] {
    std::scoped_lock hold{table.lock};
    n = table.words.distinct();
  });
  scm_remember_upto_here_1(words);
  return scm_from_uint64(n);
}

SCM words_top(SCM words, SCM most) {
  auto& table = table_argument("words-top", 1, words);
  auto const asked = size_argument("words-top", 2, most);
  std::vector<word_count>* top = nullptr;
  outside_guile("words-top", [&] {
    std::scoped_lock hold{table.lock};
    top = new std::vector(table.words.top(asked));
  });
  SCM list = SCM_EOL;
  for (; !top->empty(); top->pop_back())
    list = scm_acons(scm_from_uint64(top->back().count),
                     scm_from_latin1_string(top->back().word.c_str()), list);
  delete top;
  scm_remember_upto_here_1(words);
  return list;
}

template <class F>
void define(char const* name, int arguments, F* f) {
  scm_c_define_gsubr(name, arguments, 0, 0, reinterpret_cast<void*>(f));
}

}  // namespace
}  // namespace wordcount

// What load-extension calls.
extern "C" void init_words() {
  using namespace wordcount;
  words_type = scm_make_smob_type("words", 0);
  scm_set_smob_free(words_type, free_words);
  define("text-size", 1, text_size);
  define("text-cut", 3, text_cut);
  define("count-words", 3, count_range);
  define("make-words", 0, make_words);
  define("words-move!", 2, words_move);
  define("words-total", 1, words_total);
  define("words-distinct", 1, words_distinct);
  define("words-top", 2, words_top);
}
