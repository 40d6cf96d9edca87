# SPDX-License-Identifier: Apache-2.0
# Tests that call compilers: the code that comes of the native atoms, and the first hour of an
# author on the installed tree.
if(WEFT_SANITIZE)
  return()
endif()
foreach(compiler clang++-19 g++)
  find_program(CHECK_${compiler} ${compiler})
  if(CHECK_${compiler})
    weft_script_test(check.native_costs_nothing.${compiler} integration
      ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/policy/compare.py ${PROJECT_SOURCE_DIR}
      ${compiler})
    weft_script_test(check.first_hour.${compiler} e2e
      ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/first_hour.py ${PROJECT_BINARY_DIR}
      ${compiler})
  endif()
endforeach()
