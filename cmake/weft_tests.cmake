# SPDX-License-Identifier: Apache-2.0
# How a test is added. The file's name says what it is:
#
#   x.cpp              unit          GoogleTest, quick, no real time
#   x.race.cpp         race          real threads with a check of their history
#   x.model.cpp        model         scenarios for the checker, on weft_model; of a layer of weft
#                      race          also on real threads, as stress_<layer>
#   x.integration.cpp  integration   several layers, files, processes
#   x.e2e.cpp          e2e           the installed programs
#   x.soak.cpp         soak          long; only `make stress` runs it
#   x.fail.cpp         unit          must not compile, see test/fail.py
#   x.lto.cpp          unit          linked with the library under -O2 -flto=thin
#
# The files of one layer and label share an executable, test/<label>_<layer>.
find_package(GTest REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
include(GoogleTest)
add_custom_target(unit_tests)

# weft_tests(LAYER [SERIAL] [LIBRARY L] FILE...)
# SERIAL: nothing else runs beside these, they measure. LIBRARY: what is tested, if it is not weft.
# Several calls for one layer are fine if their labels differ.
function(weft_tests layer)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "LIBRARY" "")
  set(library weft)
  if(arg_LIBRARY)
    set(library ${arg_LIBRARY})
  endif()
  set(group ${layer})
  if(arg_SERIAL)
    set(group ${layer}_serial)
  endif()
  foreach(file IN LISTS arg_UNPARSED_ARGUMENTS)
    string(REGEX MATCH "\\.(race|model|integration|e2e|soak|fail|lto)\\.cpp$" match ${file})
    set(label unit)
    if(match)
      set(label ${CMAKE_MATCH_1})
    endif()
    list(APPEND files_${label} ${file})
    set_property(GLOBAL APPEND PROPERTY WEFT_TEST_FILES ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  if(files_model AND library STREQUAL "weft")
    weft_test_program(stress_${group} weft ${files_model})
    weft_register(stress_${group} race "${arg_SERIAL}")
    if(TARGET weft_model)
      weft_test_program(model_${group} weft_model ${files_model})
      weft_register(model_${group} model "${arg_SERIAL}")
    endif()
    set(files_model)
  endif()
  foreach(label unit race model integration e2e soak)
    if(files_${label})
      weft_test_program(${label}_${group} ${library} ${files_${label}})
      weft_register(${label}_${group} ${label} "${arg_SERIAL}")
    endif()
  endforeach()
  if(files_lto)
    weft_lto_test(lto_${group} ${files_lto})
  endif()
  foreach(file IN LISTS files_fail)
    weft_fail_test(${layer} ${file})
  endforeach()
endfunction()

# One GoogleTest program.
function(weft_test_program name library)
  add_executable(${name} ${ARGN})
  weft_flags(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(${name} PRIVATE ${library} GTest::gmock GTest::gtest_main Threads::Threads)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test)
endfunction()

# Registers the cases of a program with ctest. Only unit tests have a limit of their own; what can
# be told how long to run (WEFT_DURATION) is limited by ctest --timeout.
function(weft_register name label serial)
  set(properties LABELS ${label})
  if(label STREQUAL "unit")
    add_dependencies(unit_tests ${name})
    set(limit 60)
    if(WEFT_SANITIZE)
      set(limit 240)
    endif()
    list(APPEND properties TIMEOUT ${limit})
  endif()
  if(serial)
    list(APPEND properties RUN_SERIAL ON)
  elseif(label MATCHES "race|model|soak")
    list(APPEND properties PROCESSORS 2)  # they oversubscribe the machine themselves
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES ${properties})
endfunction()

# The library's sources and the test's together under link-time optimisation. What an optimiser that
# sees everything might break (thread identity across a suspension) is tested so.
function(weft_lto_test name)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang" OR WEFT_SANITIZE)
    return()
  endif()
  if(NOT TARGET weft_lto)
    get_target_property(sources weft SOURCES)
    add_library(weft_lto STATIC ${sources})
    weft_flags(weft_lto)
    target_include_directories(weft_lto
      PUBLIC $<TARGET_PROPERTY:weft,INTERFACE_INCLUDE_DIRECTORIES>
      PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_compile_options(weft_lto PRIVATE -O2 -flto=thin)
    target_link_libraries(weft_lto PRIVATE Threads::Threads hwloc::hwloc)
  endif()
  weft_test_program(${name} weft_lto ${ARGN})
  target_compile_options(${name} PRIVATE -O2 -flto=thin)
  target_link_options(${name} PRIVATE -flto=thin -fuse-ld=lld -O2)
  weft_register(${name} unit OFF)
endfunction()

# Code that must not compile, with the words the compiler must say.
function(weft_fail_test layer file)
  get_filename_component(stem ${file} NAME_WE)
  add_test(NAME fail_${layer}.${stem}
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/test/fail.py
            ${CMAKE_CURRENT_SOURCE_DIR}/${file} -- ${CMAKE_CXX_COMPILER} -std=c++20
            -I$<JOIN:$<TARGET_PROPERTY:weft,INTERFACE_INCLUDE_DIRECTORIES>,$<SEMICOLON>-I>
    COMMAND_EXPAND_LISTS)
  set_tests_properties(fail_${layer}.${stem} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

# weft_script_test(NAME LABELS COMMAND...): any other program as a test.
function(weft_script_test name labels)
  add_test(NAME ${name} COMMAND ${ARGN} COMMAND_EXPAND_LISTS)
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT 600)
endfunction()
