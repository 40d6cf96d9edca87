# SPDX-License-Identifier: Apache-2.0
# The library a second time, on the atoms of the checker: what x.model.cpp is linked with. What
# talks to the system (signals, main, topology, the native atoms) is not in it. Never installed.
#
# The checker has its own eye on memory and threads; sanitizers would only be in its way.
if(WEFT_SANITIZE)
  return()
endif()
get_target_property(sources weft SOURCES)
list(FILTER sources EXCLUDE
  REGEX "/(base/native|mem/(neutralizer|read_signal|thread_status))\\.cpp$")
list(FILTER sources EXCLUDE
  REGEX "/(exec/(signals|topology|default_runtime)|task/main)\\.cpp$")
add_library(weft_model STATIC ${sources} ${CMAKE_CURRENT_SOURCE_DIR}/support/no_runtime.cpp)
weft_flags(weft_model)
target_compile_definitions(weft_model PUBLIC WEFT_MODEL WEFT_MALLOC_FRAMES=1)
target_include_directories(weft_model
  PUBLIC $<TARGET_PROPERTY:weft,INTERFACE_INCLUDE_DIRECTORIES>
  PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(weft_model PUBLIC weft::check PRIVATE Threads::Threads)
