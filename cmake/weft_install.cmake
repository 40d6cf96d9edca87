# SPDX-License-Identifier: Apache-2.0
# The installed tree: library, headers, find_package, pkg-config, programs, examples. The packages.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(WEFT_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/weft)

install(TARGETS weft EXPORT weft FILE_SET HEADERS)
install(TARGETS weft_check EXPORT weft_check FILE_SET HEADERS)
if(TARGET weft_cli)
  install(TARGETS weft_cli)
endif()
if(TARGET weft_scheme)
  install(TARGETS weft_scheme EXPORT weft_scheme FILE_SET HEADERS)
  install(EXPORT weft_scheme NAMESPACE weft:: FILE weftSchemeTargets.cmake
          DESTINATION ${WEFT_CMAKE_DIR})
  install(DIRECTORY scheme/ DESTINATION ${WEFT_SCHEME_SITE} FILES_MATCHING PATTERN "*.scm")
  install(DIRECTORY ${PROJECT_BINARY_DIR}/share/weft/ccache/
          DESTINATION ${WEFT_SCHEME_SITE_CCACHE} FILES_MATCHING PATTERN "*.go")
endif()
if(TARGET weft-bench)  # on request: it links every rival that was found
  install(TARGETS weft-bench COMPONENT bench EXCLUDE_FROM_ALL)
endif()

install(EXPORT weft NAMESPACE weft:: FILE weftTargets.cmake DESTINATION ${WEFT_CMAKE_DIR})
# Whoever does not ask for the component `check` needs no Boost.
install(EXPORT weft_check NAMESPACE weft:: FILE weftCheckTargets.cmake
        DESTINATION ${WEFT_CMAKE_DIR})
configure_package_config_file(cmake/weftConfig.cmake.in weftConfig.cmake
  INSTALL_DESTINATION ${WEFT_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(weftConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/weftConfig.cmake ${PROJECT_BINARY_DIR}/weftConfigVersion.cmake
              cmake/Findhwloc.cmake cmake/weft_add_executable.cmake
        DESTINATION ${WEFT_CMAKE_DIR})

# A static archive is linked with what it needs; a shared library has brought it along.
if(BUILD_SHARED_LIBS)
  set(WEFT_PC_LIBS "")
else()
  set(WEFT_PC_LIBS " -lhwloc -pthread")
endif()
file(RELATIVE_PATH WEFT_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/weft.pc.in weft.pc @ONLY)
configure_file(cmake/weft-check.pc.in weft-check.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/weft.pc ${PROJECT_BINARY_DIR}/weft-check.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY share/examples/ DESTINATION ${CMAKE_INSTALL_DATADIR}/weft/examples)
install(FILES README.md CHANGELOG.md CONTRIBUTING.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY doc DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")

set(CPACK_PACKAGE_CONTACT "the weft developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_STRIP_FILES OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_DEPENDS libhwloc-dev)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
