# SPDX-License-Identifier: Apache-2.0
# weft_variants(PROGRAM SPEC HEADER...): the test program includes "X_variants.hpp", made from
# X_variants.json and the headers it names; see variants.py.
function(weft_variants program spec)
  if(NOT TARGET ${program})
    return()
  endif()
  get_filename_component(stem ${spec} NAME_WE)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${stem}.hpp)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/)
  set(tool ${PROJECT_SOURCE_DIR}/test/support/variants.py)
  add_custom_command(OUTPUT ${out}
    COMMAND ${Python3_EXECUTABLE} ${tool} ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${spec}
            ${out}
    DEPENDS ${tool} ${CMAKE_CURRENT_SOURCE_DIR}/${spec} ${ARGN})
  target_sources(${program} PRIVATE ${out})
  target_include_directories(${program} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
