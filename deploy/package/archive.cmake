# Run by CPack: packs its staging folder so that equal folders give equal archives.
set(name ${CPACK_PACKAGE_FILE_NAME})
set(archive ${CPACK_TOPLEVEL_DIRECTORY}/${name}.tar.gz)
set(time "now")
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(time "@$ENV{SOURCE_DATE_EPOCH}")
endif()
execute_process(
  COMMAND tar --create --directory ${CPACK_TEMPORARY_DIRECTORY} --transform "s,^\\.,${name}," --sort=name
    --mtime=${time} --owner=0 --group=0 --numeric-owner
    --mode=u=rwX,go=rX --format=gnu .
  COMMAND gzip -9n
  OUTPUT_FILE ${archive}
  COMMAND_ERROR_IS_FATAL ANY)
set(CPACK_EXTERNAL_BUILT_PACKAGES ${archive})
