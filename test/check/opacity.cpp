// SPDX-License-Identifier: Apache-2.0
#include <weft/check/opacity.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/seed.hpp"

namespace {

namespace check = weft::check;
using check::answer;
using check::opaque;
using check::outcome;
using check::strictly_serializable;

enum : int { x = 0, y = 1 };

using history = check::transaction_history<>;

// A transaction that is told what it reads.
struct transaction {
  transaction(history& h, unsigned client) : mine(h.begin(client)) {}
  transaction& reads(int variable, int value) {
    mine.read(variable, [&] { return value; });
    return *this;
  }
  transaction& writes(int variable, int value) {
    mine.write(variable, value, [] {});
    return *this;
  }
  void commits() {
    mine.commit([] { return true; });
  }
  void aborts() { mine.aborted(); }
  check::attempt<int, int, check::real_time> mine;
};

struct opacity : testing::Test {
  history h{4, 8, 64};
  transaction begin(unsigned client) { return {h, client}; }
};

TEST_F(opacity, transactions_one_after_the_other) {
  begin(0).writes(x, 1).commits();
  begin(1).reads(x, 1).writes(x, 2).commits();
  begin(0).reads(x, 2).reads(y, 0).commits();
  EXPECT_TRUE(opaque(h));
  EXPECT_TRUE(strictly_serializable(h));
}

TEST_F(opacity, begins_from_the_value_it_is_given) {
  begin(0).reads(x, 7).commits();
  EXPECT_FALSE(opaque(h));
  EXPECT_TRUE(opaque(h, 7));
}

TEST_F(opacity, a_transaction_reads_what_it_wrote) {
  begin(0).writes(x, 1).reads(x, 1).writes(x, 2).reads(x, 2).aborts();
  EXPECT_TRUE(opaque(h));
  begin(0).writes(x, 1).writes(x, 2).reads(x, 1).aborts();
  EXPECT_FALSE(opaque(h));
}

TEST_F(opacity, a_reader_may_see_the_past_if_it_sees_only_the_past) {
  auto reader = begin(0);
  reader.reads(x, 0);
  begin(1).writes(x, 1).writes(y, 1).commits();
  reader.reads(y, 0).commits();
  EXPECT_TRUE(opaque(h));
}

// What a zombie sees: x before the writer, y after it. That it aborts then does not help.
TEST_F(opacity, a_snapshot_that_never_was_is_wrong_even_if_the_reader_aborts) {
  auto zombie = begin(0);
  zombie.reads(x, 0);
  begin(1).writes(x, 1).writes(y, 1).commits();
  zombie.reads(y, 1).aborts();
  EXPECT_TRUE(strictly_serializable(h));
  auto const j = opaque(h);
  EXPECT_EQ(j.said(), answer::no);
  EXPECT_EQ(j.text(),
            "not opaque: no order of the transactions begun by then explains T1: x1 = 1\n"
            "The best order: T2\n"
            "After it:\n"
            "  T1 reads x0 = 0, which is 1 here\n"
            "when  client 0   client 1\n"
            "   1  T1 begins\n"
            "   2  x0 = 0\n"
            "   3  |          T2 begins\n"
            "   4  |          x0 := 1, x1 := 1, commit\n"
            "   5  |          committed\n"
            "   6  x1 = 1  !\n");
}

TEST_F(opacity, a_snapshot_that_never_was_is_wrong_while_the_reader_is_still_running) {
  auto zombie = begin(0);
  zombie.reads(x, 0);
  begin(1).writes(x, 1).writes(y, 1).commits();
  zombie.reads(y, 1);
  EXPECT_FALSE(opaque(h));
  zombie.aborts();
}

TEST_F(opacity, write_skew_is_no_order) {
  auto a = begin(0), b = begin(1);
  a.reads(x, 0).reads(y, 0).writes(x, 1);
  b.reads(x, 0).reads(y, 0).writes(y, 1);
  a.commits();
  b.commits();
  EXPECT_FALSE(strictly_serializable(h));
  EXPECT_FALSE(opaque(h));
}

TEST_F(opacity, the_skew_is_none_if_one_of_the_two_aborts) {
  auto a = begin(0), b = begin(1);
  a.reads(x, 0).reads(y, 0).writes(x, 1);
  b.reads(x, 0).reads(y, 0).writes(y, 1);
  a.commits();
  b.aborts();
  EXPECT_TRUE(opaque(h));
}

TEST_F(opacity, a_lost_update_is_no_order) {
  auto a = begin(0), b = begin(1);
  a.reads(x, 0).writes(x, 1);
  b.reads(x, 0).writes(x, 1);
  a.commits();
  b.commits();
  EXPECT_FALSE(strictly_serializable(h));
}

TEST_F(opacity, what_committed_before_the_begin_is_seen) {
  begin(0).writes(x, 1).commits();
  begin(1).reads(x, 0).commits();
  EXPECT_FALSE(strictly_serializable(h));
  EXPECT_FALSE(opaque(h));
}

TEST_F(opacity, what_aborted_is_not_seen) {
  begin(0).writes(x, 1).aborts();
  begin(1).reads(x, 1).commits();
  EXPECT_FALSE(opaque(h));
  EXPECT_FALSE(strictly_serializable(h));
}

// In the end there is an order; when the value was read there was none, for the writer could still
// have aborted.
TEST_F(opacity, what_may_yet_abort_is_not_seen) {
  auto writer = begin(0);
  writer.writes(x, 1);
  begin(1).reads(x, 1).commits();
  writer.commits();
  EXPECT_TRUE(strictly_serializable(h));
  auto const j = opaque(h);
  EXPECT_EQ(j.said(), answer::no);
  EXPECT_NE(j.text().find("explains T2: x0 = 1\n"), std::string::npos) << j.text();
}

TEST_F(opacity, what_is_being_committed_may_be_seen) {
  auto writer = begin(0);
  writer.writes(x, 1);
  writer.mine.commit([&] {
    begin(1).reads(x, 1).commits();
    begin(2).reads(x, 1).commits();
    return true;
  });
  EXPECT_TRUE(opaque(h));
}

TEST_F(opacity, what_is_being_committed_is_seen_by_all_who_come_later_or_by_none) {
  auto writer = begin(0);
  writer.writes(x, 1);
  writer.mine.commit([&] {
    begin(1).reads(x, 1).commits();
    begin(2).reads(x, 0).commits();
    return true;
  });
  EXPECT_FALSE(opaque(h));
}

TEST_F(opacity, a_value_that_was_seen_cannot_be_aborted) {
  auto writer = begin(0);
  writer.writes(x, 1);
  writer.mine.commit([&] {
    begin(1).reads(x, 1).commits();
    EXPECT_TRUE(opaque(h));
    return false;
  });
  EXPECT_FALSE(opaque(h));
}

struct opacity_of_a_commit_that_threw : opacity {
  void if_seen(int value) {
    auto writer = begin(0);
    writer.writes(x, 1);
    EXPECT_THROW(writer.mine.commit([]() -> bool { throw 1; }), int);
    begin(1).reads(x, value).commits();
    EXPECT_TRUE(opaque(h));
    EXPECT_TRUE(strictly_serializable(h));
    begin(1).reads(x, 1 - value).commits();
    EXPECT_FALSE(opaque(h));
    EXPECT_FALSE(strictly_serializable(h));
  }
};
TEST_F(opacity_of_a_commit_that_threw, it_may_have_had_its_effect) { if_seen(1); }
TEST_F(opacity_of_a_commit_that_threw, it_may_have_had_none) { if_seen(0); }

TEST_F(opacity, an_attempt_left_by_an_exception_was_aborted) {
  try {
    auto t = begin(0);
    t.writes(x, 1);
    t.mine.read(y, []() -> int { throw 1; });
  } catch (int) {
  }
  EXPECT_EQ(h.transactions(0)[0].end, outcome::aborted);
  EXPECT_EQ(h.accesses(0, h.transactions(0)[0]).size(), 1u);
  begin(0).reads(x, 0).commits();
  EXPECT_TRUE(opaque(h));
}

template <class E, class F>
std::string message(F f) {
  try {
    f();
  } catch (E const& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(opacity_history, says_what_is_wrong_with_its_use) {
  history h(2, 1, 1);
  EXPECT_NE(message<std::out_of_range>([&] { (void)h.begin(2); }).find("no client 2"),
            std::string::npos);
  {
    transaction t(h, 0);
    EXPECT_NE(message<std::logic_error>([&] {
                (void)h.begin(0);
              }).find("client 0 of a transaction history begins a transaction before its last"),
              std::string::npos);
    t.writes(x, 1);
    EXPECT_NE(
        message<std::length_error>([&] { t.writes(x, 2); }).find("more than 1 reads and writes"),
        std::string::npos);
  }
  EXPECT_NE(message<std::length_error>([&] { (void)h.begin(0); }).find("more than 1 transactions"),
            std::string::npos);
}

// By trying all orders, at every moment at which anything happened, as the definition says.
class by_definition {
 public:
  explicit by_definition(history const& h) : h_(h) {
    for (unsigned c = 0; c < h.clients(); ++c) {
      for (auto const& t : h.transactions(c)) all_.push_back({&t, c});
    }
  }
  [[nodiscard]] bool opaque() const {
    std::uint64_t end = 0;
    for (auto const& [t, c] : all_) {
      end = std::max({end, t->begun.when, t->ended.when});
      for (auto const& a : h_.accesses(c, *t)) end = std::max(end, a.when);
    }
    for (std::uint64_t now = 1; now <= end; ++now) {
      if (!final_state_opaque(now)) return false;
    }
    return true;
  }

 private:
  using recorded = std::pair<history::transaction const*, unsigned>;

  [[nodiscard]] bool final_state_opaque(std::uint64_t now) const {
    std::vector<recorded> begun;
    for (auto const& r : all_) {
      if (r.first->begun.when <= now) begun.push_back(r);
    }
    std::sort(begun.begin(), begun.end());
    do {
      if (keeps_real_time(begun, now) && legal(begun, 0, {}, now)) return true;
    } while (std::next_permutation(begun.begin(), begun.end()));
    return false;
  }
  static bool keeps_real_time(std::vector<recorded> const& order, std::uint64_t now) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t k = i + 1; k < order.size(); ++k) {
        auto const& later = *order[k].first;
        if (later.end != outcome::live && later.ended.when <= now &&
            later.ended.when < order[i].first->begun.when) {
          return false;
        }
      }
    }
    return true;
  }
  [[nodiscard]] bool legal(std::vector<recorded> const& order, std::size_t i,
                           std::map<int, int> const& committed, std::uint64_t now) const {
    if (i == order.size()) return true;
    auto const& [t, client] = order[i];
    auto mine = committed;
    for (auto const& a : h_.accesses(client, *t)) {
      if (a.write) mine[a.variable] = a.value;
      else if (a.when > now) break;
      else if (mine[a.variable] != a.value) return false;
    }
    bool const over = t->end != outcome::live && t->ended.when <= now;
    bool const may_commit = over ? t->end == outcome::committed : t->committing <= now;
    bool const may_abort = !over || t->end != outcome::committed;
    return (may_commit && legal(order, i + 1, mine, now)) ||
           (may_abort && legal(order, i + 1, committed, now));
  }

