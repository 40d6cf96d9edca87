# SPDX-License-Identifier: Apache-2.0
# Finds hwloc and offers hwloc::hwloc. Installed beside weftConfig.cmake: a static weft needs it at
# link time, where only the library has to be there.
find_path(hwloc_INCLUDE_DIR hwloc.h)
find_library(hwloc_LIBRARY hwloc)
mark_as_advanced(hwloc_INCLUDE_DIR hwloc_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(hwloc REQUIRED_VARS hwloc_LIBRARY
  REASON_FAILURE_MESSAGE "on Debian: apt-get install libhwloc-dev")

if(hwloc_FOUND AND NOT TARGET hwloc::hwloc)
  add_library(hwloc::hwloc UNKNOWN IMPORTED)
  set_target_properties(hwloc::hwloc PROPERTIES IMPORTED_LOCATION "${hwloc_LIBRARY}")
  if(hwloc_INCLUDE_DIR)
    set_target_properties(hwloc::hwloc PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${hwloc_INCLUDE_DIR}")
  endif()
endif()
