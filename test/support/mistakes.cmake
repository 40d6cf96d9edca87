# SPDX-License-Identifier: Apache-2.0
# weft_mistakes(PROGRAM SPEC SOURCE...): in that test program, sources of weft have the mistakes of
# SPEC, each put in only while a test says so; see mistakes.py. They stand for those of the library.
function(weft_mistakes program spec)
  if(NOT TARGET ${program})
    return()
  endif()
  set(out ${CMAKE_CURRENT_BINARY_DIR}/mistakes)
  file(MAKE_DIRECTORY ${out})
  set(tool ${PROJECT_SOURCE_DIR}/test/support/mistakes.py)
  set(made ${out}/mistakes.cpp)
  set(folders)
  foreach(source IN LISTS ARGN)
    get_filename_component(name ${source} NAME)
    get_filename_component(folder ${PROJECT_SOURCE_DIR}/${source} DIRECTORY)
    list(APPEND made ${out}/${name})
    list(APPEND folders ${folder})
  endforeach()
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/)
  add_custom_command(OUTPUT ${made}
    COMMAND ${Python3_EXECUTABLE} ${tool} ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${spec}
            ${out}
    DEPENDS ${tool} ${CMAKE_CURRENT_SOURCE_DIR}/${spec} ${ARGN})
  target_sources(${program} PRIVATE ${made})
  set_source_files_properties(${made} PROPERTIES INCLUDE_DIRECTORIES "${folders}")
endfunction()
