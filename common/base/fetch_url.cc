#include "common/base/fetch_url.h"

#include <curl/curl.h>

#include <memory>
#include <string_view>

namespace locust {
namespace {

constexpr long kFetchSeconds = 60;
constexpr long kFetchConnectSeconds = 15;
constexpr long kFetchRedirects = 10;
constexpr long kFetched = 200;
constexpr const char* kFetchSchemes = "http,https";

struct FetchedBody {
  std::string text;
  std::size_t max_bytes;
};

// libcurl's CURLOPT_WRITEFUNCTION: returning less than the passed size ends the transfer.
std::size_t take_bytes(char* data, std::size_t size, std::size_t count, void* target) {
  auto& body = *static_cast<FetchedBody*>(target);
  const std::size_t bytes = size * count;
  if (bytes > body.max_bytes - body.text.size()) return 0;
  body.text.append(data, bytes);
  return bytes;
}

}  // namespace

Result<std::string> fetch_url(const std::string& url, std::size_t max_bytes) {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(ready ? curl_easy_init() : nullptr,
                                                                 &curl_easy_cleanup);
  const auto failed = [&url](std::string_view why) {
    return Error{"Failed to get locustfile from: " + url + ": " + std::string(why)};
  };
  if (!easy) return failed("no memory");
  FetchedBody body{{}, max_bytes};
  CURL* const handle = easy.get();
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, kFetchSchemes);
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, kFetchSchemes);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, kFetchRedirects);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kFetchConnectSeconds);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, kFetchSeconds);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_bytes);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(handle);
  if (code == CURLE_WRITE_ERROR) {
    return failed("it has more than " + std::to_string(max_bytes) + " bytes");
  }
  if (code != CURLE_OK) return failed(curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != kFetched) return failed("status " + std::to_string(status));
  return std::move(body.text);
}

}  // namespace locust
