// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include "held.hpp"

// A hash table of Guile, whose every use is under a lock of its own: threads that share one
// without it lose entries, loop or crash.

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

scm_t_bits table_type;
SCM none = SCM_BOOL_F;  // stands for an absent value

struct shared_table {
  heap_lock* guard;
  SCM inside;
};

// Guile's own hash of a vector or a bytevector that stands in the text of a program differs from
// that of an equal one made later. So these, and the pairs that may hold them, are hashed here:
// `left` objects at most.
unsigned long hash_of(SCM x, int& left);

unsigned long mixed(unsigned long h, unsigned long more) {
  return (h ^ more) * 0x9e3779b97f4a7c15UL + (h >> 29);
}

unsigned long hash_of_list(SCM x, int& left) {
  unsigned long h = 1;
  for (; scm_is_pair(x) && left > 0; x = scm_cdr(x)) h = mixed(h, hash_of(scm_car(x), left));
  return scm_is_pair(x) ? h : mixed(h, hash_of(x, left));
}

unsigned long hash_of_vector(SCM x, int& left) {
  auto const size = scm_c_vector_length(x);
  unsigned long h = mixed(2, size);
  for (std::size_t i = 0; i < size && left > 0; ++i)
    h = mixed(h, hash_of(scm_c_vector_ref(x, i), left));
  return h;
}

unsigned long hash_of_bytes(SCM x) {
  auto const size = scm_c_bytevector_length(x);
  unsigned long h = mixed(3, size);
  for (std::size_t i = 0; i < size && i < 64; ++i) h = mixed(h, scm_c_bytevector_ref(x, i));
  return h;
}

unsigned long hash_of(SCM x, int& left) {
  if (--left < 0) return 0;
  if (scm_is_pair(x)) return hash_of_list(x, left);
  if (scm_is_vector(x)) return hash_of_vector(x, left);
  if (scm_is_bytevector(x)) return hash_of_bytes(x);
  if (!scm_is_string(x) && scm_is_array(x)) return 4;
  return scm_ihash(x, ~0UL);
}

unsigned long bucket(SCM key, unsigned long of, void*) {
  int left = 16;
  return hash_of(key, left) % of;
}

SCM find_entry(SCM key, SCM entries, void*) { return scm_sloppy_assoc(key, entries); }

// These are called with the lock held.
SCM look(shared_table& t, SCM key, SCM absent) {
  return scm_hash_fn_ref(t.inside, key, absent, bucket, find_entry, nullptr);
}
void put(shared_table& t, SCM key, SCM value) {
  scm_hash_fn_set_x(t.inside, key, value, bucket, find_entry, nullptr);
}
void take_out(shared_table& t, SCM key) {
  scm_hash_fn_remove_x(t.inside, key, bucket, find_entry, nullptr);
}
bool has(shared_table& t, SCM key, SCM value) { return scm_is_eq(look(t, key, none), value); }

shared_table& table_argument(char const* who, SCM x) {
  if (!SCM_SMOB_PREDICATE(table_type, x)) scm_wrong_type_arg_msg(who, 1, x, "hash table");
  return *reinterpret_cast<shared_table*>(SCM_SMOB_DATA(x));
}

SCM make() {
  auto* const t = static_cast<shared_table*>(GC_MALLOC(sizeof(shared_table)));
  if (!t) scm_report_out_of_memory();
  t->guard = heap_lock::make();
  t->inside = scm_c_make_hash_table(31);
  return scm_new_smob(table_type, reinterpret_cast<scm_t_bits>(t));
}

SCM is_table(SCM x) { return scm_from_bool(SCM_SMOB_PREDICATE(table_type, x)); }

SCM ref(SCM x, SCM key, SCM absent) {
  auto& t = table_argument("hash-table-ref", x);
  return holding(*t.guard, [&] { return look(t, key, absent); });
}

SCM set(SCM x, SCM key, SCM value) {
  auto& t = table_argument("hash-table-set!", x);
  return holding(*t.guard, [&] {
    put(t, key, value);
    return SCM_UNSPECIFIED;
  });
}

SCM remove(SCM x, SCM key) {
  auto& t = table_argument("hash-table-delete!", x);
  return holding(*t.guard, [&] {
    bool const there = !has(t, key, none);
    if (there) take_out(t, key);
    return scm_from_bool(there);
  });
}

SCM swap(SCM x, SCM key, SCM before, SCM after) {
  auto& t = table_argument("hash-table-update!", x);
  return holding(*t.guard, [&] {
    bool const same = has(t, key, before);
    if (same) put(t, key, after);
    return scm_from_bool(same);
  });
}

SCM add_entry(void*, SCM key, SCM value, SCM entries) {
  return scm_cons(scm_cons(key, value), entries);
}

SCM entries(SCM x) {
  auto& t = table_argument("hash-table->alist", x);
  return holding(*t.guard,
                 [&] { return scm_internal_hash_fold(add_entry, nullptr, SCM_EOL, t.inside); });
}

SCM count_of(shared_table& t) {
  return holding(*t.guard, [&] { return scm_from_ulong(SCM_HASHTABLE_N_ITEMS(t.inside)); });
}
SCM count(SCM x) { return count_of(table_argument("hash-table-count", x)); }

int show(SCM x, SCM port, scm_print_state*) {
  scm_puts("#<hash-table ", port);
  scm_display(count_of(table_argument("write", x)), port);
  scm_putc('>', port);
  return 1;
}

}  // namespace

void define_tables() {
  table_type = scm_make_smob_type("hash-table", 0);
  scm_set_smob_print(table_type, show);
  none = scm_permanent_object(scm_make_symbol(scm_from_utf8_string("none")));
  scm_c_define("%none", none);
  scm_c_export("%none", nullptr);
  define("%make-table", 0, 0, make);
  define("%table?", 1, 0, is_table);
  define("%table-ref", 3, 0, ref);
  define("%table-set!", 3, 0, set);
  define("%table-delete!", 2, 0, remove);
  define("%table-swap!", 4, 0, swap);
  define("%table-entries", 1, 0, entries);
  define("%table-count", 1, 0, count);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
