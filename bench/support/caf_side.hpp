// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/sampler.hpp"

#include <memory>

#if WEFT_BENCH_CAF
#include <caf/all.hpp>

namespace bench {

/// An actor system of CAF with so many workers, which lives as long as the sample that captures it.
///
/// `sharing` is one queue for all workers; else they steal, which is CAF's default.
inline std::shared_ptr<caf::actor_system> caf_system(unsigned threads, bool sharing) {
  struct both {
    both(unsigned n, bool shared) {
      config.set("scheduler.max-threads", std::size_t{n});
      config.set("scheduler.policy", shared ? caf::atom("sharing") : caf::atom("stealing"));
      system = std::make_unique<caf::actor_system>(config);
    }
    caf::actor_system_config config;
    std::unique_ptr<caf::actor_system> system;
  };
  auto const made = std::make_shared<both>(threads, sharing);
  return {made, made->system.get()};
}

}  // namespace bench
#endif
