#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <span>

#include "common/base/printable.h"
#include "common/base/python_repr.h"
#include "common/base/text.h"
#include "common/stats/stats.h"

namespace locust {
namespace {

constexpr std::string_view kObjectAddress = "object at 0x";
constexpr std::string_view kCatchResponseError = "CatchResponseError(";

std::string sha256_hex(std::string_view text) {
  // Fetched once: looking the algorithm up costs more than digesting a short text.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, sha256, nullptr) != 1) {
    std::abort();  // only an OpenSSL without SHA-256 can do this
  }
  return hex(std::span(digest).first(size));
}

}  // namespace

std::string FailedExchange::to_text(std::string_view indent) const {
  std::string text;
  const auto add = [&](std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      std::string_view line = lines.substr(0, end);
      lines = end == std::string_view::npos ? std::string_view() : lines.substr(end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      text.append(indent);
      append_printable(text, line);
      text += '\n';
    }
  };
  add(request);
  add(response);
  add(body);
  for (const std::string& value : values) add("where " + value);
  return text;
}

std::string StatsError::parse_error(std::string_view error) {
  std::string text(error);
  const std::size_t object = text.find(kObjectAddress);
  if (object == std::string::npos) return text;
  const std::size_t start = object + kObjectAddress.size() - 2;
  const std::size_t end = text.find('>', start);
  if (end == std::string::npos) return text;
  const std::string address = text.substr(start, end - start);
  constexpr std::string_view kHidden = "0x....";
  for (std::size_t at = text.find(address); at != std::string::npos;
       at = text.find(address, at + kHidden.size())) {
    text.replace(at, address.size(), kHidden);
  }
  return text;
}

std::string StatsError::create_key(std::string_view method, std::string_view name,
                                   std::string_view parsed_error) {
  std::string text;
  text.append(method).append(".").append(name).append(".").append(python_repr(parsed_error));
  return sha256_hex(text);
}

std::string StatsError::to_name() const {
  std::string_view text = error;
  if (text.starts_with(kCatchResponseError)) {
    text.remove_prefix(kCatchResponseError.size());
    // The closing bracket, or whatever character is last.
    while (!text.empty()) {
      const bool continuation = (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80;
      text.remove_suffix(1);
      if (!continuation) break;
    }
  }
  return method + " " + name + ": " + std::string(text);
}

}  // namespace locust
