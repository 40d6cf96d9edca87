// SPDX-License-Identifier: Apache-2.0
#include <weft/scheme/engine.hpp>

#include "boot.hpp"
#include "core.hpp"
#include "slice.hpp"

#include <weft/task/resume_on.hpp>

#include <cstdlib>

namespace weft::inline WEFT_ON::scheme {
namespace detail {
namespace {

runtime::options options_for(engine::options const& o) {
  boot_core(find_modules(o.modules));
  boot_language();
  runtime::options all;
  all.workers = o.workers;
  all.name = "scheme";
  all.around_worker = around_worker;
  all.around_park = around_park;
  return all;
}

// The task runs in the scope of the execution that awaits it.
void lend_scope(root const& self) {
  auto& r = *record::of_object(kept(self));
  if ((r.in = current_context().scope_of()) != nullptr) r.in->ref();
}

result<value> how_it_ended(record& r) {
  if (!r.failed) return result<value>(value(rooted(r.outcome)));
  if (current_context().cancel_due())
    return result<value>::stopped_by(current_context().scope_of()->reason());
  return result<value>(std::make_exception_ptr(error_of(r)));
}

task<value> evaluate(core& in, std::string text, std::string name) {
  auto* const home = current_context().home();
  co_await resume_on(in.on);
  auto self = in.make(text, name);
  lend_scope(self);
  auto& r = *record::of_object(kept(self));
  auto run = drive(r, {});  // `self` keeps the record, until its end has been looked at
  co_await std::move(run);
  // What became of it is looked at here, in Guile; the caller goes on where it was.
  auto how = how_it_ended(r);
  if (home) co_await resume_on(*home);
  co_return std::move(how).value();
}

}  // namespace

root core::make(std::string const& text, std::string const& name) {
  SCM const as = scm_from_utf8_stringn(name.data(), name.size());
  SCM const thunk =
      scm_call_2(the_hooks().evaluate, scm_from_utf8_stringn(text.data(), text.size()), as);
  auto& r = record::make(*this, thunk, as);
  r.module = kept(module);
  return rooted(r.object());
}

core::core(engine::options const& o) : on(options_for(o)), tasks(on), services(on.root().child()) {
  in_guile([this] { module = rooted(scm_call_0(scm_c_public_ref("weft eval", "fresh-module"))); });
}

core::~core() {
  services.cancel("the engine is shut down");
  tasks.cancel("the engine is shut down");
}

}  // namespace detail

engine::engine(options o) : inside_(std::make_unique<detail::core>(o)) {}
engine::~engine() = default;

task<value> engine::eval(std::string text, std::string name) {
  return detail::evaluate(*inside_, std::move(text), std::move(name));
}

void engine::define_call(std::string const& name, unsigned arity, detail::host_call call) {
  auto& kept = inside_->calls.emplace_back(detail::host{name, arity, std::move(call)});
  detail::in_guile([&] { detail::define_host(kept, inside_->module); });
}

runtime& engine::on() noexcept { return inside_->on; }

}  // namespace weft::inline WEFT_ON::scheme
