// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace wordcount {

/// The program cannot do what it was asked for; the text is for whoever asked.
class failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace wordcount