  history const& h_;
  std::vector<recorded> all_;
};

// A transactional memory with versions, which leaves out checks now and then.
class memory {
 public:
  memory(std::mt19937_64& random, unsigned sloppy) : random_(random), sloppy_(sloppy) {}

  struct running {
    int begun = 0;
    std::map<int, int> wrote;
    std::vector<int> read;
  };
  [[nodiscard]] running begin() const { return {clock_, {}, {}}; }
  // nothing: the transaction must abort
  std::optional<int> read(running& t, int variable) {
    if (auto const own = t.wrote.find(variable); own != t.wrote.end()) return own->second;
    auto& v = variables_[variable];
    if (v.version > t.begun && !careless()) return std::nullopt;
    t.read.push_back(variable);
    return careless() && v.pending ? *v.pending : v.value;
  }
  void write(running& t, int variable, int value) {
    t.wrote[variable] = value;
    variables_[variable].pending = value;
  }
  bool commit(running& t) {
    if (!t.wrote.empty() && !careless()) {
      for (int const v : t.read) {
        if (variables_[v].version > t.begun) return false;
      }
    }
    ++clock_;
    for (auto const& [variable, value] : t.wrote) {
      variables_[variable] = cell{value, clock_, {}};
    }
    return true;
  }

 private:
  struct cell {
    int value = 0, version = 0;
    std::optional<int> pending{};
  };
  bool careless() { return sloppy_ != 0 && random_() % sloppy_ == 0; }

