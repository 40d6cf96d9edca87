# SPDX-License-Identifier: Apache-2.0
# The tests of other people's headers once more, each against copies with one order weakened.
if(WEFT_SANITIZE)
  return()
endif()

find_package(Boost 1.74 REQUIRED COMPONENTS context)

function(weft_foreign_test name header)
  find_path(WEFT_FOREIGN_${name} ${header} REQUIRED)
  weft_script_test(foreign_changed.${name} model
    ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/foreign.py
    ${CMAKE_CURRENT_SOURCE_DIR}/foreign_${name}.model.cpp
    ${CMAKE_CURRENT_BINARY_DIR}/foreign_${name} ${WEFT_FOREIGN_${name}}
    ${CMAKE_CXX_COMPILER_LAUNCHER} ${CMAKE_CXX_COMPILER} -std=c++20
    -I${PROJECT_SOURCE_DIR}/include -I${PROJECT_SOURCE_DIR}/test
    -- $<TARGET_FILE:weft_check> $<TARGET_LINKER_FILE:GTest::gtest_main>
    $<TARGET_LINKER_FILE:GTest::gtest> $<TARGET_LINKER_FILE:Boost::context>
    $<$<BOOL:${CMAKE_DL_LIBS}>:-l${CMAKE_DL_LIBS}>)
  set_tests_properties(foreign_changed.${name} PROPERTIES PROCESSORS 2)
endfunction()

weft_foreign_test(concurrentqueue concurrentqueue/concurrentqueue.h)
weft_foreign_test(readerwriterqueue readerwriterqueue/readerwriterqueue.h)
weft_foreign_test(spsc_queue boost/lockfree/spsc_queue.hpp)
