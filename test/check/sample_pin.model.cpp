// SPDX-License-Identifier: Apache-2.0
// P1 to P4 of check/sample/pin.hpp.
#include "mutants.hpp"

#include <check/sample/pin.hpp>

#include <weft/check/model.hpp>

#include "sample_variants.hpp"

namespace {

namespace check = weft::check;
using check::model, check::mutation, check::threads;

struct object {
  explicit object(int v) : value(v) {}
  check::var<int> value;
};

template <class Pinned>
void look(Pinned& p, unsigned reader) {
  typename Pinned::pin const here(p, reader);
  auto const* const o = here.get();
  int const before = o->value;
  check::expect(before >= 1, "an object that was never put in");
  check::expect_equal(o->value.get(), before);
}

template <class Pinned>
void a_reader_and_a_writer(threads& run) {
  Pinned p(new object(1));
  run([&] { look(p, 0); }, [&] { delete p.replace(new object(2)); });
  delete p.replace(nullptr);
}

template <class Pinned>
void a_reader_comes_again(threads& run) {
  Pinned p(new object(1));
  run(
      [&] {
        look(p, 0);
        look(p, 0);
      },
      [&] { delete p.replace(new object(2)); });
  delete p.replace(nullptr);
}

template <class Pinned>
void two_writers(threads& run) {
  Pinned p(new object(1));
  run([&] { delete p.replace(new object(2)); }, [&] { delete p.replace(new object(3)); },
      [&] { look(p, 0); });
  delete p.replace(nullptr);
}

template <class Pinned>
std::vector<check::scenario> of(std::string const& name) {
  return {{name + ": a reader and a writer", a_reader_and_a_writer<Pinned>, {.at_least = 10}},
          {name + ": a reader comes again", a_reader_comes_again<Pinned>, {.at_least = 50}},
          {name + ": two writers and a reader", two_writers<Pinned>, {.at_least = 500}}};
}

std::vector<check::scenario> with_fences() {
  return of<sample::pinned<object, 1, sample::barrier::fences, model>>("pin, fences");
}
std::vector<check::scenario> with_barriers() {
  return of<sample::pinned<object, 1, sample::barrier::asymmetric, model>>("pin, light and heavy");
}
std::vector<check::scenario> all_of_them() {
  auto all = with_fences();
  for (auto& s : with_barriers()) all.push_back(std::move(s));
  return all;
}

TEST(sample_pin, exhausted) { weft_test::exhaust(all_of_them()); }

TEST(sample_pin, mutants) {
  using followed = followed_early::pinned<object, 1, followed_early::barrier::fences, model>;
  using scanned = scanned_early::pinned<object, 1, scanned_early::barrier::fences, model>;
  using before = epoch_before::pinned<object, 1, epoch_before::barrier::fences, model>;
  weft_test::hunt(
      all_of_them(),
      {{"a reader does not acquire the epoch", mutation::weaken, "epoch_.load(acquire)"},
       {"a reader has no fence", mutation::weaken, "Atoms::fence()", "fence_of_reader"},
       {"a reader does not acquire the object", mutation::weaken, "current_.load(acquire)"},
       {"a reader does not release what it did", mutation::weaken, "mine_.store(outside, release)"},
       {"a reader does not announce itself", mutation::skip, "mine_.store(now, release)"},
       {"coming again does not release the last stay", mutation::weaken,
        "mine_.store(now, release)"},
       {"the writer does not release the object", mutation::weaken, "current_.exchange"},
       {"the writer does not release the epoch", mutation::weaken, "epoch_.fetch_add"},
       {"the writer has no fence", mutation::weaken, "Atoms::fence()", "fence_of_writer"},
       {"the writer does not acquire that a reader left", mutation::weaken, "reader.epoch.load"},
       {"no barrier in every thread", mutation::weaken, "Atoms::heavy()"},
       {.name = "a reader announces itself too late", .variant = of<followed>("late")},
       {.name = "the writer scans, then unlinks", .variant = of<scanned>("early")},
       {.name = "the writer waits for older epochs only", .variant = of<before>("older")}});
}

TEST(sample_pin, audit) { weft_test::audit(all_of_them(), "check/sample/pin.hpp"); }

}  // namespace