  std::mt19937_64& random_;
  unsigned sloppy_;
  int clock_ = 0;
  std::map<int, cell> variables_;
};

// Two or three clients take turns at random, a step of their transactions each time.
void run_at_random(history& h, std::mt19937_64& random, unsigned sloppy, unsigned transactions) {
  memory m(random, sloppy);
  struct client {
    std::optional<transaction> t;
    memory::running running;
  };
  std::vector<client> clients(2 + random() % 2);
  unsigned begun = 0;
  int fresh = 0;
  for (unsigned step = 0; step < 60; ++step) {
    auto const who = static_cast<unsigned>(random() % clients.size());
    auto& c = clients[who];
    if (!c.t) {
      if (begun++ >= transactions) continue;
      c.t.emplace(h, who);
      c.running = m.begin();
      continue;
    }
    int const variable = static_cast<int>(random() % 2);
    switch (random() % 6) {
      case 0:
      case 1:
      case 2:
        if (auto const v = m.read(c.running, variable)) {
          c.t->reads(variable, *v);
        } else {
          c.t->aborts();
          c.t.reset();
        }
        break;
      case 3:
      case 4:
        m.write(c.running, variable, ++fresh);
        c.t->writes(variable, fresh);
        break;
      default:
        c.t->mine.commit([&] { return m.commit(c.running); });
        c.t.reset();
    }
  }
}

