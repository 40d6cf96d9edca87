// SPDX-License-Identifier: Apache-2.0
#include "boot.hpp"

#include "actor.hpp"
#include "core.hpp"
#include "port.hpp"
#include "slice.hpp"
#include "stm.hpp"
#include "sync.hpp"
#include "table.hpp"
#include "ticker.hpp"

#include <weft/scheme/error.hpp>

#include <cstdlib>
#include <mutex>
#include <string>

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

void add_to_path(char const* variable, char const* folder) {
  SCM const var = scm_c_public_variable("guile", variable);
  scm_variable_set_x(var, scm_cons(scm_from_utf8_string(folder), scm_variable_ref(var)));
}

SCM message_of(void* text, SCM key, SCM args) {
  SCM const said =
      scm_simple_format(SCM_BOOL_F, scm_from_utf8_string("~A: ~S"), scm_list_2(key, args));
  char* const s = scm_to_utf8_string(said);
  static_cast<std::string*>(text)->assign(s);
  std::free(s);
  return SCM_BOOL_F;
}

GC_oom_func guiles_own = nullptr;

// Guile's own condition passes by all handlers but those that unwind, and ends the process where a
// task has none. Where one object was too large there is memory left for one that all handlers see.
void* out_of_memory(std::size_t bytes) {
  constexpr std::size_t large = std::size_t{1} << 20;
  if (bytes < large || !current_record()) return guiles_own(bytes);
  scm_throw(scm_from_utf8_symbol("out-of-memory"),
            scm_list_4(SCM_BOOL_F, scm_from_utf8_string("Out of memory"), SCM_BOOL_F, SCM_BOOL_F));
}

void make_core(module_folders const& where) {
  guiles_own = GC_get_oom_fn();
  GC_set_oom_fn(out_of_memory);
  // What a heap of this size saves in collections is worth more than its address space.
  if (!std::getenv("GC_INITIAL_HEAP_SIZE")) GC_expand_hp(std::size_t{64} << 20);
  GC_set_warn_proc(GC_ignore_warn_proc);
  add_to_path("%load-path", where.sources.c_str());
  add_to_path("%load-compiled-path", where.compiled.c_str());
  scm_variable_set_x(scm_c_public_variable("guile", "%load-should-auto-compile"), SCM_BOOL_F);
  scm_c_define_module(
      "weft core",
      [](void*) {
        define_tasks();
        define_actors();
        define_mailboxes();
        define_supervisors();
        define_hosts();
        define_digest();
        define_programs();
        define_stm();
        define_tables();
        define_ports();
        define_sync();
      },
      nullptr);
}

struct once {
  std::mutex lock;
  bool core = false;
  bool language = false;
};
once& the_boot() {
  static once all;
  return all;
}

}  // namespace

std::string attempt_in_guile(SCM (*body)(void*), void* arg) {
  std::string failure;
  in_guile([&] { scm_internal_catch(SCM_BOOL_T, body, arg, message_of, &failure); });
  return failure;
}

void boot_core(module_folders const& where) {
  auto& done = the_boot();
  std::scoped_lock hold{done.lock};
  if (std::exchange(done.core, true)) return;
  in_guile([&] { make_core(where); });
}

void boot_language() {
  auto& done = the_boot();
  std::scoped_lock hold{done.lock};
  if (done.language) return;
  auto const failure = attempt_in_guile(
      [](void*) {
        scm_c_resolve_module("ice-9 threads");  // now, since its own loading is not thread-safe
        return scm_c_public_ref("weft", "await");
      },
      nullptr);
  if (!failure.empty())
    throw scheme_error({.kind = "boot",
                        .message = "(weft) cannot be loaded: " + failure +
                                   "\n  its modules are looked for in WEFT_MODULES, beside the "
                                   "program and where weft was built",
                        .irritants = {},
                        .where = {},
                        .frames = {}},
                       root{});
  the_ticker().start();
  done.language = true;
}

}  // namespace weft::inline WEFT_ON::scheme::detail
