#include "master/tools.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>

#include "common/base/output_file.h"
#include "common/base/printable.h"
#include "common/base/result.h"
#include "master/report/compare.h"
#include "master/web/access.h"

namespace locust::master {
namespace {

constexpr int kWrongUse = 2;

int complain(const std::string& message) {
  std::cerr << printable_lines(message) << '\n';
  return kWrongUse;
}

constexpr std::array kEndingSignals = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

// The terminal's settings before its input was hidden, for the signal handler too.
termios& shown_input() {
  static termios settings{};
  return settings;
}

void show_input_and_end(int signal) {
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_input());
  ::raise(signal);  // whose handler is the default again
}

// While it lives, a terminal does not show what is typed. It does again if a signal ends the
// program, as Ctrl-C does.
class HiddenInput {
 public:
  HiddenInput() : is_terminal_(::tcgetattr(STDIN_FILENO, &shown_input()) == 0) {
    if (!is_terminal_) return;
    struct sigaction action {};
    action.sa_handler = show_input_and_end;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < kEndingSignals.size(); ++i) {
      ::sigaction(kEndingSignals[i], &action, &handlers_[i]);
    }
    termios hidden = shown_input();
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    std::cerr << "Password: ";
  }
  ~HiddenInput() {
    if (!is_terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_input());
    for (std::size_t i = 0; i < kEndingSignals.size(); ++i) {
      ::sigaction(kEndingSignals[i], &handlers_[i], nullptr);
    }
    std::cerr << '\n';
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

 private:
  const bool is_terminal_;
  std::array<struct sigaction, kEndingSignals.size()> handlers_{};  // those before
};

Result<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) return Error{"--compare: cannot read " + path};
  return std::move(content).str();
}

}  // namespace

int print_password_hash() {
  std::string password;
  {
    const HiddenInput hidden;
    std::getline(std::cin, password);
  }
  if (password.empty()) return complain("--hash-password: the password is empty");
  std::cout << web::hash_password(password) << '\n';
  return 0;
}

int print_comparison(const std::vector<std::string>& files,
                     const std::optional<std::string>& json_file) {
  if (files.size() != 2) return complain("--compare needs two files");
  const auto before = content_of(files[0]);
  if (!before) return complain(before.error());
  const auto after = content_of(files[1]);
  if (!after) return complain(after.error());
  const auto comparison = compare_runs(*before, *after);
  if (!comparison) return complain("--compare: " + comparison.error());
  for (const std::string& line : comparison->lines) std::cout << printable(line) << '\n';
  if (!json_file) return 0;
  const auto written = replace_file(*json_file + ".json", comparison->json + "\n");
  return written ? 0 : complain("--json-file: cannot write " + written.error());
}

}  // namespace locust::master