TEST(opacity_search, random_histories_are_judged_as_the_definition_says) {
  std::mt19937_64 random(weft_test::seed());
  unsigned yes = 0, no = 0, serializable = 0;
  for (unsigned round = 0; round < 3000; ++round) {
    history h(3, 8, 64);
    run_at_random(h, random, 2 + static_cast<unsigned>(random() % 12), 5);
    auto const j = opaque(h);
    ASSERT_NE(j.said(), answer::undecided);
    ASSERT_EQ(static_cast<bool>(j), by_definition(h).opaque()) << "round " << round << '\n'
                                                               << j.text();
    ++(j ? yes : no);
    bool const committed_fit = static_cast<bool>(strictly_serializable(h));
    if (j) {
      ASSERT_TRUE(committed_fit);
    } else {
      serializable += committed_fit;
    }
  }
  std::printf("%u opaque, %u not, of which %u strictly serializable\n", yes, no, serializable);
  EXPECT_GT(yes, 300u);
  EXPECT_GT(no, 300u);
  EXPECT_GT(serializable, 30u);
}

TEST(opacity_search, a_memory_that_leaves_out_nothing_is_never_blamed) {
  std::mt19937_64 random(weft_test::seed());
  for (unsigned round = 0; round < 300; ++round) {
    history h(3, 60, 64);
    run_at_random(h, random, 0, 60);
    auto const j = opaque(h);
    ASSERT_TRUE(j) << "round " << round << '\n' << j.text();
  }
}

}  // namespace
