// SPDX-License-Identifier: Apache-2.0
#include "port.hpp"

#include "held.hpp"

// Guile's ports have no lock. Each port that is written to here gets one, kept as long as the port.

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

SCM locks = SCM_BOOL_F;  // port -> pointer to its lock; weak, and a lock of Guile's own in it
heap_lock* first_use = nullptr;

heap_lock* known_lock(SCM port) {
  SCM const known = scm_hashq_ref(locks, port, SCM_BOOL_F);
  return scm_is_true(known) ? static_cast<heap_lock*>(scm_to_pointer(known)) : nullptr;
}

heap_lock& lock_of(SCM port) {
  if (auto* const l = known_lock(port)) return *l;
  SCM const mine = scm_from_pointer(heap_lock::make(), nullptr);
  SCM const used = holding(*first_use, [&] {
    SCM const known = scm_hashq_ref(locks, port, SCM_BOOL_F);
    return scm_is_true(known) ? known : scm_hashq_set_x(locks, port, mine);
  });
  return *static_cast<heap_lock*>(scm_to_pointer(used));
}

void check_open(char const* who, SCM port) {
  if (!SCM_OPOUTPORTP(port)) scm_wrong_type_arg_msg(who, 1, port, "open output port");
}

SCM write_locked(SCM port, SCM text) {
  check_open("write", port);
  if (!scm_is_string(text)) scm_wrong_type_arg_msg("write", 2, text, "string");
  holding(lock_of(port), [&] {
    scm_display(text, port);
    return SCM_UNSPECIFIED;
  });
  return SCM_UNSPECIFIED;
}

SCM flush_locked(SCM port) {
  check_open("force-output", port);
  holding(lock_of(port), [&] {
    scm_force_output(port);
    return SCM_UNSPECIFIED;
  });
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_ports() {
  locks = scm_permanent_object(scm_make_weak_key_hash_table(SCM_UNDEFINED));
  static SCM const first = scm_permanent_object(scm_from_pointer(heap_lock::make(), nullptr));
  first_use = static_cast<heap_lock*>(scm_to_pointer(first));
  define("%write-locked", 2, 0, write_locked);
  define("%flush-locked", 1, 0, flush_locked);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
