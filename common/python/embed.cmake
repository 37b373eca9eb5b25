# cmake -D SOURCES=FOLDER -D OUT=FILE.cc -P embed.cmake: makes a source file that puts the Python
# files below FOLDER into the program (common/python/embedded.h).
file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE ${SOURCES} ${SOURCES}/*.py)
list(SORT files)
set(blocks "")
set(declarations "")
set(rows "")
set(number 0)
foreach(file IN LISTS files)
  file(SHA256 ${SOURCES}/${file} hash)
  set(symbol locust_python_${number})
  # The hash is there so that the compiler sees a change.
  string(APPEND blocks "// ${file} ${hash}
asm(\".section .rodata\\n.global ${symbol}\\n${symbol}:\\n.incbin \\\"${SOURCES}/${file}\\\"\\n\"
    \".global ${symbol}_end\\n${symbol}_end:\\n.byte 0\\n.previous\\n\");
")
  string(APPEND declarations "extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n")
  string(APPEND rows "      EmbeddedFile{\"${file}\", between(${symbol}, ${symbol}_end)},\n")
  math(EXPR number "${number} + 1")
endforeach()

set(text "// Made by common/python/embed.cmake. NOLINTBEGIN: nobody writes it.
#include <array>

#include \"common/python/embedded.h\"

${blocks}
extern \"C\" {
${declarations}}

namespace locust::python {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::span<const EmbeddedFile> embedded_files() {
  static const std::array<EmbeddedFile, ${number}> kFiles = {
${rows}  };
  return kFiles;
}

}  // namespace locust::python
// NOLINTEND
")
if(EXISTS ${OUT})
  file(READ ${OUT} known)
  if(known STREQUAL text)
    return()
  endif()
endif()
file(WRITE ${OUT} "${text}")
