// SPDX-License-Identifier: Apache-2.0
// The reduction against brute force: thousands of random programs, each explored in both ways. What
// the program can see (values read, final values, deadlocks) must be the same.
#include <support/seed.hpp>

#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace {

namespace check = weft::check;
using weft::acq_rel, weft::acquire, weft::relaxed, weft::release, weft::seq_cst;

struct step {
  enum kind { load, store, exchange, add, strong, weak, fence, await, park, unpark, heavy } what;
  unsigned at;
  int value;
  std::memory_order order, failed;
};

using program = std::vector<std::vector<step>>;

struct kind_of_program {
  char const* name;
  std::vector<step::kind> steps;
  unsigned most_steps[2];  // of each of two, of three threads
  double at_least;         // times fewer executions
};

program make(kind_of_program const& kind, std::mt19937_64& chance) {
  auto const pick = [&](auto... orders) {
    std::memory_order const all[] = {orders...};
    return all[chance() % sizeof...(orders)];
  };
  program p(2 + chance() % 2);
  for (auto& thread : p) {
    auto const most = kind.most_steps[p.size() - 2];
    auto const count = 1 + chance() % most;
    for (unsigned i = 0; i < count; ++i) {
      step s{};
      s.what = kind.steps[chance() % kind.steps.size()];
      s.at = chance() % 2;
      s.value = 1 + static_cast<int>(chance() % 2);
      s.failed = pick(relaxed, acquire, seq_cst);
      switch (s.what) {
        case step::load:
          s.order = pick(relaxed, acquire, seq_cst);
          break;
        case step::store:
          s.order = pick(relaxed, release, seq_cst);
          break;
        case step::fence:
          s.order = pick(acquire, release, seq_cst, seq_cst);
          break;
        default:
          s.order = pick(relaxed, acquire, release, acq_rel, seq_cst);
      }
      thread.push_back(s);
    }
  }
  return p;
}

std::string text_of(program const& p) {
  std::string text;
  for (auto const& thread : p) {
    for (auto const& s : thread) {
      text += " [k" + std::to_string(s.what) + " L" + std::to_string(s.at) + " v" +
              std::to_string(s.value) + " o" + std::to_string(static_cast<int>(s.order)) + " f" +
              std::to_string(static_cast<int>(s.failed)) + ']';
    }
    text += '\n';
  }
  return text;
}

void perform(step const& s, check::atomic<unsigned>* places, std::string& seen) {
  auto& a = places[s.at];
  auto const v = static_cast<unsigned>(s.value);
  switch (s.what) {
    case step::load:
      seen += std::to_string(a.load(s.order));
      break;
    case step::store:
      a.store(v, s.order);
      break;
    case step::exchange:
      seen += std::to_string(a.exchange(v, s.order));
      break;
    case step::add:
      seen += std::to_string(a.fetch_add(v, s.order));
      break;
    case step::strong:
    case step::weak: {
      auto expected = v - 1;
      bool const done = s.what == step::weak
                            ? a.compare_exchange_weak(expected, v, s.order, s.failed)
                            : a.compare_exchange_strong(expected, v, s.order, s.failed);
      seen += (done ? '+' : '-') + std::to_string(expected);
      break;
    }
    case step::fence:
      check::atomic_thread_fence(s.order);
      break;
    case step::await:  // of both places, or of one
      while (a.load(relaxed) == 0 && (s.value == 1 || places[1 - s.at].load(acquire) == 0)) {
        check::model::pause();
      }
      seen += 'a';
      break;
    case step::park:
      check::model::park(a, 0);
      seen += 'p';
      break;
    case step::unpark:
      check::model::unpark_one(&a);
      break;
    case step::heavy:
      check::model::heavy();
      break;
  }
}

struct seen {
  std::map<std::string, std::uint64_t> outcomes;
  std::uint64_t executions = 0;
  bool all = false;
};

// A deadlock ends an exploration; what differs is whether there is one.
seen explore(program const& p, check::strategy how, std::optional<unsigned> preemptions = {}) {
  check::options o;
  o.search = how;
  o.executions = 300'000;
  o.preemptions = preemptions;
  auto const r = check::explore(o, [&](check::threads& run) {
    check::atomic<unsigned> places[2]{0u, 0u};
    std::string saw[3];
    auto const body = [&](unsigned t) {
      return [&, t] {
        for (auto const& s : p[t]) perform(s, places, saw[t]);
      };
    };
    if (p.size() == 2) {
      run(body(0), body(1));
    } else {
      run(body(0), body(1), body(2));
    }
    auto const end =
        std::to_string(places[0].load(relaxed)) + std::to_string(places[1].load(relaxed));
    check::note(saw[0] + '|' + saw[1] + '|' + saw[2] + '=' + end);
  });
  seen s;
  s.executions = r.executions + r.cut;
  s.all = r.exhausted;
  if (r.ok()) {
    s.outcomes = r.outcomes;
  } else {
    s.outcomes[std::string(check::to_string(r.found))] = 1;
    s.all = true;
  }
  return s;
}

void compare(kind_of_program const& kind, unsigned programs) {
  std::mt19937_64 chance(weft_test::seed());
  std::uint64_t brute = 0, reduced = 0, skipped = 0;
  for (unsigned n = 0; n < programs; ++n) {
    auto const p = make(kind, chance);
    auto const all = explore(p, check::strategy::brute_force);
    if (!all.all) {
      ++skipped;
      continue;
    }
    auto const few = explore(p, check::strategy::exhaustive);
    ASSERT_TRUE(few.all);
    brute += all.executions;
    reduced += few.executions;
    std::string missing;
    for (auto const& [outcome, times] : all.outcomes) {
      if (!few.outcomes.contains(outcome)) missing += " missing " + outcome;
    }
    for (auto const& [outcome, times] : few.outcomes) {
      if (!all.outcomes.contains(outcome)) missing += " invented " + outcome;
    }
    ASSERT_EQ(missing, "") << "program " << n << '\n' << text_of(p);
  }
  std::printf(
      "%s: %u programs, 0 differences, %llu executions by brute force, %llu reduced: "
      "%.1f times fewer (%llu too long for brute force)\n",
      kind.name, programs, static_cast<unsigned long long>(brute),
      static_cast<unsigned long long>(reduced),
      static_cast<double>(brute) / static_cast<double>(reduced),
      static_cast<unsigned long long>(skipped));
  EXPECT_LT(skipped, programs / 4);
  EXPECT_GT(static_cast<double>(brute), static_cast<double>(reduced) * kind.at_least);
}

TEST(differential, accesses_and_fences) {
  compare({"accesses and fences",
           {step::load, step::load, step::store, step::store, step::exchange, step::strong,
            step::fence},
           {4, 3},
           6},
          2000);
}
TEST(differential, read_modify_writes) {
  compare({"read-modify-writes",
           {step::load, step::add, step::strong, step::weak, step::store},
           {3, 2},
           2},
          1000);
}
TEST(differential, spin_loops) {
  compare(
      {"spin loops", {step::load, step::store, step::store, step::await, step::fence}, {3, 2}, 6},
      1500);
}
TEST(differential, parking) {
  compare({"parking", {step::load, step::store, step::park, step::unpark, step::unpark}, {3, 2}, 2},
          1000);
}
TEST(differential, barriers_in_every_thread) {
  compare({"barriers in every thread", {step::load, step::store, step::heavy}, {3, 2}, 1.5}, 1000);
}

}  // namespace
