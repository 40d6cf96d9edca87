// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.hpp"

#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>
#include <weft/check/mutex.hpp>
#include <weft/check/thread.hpp>

#include <array>
#include <list>
#include <mutex>
#include <string>

// The same programs, done by the checker: each step with the checker's own objects.
namespace weft_test {

/// What the threads of a program share, in one execution.
class stage {
 public:
  using model = weft::check::model;

  explicit stage(program const& p) : program_(p) {}

  /// All threads run beside each other; in two halves, the later pair of four after the first.
  void run(weft::check::threads& run, bool in_halves) {
    auto const body = [this](unsigned t) {
      return [this, t] {
        for (auto const& s : program_[t]) {
          if (s.only_if < 0 || last_[t] == s.only_if) perform(s, t);
        }
      };
    };
    if (program_.size() == 2) {
      run(body(0), body(1));
    } else if (program_.size() == 3) {
      run(body(0), body(1), body(2));
    } else if (!in_halves) {
      run(body(0), body(1), body(2), body(3));
    } else {
      run(body(0), body(1));
      run(body(2), body(3));
    }
  }

  [[nodiscard]] std::string seen() {
    unsigned finals[places];
    for (unsigned a = 0; a < places; ++a) finals[a] = places_[a].load(weft::relaxed);
    return outcome(reads_, program_.size(), finals);
  }

 private:
  using number = weft::check::atomic<unsigned>;
  struct kept_tag;
  using kept = model::thread_slot<unsigned, kept_tag>;

  void read(unsigned t, unsigned value, bool failed = false) {
    last_[t] = static_cast<int>(value);
    add_read(reads_[t], value, failed);
  }

  void perform(step const& s, unsigned t) {
    if (s.what <= does::grab) {
      access(s, places_[s.at % places], t);
    } else if (s.what <= does::rouse_all) {
      rest(s, places_[s.at % places], t);
    } else {
      meet(s, t);
    }
  }

  void access(step const& s, number& a, unsigned t) {
    auto const v = static_cast<unsigned>(s.value);
    switch (s.what) {
      case does::load:
        return read(t, a.load(s.order));
      case does::store:
        return a.store(v, s.order);
      case does::exchange:
        return read(t, a.exchange(v, s.order));
      case does::add:
        return read(t, a.fetch_add(v, s.order));
      case does::strong:
      case does::weak: {
        auto expected = static_cast<unsigned>(s.expected);
        bool const done = s.what == does::weak
                              ? a.compare_exchange_weak(expected, v, s.order, s.failed)
                              : a.compare_exchange_strong(expected, v, s.order, s.failed);
        return read(t, expected, !done);
      }
      case does::fence:
        return weft::check::atomic_thread_fence(s.order);
      case does::get:
        return (void)plain_[s.at].get();
      case does::set:
        return plain_[s.at].set(1);
      default:
        return spin(s, a, t);
    }
  }

  void spin(step const& s, number& a, unsigned t) {
    unsigned v = 0;
    if (s.what == does::await) {
      while ((v = a.load(s.order)) == 0) model::pause();
    } else if (s.what == does::bump) {
      v = a.load(weft::relaxed);
      while (!a.compare_exchange_weak(v, v + 1, s.order, weft::relaxed)) model::pause();
    } else {
      while ((v = a.fetch_add(0, s.order)) == 0) model::pause();
    }
    read(t, v);
  }

  void rest(step const& s, number& a, unsigned t) {
    switch (s.what) {
      case does::either:
        while (a.load(weft::relaxed) == 0 &&
               places_[(s.at + 1) % places].load(weft::acquire) == 0) {
          model::pause();
        }
        break;
      case does::heavy:
        return model::heavy();
      case does::light:
        return model::light();
      case does::park:
        (void)model::park(a, 0);
        break;
      case does::doze:
        return read(t, model::park(a, 0, weft::time_point{weft::duration{s.value}}) ? 1 : 0);
      case does::unpark:
        return model::unpark_one(&a);
      case does::unpark_all:
        return model::unpark_all(&a);
      case does::sleep:
        return a.wait(0, s.order);
      case does::rouse:
        return a.notify_one();
      default:
        return a.notify_all();
    }
    read(t, 9);
  }

  void meet(step const& s, unsigned t) {
    switch (s.what) {
      case does::now:
        return read(t, static_cast<unsigned>(model::now().time_since_epoch().count()));
      case does::lock:
      case does::try_lock:
      case does::unlock:
        return guard(s, t);
      case does::wait:
      case does::wait_for:
        return wait(s, t);
      case does::announce:
      case does::announce_all:
      case does::blurt:
        return announce(s.what);
      case does::signal:
        return signal(s);
      case does::any:
        return read(t, model::any(static_cast<unsigned>(s.value) + 1));
      case does::keep:
        read(t, kept::get());
        return kept::set(static_cast<unsigned>(s.value));
      default:
        return spawn(s, t);
    }
  }

  // A thread locks what it does not hold, and unlocks what it does.
  void guard(step const& s, unsigned t) {
    auto& held = held_[t][s.at];
    auto& m = mutexes_[s.at];
    if (s.what == does::unlock) {
      if (held) m.unlock();
      held = false;
    } else if (s.what == does::lock) {
      if (!held) m.lock();
      held = true;
    } else if (!held) {
      held = m.try_lock();
      read(t, held ? 1 : 0);
    }
  }

  void wait(step const& s, unsigned t) {
    std::unique_lock<weft::check::mutex> lock(condition_mutex_);
    if (s.what == does::wait) {
      while (!announced_.get()) condition_.wait(lock);
      read(t, 9);
    } else {
      auto const limit = weft::duration{s.value};
      read(t, condition_.wait_for(lock, limit, [&] { return announced_.get(); }) ? 1 : 0);
    }
  }

  void announce(does how) {
    {
      std::scoped_lock const lock(condition_mutex_);
      announced_ = true;
    }
    if (how == does::announce) condition_.notify_one();
    if (how == does::announce_all) condition_.notify_all();
  }

  // The handler adds to a place and to what the thread keeps, and shows what it found there.
  void signal(step const& s) {
    auto const to = s.at % program_.size();
    weft::check::send_signal(static_cast<unsigned>(to + 1), [this, to, v = s.value] {
      auto const found = places_[0].fetch_add(static_cast<unsigned>(v), weft::acquire);
      read(static_cast<unsigned>(to), found);
      kept::set(kept::get() + 10);
    });
  }

  void spawn(step const& s, unsigned t) {
    weft::check::thread other(
        [this, &s] { places_[s.at].fetch_add(static_cast<unsigned>(s.value), s.order); });
    read(t, places_[(s.at + 1) % places].load(weft::relaxed));
    other.join();
    read(t, places_[s.at].load(weft::relaxed));
  }

  program const& program_;
  number places_[places]{0u, 0u, 0u};
  weft::check::var<int> plain_[2]{0, 0};
  weft::check::mutex mutexes_[2];
  weft::check::mutex condition_mutex_;
  weft::check::condition_variable condition_;
  weft::check::var<bool> announced_{false};
  std::array<std::array<bool, 2>, 4> held_{};
  std::string reads_[4];
  int last_[4]{-1, -1, -1, -1};
};

/// Explores a program; result::outcomes is what was seen.
inline weft::check::result play(program const& p, weft::check::options const& o,
                                bool in_halves = false) {
  return weft::check::explore(o, [&p, in_halves](weft::check::threads& run) {
    stage s(p);
    s.run(run, in_halves);
    weft::check::note(s.seen());
  });
}

}  // namespace weft_test
