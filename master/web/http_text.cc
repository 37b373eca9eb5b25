#include "master/web/http_text.h"

#include <algorithm>
#include <cstddef>

#include "common/base/utf8.h"

namespace locust::master::web {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Removes the text up to the next `separator` from the front of `rest` and returns it.
std::string_view take_until(std::string_view& rest, std::string_view separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + separator.size());
  return part;
}

// name="value" or name=value among the parameters of a header.
std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
  take_until(header, ";");
  while (!header.empty()) {
    std::string_view value = take_until(header, ";");
    const std::string_view key = trimmed(take_until(value, "="));
    if (!same_ignoring_case(key, name)) continue;
    value = trimmed(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return std::nullopt;
}

// Name and value of one part of a multipart body; nullopt for a file.
std::optional<std::pair<std::string, std::string>> form_field(std::string_view part) {
  const std::size_t end_of_head = part.find("\r\n\r\n");
  if (end_of_head == std::string_view::npos) return std::nullopt;
  std::string_view head = part.substr(0, end_of_head);
  while (!head.empty()) {
    std::string_view value = take_until(head, "\r\n");
    if (!same_ignoring_case(trimmed(take_until(value, ":")), "content-disposition")) continue;
    const auto name = header_parameter(value, "name");
    if (!name || header_parameter(value, "filename")) return std::nullopt;
    return std::pair(repair_utf8(*name), repair_utf8(part.substr(end_of_head + 4)));
  }
  return std::nullopt;
}

}  // namespace

std::string percent_decode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    decoded += text[i] == '+' && plus == Plus::kIsSpace ? ' ' : text[i];
  }
  return repair_utf8(decoded);
}

Fields parse_form(std::string_view text) {
  Fields fields;
  while (!text.empty() && fields.size() <= kMaxFields) {
    std::string_view value = take_until(text, "&");
    if (value.empty()) continue;
    const std::string_view key = take_until(value, "=");
    fields.emplace_back(percent_decode(key, Plus::kIsSpace), percent_decode(value, Plus::kIsSpace));
  }
  return fields;
}

Fields parse_multipart(std::string_view content_type, std::string_view body) {
  Fields fields;
  const auto boundary = header_parameter(content_type, "boundary");
  if (!is_media_type(content_type, "multipart/form-data") || !boundary || boundary->empty()) {
    return fields;
  }
  // The first delimiter has no line end before it.
  const std::string first = "--" + *boundary;
  if (const std::size_t begin = body.find(first); begin != std::string_view::npos) {
    body.remove_prefix(begin + first.size());
  } else {
    return fields;
  }
  const std::string delimiter = "\r\n" + first;
  while (body.starts_with("\r\n") && fields.size() <= kMaxFields) {
    if (body.find(delimiter) == std::string_view::npos) break;  // cut off
    body.remove_prefix(2);
    if (auto field = form_field(take_until(body, delimiter))) fields.push_back(*std::move(field));
  }
  return fields;
}

bool is_media_type(std::string_view header, std::string_view type) {
  return same_ignoring_case(trimmed(header.substr(0, header.find(';'))), type);
}

Fields parse_cookies(std::string_view header) {
  Fields cookies;
  while (!header.empty() && cookies.size() <= kMaxFields) {
    std::string_view value = take_until(header, ";");
    const std::string_view name = trimmed(take_until(value, "="));
    if (!name.empty()) cookies.emplace_back(name, trimmed(value));
  }
  return cookies;
}

const std::string* find_field(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::optional<std::string_view> below_base_path(std::string_view path, std::string_view base) {
  if (!path.starts_with(base)) return std::nullopt;
  const std::string_view rest = path.substr(base.size());
  if (!rest.empty() && rest.front() != '/') return std::nullopt;
  return rest;
}

bool accepts_gzip(std::string_view header) {
  while (!header.empty()) {
    std::string_view parameters = take_until(header, ",");
    const std::string_view coding = trimmed(take_until(parameters, ";"));
    if (!same_ignoring_case(coding, "gzip") && coding != "*") continue;
    // "q=0", "q=0.000": not acceptable.
    std::string_view quality = trimmed(parameters);
    if (!quality.starts_with("q=")) return true;
    return quality.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string attachment(std::string_view file_name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string plain;
  std::string encoded;
  bool is_token = !file_name.empty();
  for (const char c : file_name) {
    const bool printable = c >= ' ' && c <= '~' && c != '"' && c != '\\';
    const bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                 (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
    plain += printable ? c : '_';
    is_token = is_token && letter_or_digit;
    if (letter_or_digit) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded.append({'%', kDigits[byte / 16], kDigits[byte % 16]});
    }
  }
  if (is_token) return "attachment;filename=" + plain;
  std::string header = "attachment;filename=\"" + plain + "\"";
  if (plain != file_name) header += ";filename*=UTF-8''" + encoded;
  return header;
}

}  // namespace locust::master::web
