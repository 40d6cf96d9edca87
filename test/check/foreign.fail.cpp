// SPDX-License-Identifier: Apache-2.0
#ifdef FAIL_what_comes_before_keeps_the_real_ones
// error: comes too late
#include <mutex>
#endif

#include <weft/check/std.hpp>

#ifdef FAIL_a_block_in_a_block
// error: twice: end the first
#include <weft/check/std.hpp>
#endif

std::atomic<int> modelled{0};
struct pool {
  int free = 0;  // a name of the C heap that is not called
  bool mutex = false;
};

#ifdef FAIL_a_shared_mutex
// error: weft_check_has_no_model_of_shared_mutex
std::shared_mutex lock;
#endif

#ifdef FAIL_data_of_a_thread
// error: weft_check_has_no_model_of_thread_local
thread_local int mine = 0;
#endif

#ifdef FAIL_a_builtin_of_the_compiler
// error: weft_check_has_no_model_of___atomic_load_n
int word = 0;
int look() { return __atomic_load_n(&word, __ATOMIC_ACQUIRE); }
#endif

#ifdef FAIL_an_atomic_shared_pointer
// error: an atomic holds a trivially copyable type
std::atomic<std::shared_ptr<int>> pointer;
#endif

#ifdef FAIL_a_detached_thread
// error: detach
void let_go(std::thread& t) { t.detach(); }  // tidy: allow words: it must not compile
#endif

#include <weft/check/std_end.hpp>

std::shared_mutex real_lock;
thread_local int really_mine = 0;
