// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <memory>

// What is right.
inline auto right(weft::tvar<int>& v) {
  return weft::atomically([&](weft::transaction& tx) { tx.write(v, tx.read(v) + 1); });
}

#ifdef FAIL_a_body_that_waits
// error: the body of a transaction is a plain function
inline auto waits(weft::tvar<int>& v) {
  return weft::atomically([&](weft::transaction& tx) -> weft::task<int> { co_return tx.read(v); });
}
#endif

#ifdef FAIL_a_reference_as_value
// error: a transaction gives a value
inline auto refers(int& x) {
  return weft::atomically([&](weft::transaction&) -> int& { return x; });
}
#endif

#ifdef FAIL_a_value_that_cannot_be_copied
// error: constraints not satisfied
inline weft::tvar<std::unique_ptr<int>> owner;
#endif

#ifdef FAIL_a_write_outside
// error: write
inline void outside(weft::tvar<int>& v) { v.write(1); }
#endif

#ifdef FAIL_a_variable_of_another_type
// error: no matching
inline auto other(weft::tvar<int>& v) {
  return weft::atomically([&](weft::transaction& tx) { tx.write(v, "text"); });
}
#endif
