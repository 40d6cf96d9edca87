# SPDX-License-Identifier: Apache-2.0
# weft_add_executable(NAME SOURCE...) is add_executable with weft linked, in C++ without extensions.
function(weft_add_executable name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE weft::weft)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()
