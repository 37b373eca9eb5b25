// locust-manual FOLDER: writes the manual pages and shell completions of all programs into FOLDER. A tool of the
// build, which is not installed.

#include <filesystem>
#include <fstream>
#include <iostream>

#include "deploy/package/manual/program_manual.h"

namespace locust::manual {
namespace {

bool write(const std::filesystem::path& file, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  std::ofstream stream(file);
  stream << text;
  stream.close();
  if (!stream) std::cerr << "locust-manual: cannot write " << file.string() << '\n';
  return stream.good();
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: locust-manual FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  for (const ProgramManual& program : program_manuals()) {
    const std::string name(program.name);
    const bool written = write(folder / "man" / (name + ".1"), man_page(program)) &&
                         write(folder / "bash" / name, bash_completion(program)) &&
                         write(folder / "zsh" / ("_" + name), zsh_completion(program)) &&
                         write(folder / "fish" / (name + ".fish"), fish_completion(program));
    if (!written) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace locust::manual

int main(int argc, char** argv) { return locust::manual::main(argc, argv); }
