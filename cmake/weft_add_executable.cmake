# SPDX-License-Identifier: Apache-2.0
# weft_add_executable(NAME SOURCE...) is add_executable with weft linked. Where the compiler is g++ 12,
# it says which page of the guide to read: that compiler miscompiles some forms of coroutines.
function(weft_add_executable name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE weft::weft)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()
