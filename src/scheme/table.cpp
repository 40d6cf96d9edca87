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
  bool weak;
};

shared_table& table_argument(char const* who, SCM x) {
  if (!SCM_SMOB_PREDICATE(table_type, x)) scm_wrong_type_arg_msg(who, 1, x, "hash table");
  return *reinterpret_cast<shared_table*>(SCM_SMOB_DATA(x));
}

SCM make(SCM weak) {
  auto* const t = static_cast<shared_table*>(GC_MALLOC(sizeof(shared_table)));
  if (!t) scm_report_out_of_memory();
  t->guard = heap_lock::make();
  t->weak = scm_is_true(weak);
  t->inside = t->weak ? scm_make_weak_key_hash_table(SCM_UNDEFINED) : scm_c_make_hash_table(31);
  return scm_new_smob(table_type, reinterpret_cast<scm_t_bits>(t));
}

SCM is_table(SCM x) { return scm_from_bool(SCM_SMOB_PREDICATE(table_type, x)); }

SCM ref(SCM x, SCM key, SCM absent) {
  auto& t = table_argument("hash-table-ref", x);
  return holding(*t.guard, [&] { return scm_hash_ref(t.inside, key, absent); });
}

SCM set(SCM x, SCM key, SCM value) {
  auto& t = table_argument("hash-table-set!", x);
  holding(*t.guard, [&] { return scm_hash_set_x(t.inside, key, value); });
  return SCM_UNSPECIFIED;
}

SCM remove(SCM x, SCM key) {
  auto& t = table_argument("hash-table-delete!", x);
  return holding(*t.guard, [&] {
    bool const there = !scm_is_eq(scm_hash_ref(t.inside, key, none), none);
    if (there) scm_hash_remove_x(t.inside, key);
    return scm_from_bool(there);
  });
}

SCM swap(SCM x, SCM key, SCM before, SCM after) {
  auto& t = table_argument("hash-table-update!", x);
  return holding(*t.guard, [&] {
    bool const same = scm_is_eq(scm_hash_ref(t.inside, key, none), before);
    if (same) scm_hash_set_x(t.inside, key, after);
    return scm_from_bool(same);
  });
}

SCM add_entry(void*, SCM key, SCM value, SCM entries) {
  return scm_cons(scm_cons(key, value), entries);
}
SCM add_one(void*, SCM, SCM, SCM count) { return scm_sum(count, SCM_INUM1); }

SCM entries(SCM x) {
  auto& t = table_argument("hash-table->alist", x);
  return holding(*t.guard,
                 [&] { return scm_internal_hash_fold(add_entry, nullptr, SCM_EOL, t.inside); });
}

SCM count_of(shared_table& t) {
  return holding(*t.guard, [&] {
    return t.weak ? scm_internal_hash_fold(add_one, nullptr, SCM_INUM0, t.inside)
                  : scm_from_ulong(SCM_HASHTABLE_N_ITEMS(t.inside));
  });
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
  define("%make-table", 1, 0, make);
  define("%table?", 1, 0, is_table);
  define("%table-ref", 3, 0, ref);
  define("%table-set!", 3, 0, set);
  define("%table-delete!", 2, 0, remove);
  define("%table-swap!", 4, 0, swap);
  define("%table-entries", 1, 0, entries);
  define("%table-count", 1, 0, count);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
