# Shared by the scripts that make a source file which puts files into the program as data: common/python/embed.cmake
# and master/web/embed.cmake.
set(blocks "")
set(declarations "")
set(rows "")
set(number 0)

# Adds a row `TYPE{"NAME", …}` with the bytes of the file DATA, which is made of the file SOURCE. Symbols of the program
# begin with PREFIX.
macro(embed type prefix name source data)
  file(SHA256 ${source} hash)
  set(symbol ${prefix}_${number})
  # The hash is there so that the compiler sees a change.
  string(APPEND blocks "// ${name} ${hash}
asm(\".section .rodata\\n.global ${symbol}\\n${symbol}:\\n.incbin \\\"${data}\\\"\\n\"
    \".global ${symbol}_end\\n${symbol}_end:\\n.byte 0\\n.previous\\n\");
")
  string(APPEND declarations "extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n")
  string(APPEND rows "      ${type}{\"${name}\", between(${symbol}, ${symbol}_end)},\n")
  math(EXPR number "${number} + 1")
endmacro()

# Sets `text` to the source file of these rows, which NAMESPACE::FUNCTION of HEADER returns. SCRIPT is named in it.
macro(make_text script header namespace type function table)
  set(text "// Made by ${script}. NOLINTBEGIN: nobody writes it.
#include <array>

#include \"${header}\"

${blocks}
extern \"C\" {
${declarations}}

namespace ${namespace} {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::span<const ${type}> ${function}() {
  static const std::array<${type}, ${number}> ${table} = {
${rows}  };
  return ${table};
}

}  // namespace ${namespace}
// NOLINTEND
")
endmacro()
