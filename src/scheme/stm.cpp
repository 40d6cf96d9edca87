// SPDX-License-Identifier: Apache-2.0
#include "stm.hpp"
#include "argument.hpp"

#include <weft/mem/domain.hpp>
#include <weft/stm/transaction_log.hpp>

// Transactions of Scheme, on the log that those of C++ have. The loop around an attempt is in
// (weft stm): so a body is interrupted, fails and is left like any other Scheme code.

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

namespace base = weft::detail;

scm_t_bits variable_type;

/// What a variable held from one commit to the next: a value that the collector sees.
struct held_value final : base::tvar_value {
  explicit held_value(SCM x) : tvar_value(drop_one), value(rooted(x)) {}
  static void drop_one(void* p) { delete static_cast<held_value*>(static_cast<tvar_value*>(p)); }
  static void* operator new(std::size_t n) { return frame_allocate(n); }
  static void operator delete(void* p, std::size_t n) noexcept { frame_free(p, n); }
  root value;
};

struct variable final : base::tvar_base {
  explicit variable(SCM first) : tvar_base(new held_value(first)) {}
  [[nodiscard]] SCM load() const {
    auto const pin = default_domain().pin();
    return kept(static_cast<held_value const&>(held()).value);
  }
};

}  // namespace

/// One transaction of a task, over all its attempts.
class transaction final : public base::transaction_log {
 public:
  /// False: what it has read is no longer of one moment.
  [[nodiscard]] bool read(variable const& v, SCM& value) {
    if (auto* const w = written(v)) {
      value = kept(static_cast<held_value*>(w)->value);
      return true;
    }
    for (;;) {
      {
        auto const pin = default_domain().pin();
        auto const& b = static_cast<held_value const&>(held_by(v));
        if (current()) {
          note_read(v, b.since);
          value = kept(b.value);
          return true;
        }
      }
      if (!extend()) return false;
    }
  }
  void write(variable& v, SCM x) { note_write(v, new held_value(x)); }
  static void* operator new(std::size_t n) { return frame_allocate(n); }
  static void operator delete(void* p, std::size_t n) noexcept { frame_free(p, n); }
};

namespace {

/// Waits until something that a transaction has read has another value.
class changed_operation : public operation_base<changed_operation> {
 public:
  using result_type = void;
  explicit changed_operation(transaction& t) noexcept : of_(&t) {}

  [[nodiscard]] case_id try_commit() noexcept { return of_->unchanged() ? no_case : 0; }
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept {
    of_->hang(w);
    if (of_->unchanged()) return false;
    of_->unhang();
    if (w.claim_or_gone()) w.commit(base);
    return true;
  }
  void withdraw() noexcept { of_->unhang(); }
  void take(case_id) noexcept {}
  [[nodiscard]] wait_info describe() const noexcept {
    return {"retry", of_->first_read(), nullptr};
  }

 private:
  transaction* of_;
};

task<> wait_for_change(record& r, transaction& t) {
  auto how = co_await as_result(changed_operation(t));
  if (answered(r, how)) r.answer_with(SCM_UNSPECIFIED);
}

variable& variable_argument(char const* who, SCM x) {
  if (!SCM_SMOB_PREDICATE(variable_type, x)) scm_wrong_type_arg_msg(who, 1, x, "tvar");
  return *reinterpret_cast<variable*>(SCM_SMOB_DATA(x));
}

SCM make_variable(SCM first) {
  variable* v = nullptr;
  auto make = [&] { v = new variable(first); };
  checked("make-tvar", make);
  return scm_new_smob(variable_type, reinterpret_cast<scm_t_bits>(v));
}

std::size_t free_variable(SCM x) {
  delete reinterpret_cast<variable*>(SCM_SMOB_DATA(x));
  return 0;
}

SCM is_variable(SCM x) { return scm_from_bool(SCM_SMOB_PREDICATE(variable_type, x)); }

// The attempt is over, and another one comes.
void give_up(record& r) noexcept {
  r.attempt()->roll_back();
  r.tries_again = true;
}

// A log knows a variable by its address only, and the body may have let go of it.
void keep(record& r, SCM x) { r.rare->touched = scm_cons(x, r.rare->touched); }

SCM read(SCM x) {
  auto& v = variable_argument("tvar-read", x);
  auto* const r = current_record();
  SCM value = SCM_UNDEFINED;
  if (!r || !r->attempt()) {
    auto load = [&] { value = v.load(); };
    checked("tvar-read", load);
    return value;
  }
  keep(*r, x);
  bool whole = false;
  auto look = [&] { whole = r->attempt()->read(v, value); };
  checked("tvar-read", look);
  if (!whole) give_up(*r);
  return whole ? value : the_hooks().must_wait;
}

SCM write(SCM x, SCM value) {
  constexpr auto who = "tvar-write!";
  auto& v = variable_argument(who, x);
  auto& r = running(who);
  if (!r.attempt())
    scm_misc_error(who, "outside of a transaction: write (atomic (lambda () ...)) around it",
                   SCM_EOL);
  keep(r, x);
  auto note = [&] { r.attempt()->write(v, value); };
  checked(who, note);
  return SCM_UNSPECIFIED;
}

// An attempt begins, the first or another one.
SCM begin() {
  auto& r = running("atomic");
  auto& with = r.more();
  auto start = [&] {
    if (!with.attempt) with.attempt = new transaction;
    with.attempt->begin();
  };
  checked("atomic", start);
  with.touched = SCM_EOL;
  r.tries_again = false;
  return SCM_UNSPECIFIED;
}

SCM is_inside() {
  auto* const r = current_record();
  return scm_from_bool(r && r->attempt());
}

SCM commit() {
  auto& r = running("atomic");
  bool const done = r.attempt()->commit();
  if (done) {
    end_transaction(r);
  } else {
    give_up(r);
  }
  return scm_from_bool(done);
}

SCM gives_up() {
  give_up(running("retry"));
  return SCM_UNSPECIFIED;
}

// The body was left in another way than by its end. A suspension is none: the slice says so.
SCM leave() {
  auto& r = running("atomic");
  if (!r.asleep && !r.tries_again) end_transaction(r);
  return SCM_UNSPECIFIED;
}

SCM wait() {
  constexpr auto who = "retry";
  auto& r = running(who);
  auto* const t = r.attempt();
  if (!t->first_read())
    scm_misc_error(who, "the transaction has read nothing, so nothing would ever wake it", SCM_EOL);
  return waits(who, r, SCM_BOOL_F, [&] { return wait_for_change(r, *t); });
}

}  // namespace

void end_transaction(record& r) noexcept {
  if (!r.rare) return;
  delete std::exchange(r.rare->attempt, nullptr);
  r.rare->touched = SCM_EOL;
}

void define_stm() {
  variable_type = scm_make_smob_type("tvar", 0);
  scm_set_smob_free(variable_type, free_variable);
  define("%make-tvar", 1, 0, make_variable);
  define("%tvar?", 1, 0, is_variable);
  define("%tvar-read", 1, 0, read);
  define("%tvar-write!", 2, 0, write);
  define("%begin", 0, 0, begin);
  define("%in-transaction?", 0, 0, is_inside);
  define("%commit", 0, 0, commit);
  define("%give-up", 0, 0, gives_up);
  define("%leave-transaction", 0, 0, leave);
  define("%wait-for-change", 0, 0, wait);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
