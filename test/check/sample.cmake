# SPDX-License-Identifier: Apache-2.0
# sample.race.cpp runs the samples on the native atoms, some of which are functions of the library.
target_link_libraries(race_check PRIVATE weft)
target_include_directories(race_check PRIVATE ${PROJECT_SOURCE_DIR})

# The samples with mistakes in their text, for sample_*.model.cpp.
set(samples ${PROJECT_SOURCE_DIR}/check/sample)
set(sample_variants ${CMAKE_CURRENT_BINARY_DIR}/sample_variants.hpp)
file(GLOB sample_headers CONFIGURE_DEPENDS ${samples}/*.hpp)
add_custom_command(OUTPUT ${sample_variants}
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/sample_variants.py
          ${samples} ${sample_variants}
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/sample_variants.py ${sample_headers})
target_sources(model_check PRIVATE ${sample_variants})
target_include_directories(model_check PRIVATE ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_BINARY_DIR})
