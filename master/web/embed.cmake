# cmake -D PAGE=FOLDER -D OUT=FILE.cc -P embed.cmake: compresses the files below FOLDER and makes a
# source file that puts them into the program (master/web/assets.h). Does nothing if FILE.cc has them.
cmake_policy(SET CMP0057 NEW)
file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE ${PAGE} ${PAGE}/*)
list(FILTER files EXCLUDE REGEX "^\\.")
list(SORT files)
set(packed ${OUT}.files)

set(blocks "")
set(declarations "")
set(rows "")
set(number 0)
foreach(file IN LISTS files)
  file(SHA256 ${PAGE}/${file} hash)
  set(symbol locust_asset_${number})
  # The hash is there so that the compiler sees a change.
  string(APPEND blocks "// ${file} ${hash}
asm(\".section .rodata\\n.global ${symbol}\\n${symbol}:\\n.incbin \\\"${packed}/${file}.gz\\\"\\n\"
    \".global ${symbol}_end\\n${symbol}_end:\\n.byte 0\\n.previous\\n\");
")
  string(APPEND declarations "extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n")
  string(APPEND rows "      Asset{\"${file}\", between(${symbol}, ${symbol}_end)},\n")
  math(EXPR number "${number} + 1")
endforeach()

set(text "// Made by master/web/embed.cmake. NOLINTBEGIN: nobody writes it.
#include <array>

#include \"master/web/assets.h\"

${blocks}
extern \"C\" {
${declarations}}

namespace locust::master::web {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::span<const Asset> embedded_assets() {
  static const std::array<Asset, ${number}> kAssets = {
${rows}  };
  return kAssets;
}

}  // namespace locust::master::web
// NOLINTEND
")
if(EXISTS ${OUT})
  file(READ ${OUT} known)
  if(known STREQUAL text)
    return()
  endif()
endif()

foreach(file IN LISTS files)
  get_filename_component(folder ${packed}/${file} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND gzip -9nc ${PAGE}/${file} OUTPUT_FILE ${packed}/${file}.gz
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(WRITE ${OUT} "${text}")
