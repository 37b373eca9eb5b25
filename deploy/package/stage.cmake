# Run by CPack between the installation into its staging folder and the packaging: makes of the installed
# files what the package is to have.
set(here ${CMAKE_CURRENT_LIST_DIR})

# A manual page has a date, which the build does not know: that of the package.
function(date_pages folder)
  string(TIMESTAMP date "%Y-%m-%d" UTC)  # of SOURCE_DATE_EPOCH, if it is set
  file(GLOB pages ${folder}/*.1)
  foreach(page IN LISTS pages)
    file(READ ${page} text)
    string(REGEX REPLACE "^(.TH [^ ]+ 1) \"\"" "\\1 \"${date}\"" text "${text}")
    file(WRITE ${page} "${text}")
  endforeach()
endfunction()

# /usr/bin/locust belongs to update-alternatives (deb/postinst), with all that goes by that name.
function(stage_deb usr)
  foreach(file bin/locust share/man/man1/locust.1 share/bash-completion/completions/locust
      share/fish/vendor_completions.d/locust.fish)
    string(REGEX REPLACE "locust(\\.1|\\.fish|)$" "locust-cpp\\1" renamed ${file})
    file(RENAME ${usr}/${file} ${usr}/${renamed})
  endforeach()
  file(RENAME ${usr}/share/zsh/site-functions ${usr}/share/zsh/vendor-completions)
  file(RENAME ${usr}/share/zsh/vendor-completions/_locust ${usr}/share/zsh/vendor-completions/_locust-cpp)
  # The completions of the other name.
  file(APPEND ${usr}/share/bash-completion/completions/locust-cpp "complete -F _locust locust-cpp\n")
  foreach(file share/zsh/vendor-completions/_locust-cpp share/fish/vendor_completions.d/locust-cpp.fish)
    file(READ ${usr}/${file} text)
    string(REPLACE "#compdef locust" "#compdef locust locust-cpp" text "${text}")
    string(REPLACE "complete -c locust " "complete -c locust -c locust-cpp " text "${text}")
    file(WRITE ${usr}/${file} "${text}")
  endforeach()
  file(GLOB pages ${usr}/share/man/man1/*.1)
  execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(root ${CPACK_TEMPORARY_DIRECTORY})
if(CPACK_GENERATOR STREQUAL "DEB")
  date_pages(${root}/usr/share/man/man1)
  stage_deb(${root}/usr)
else()
  date_pages(${root}/share/man/man1)
  execute_process(COMMAND /usr/bin/python3 -B ${here}/bundle.py ${root} COMMAND_ERROR_IS_FATAL ANY)
endif()
