// Transfer: one easy handle of a client with the rules of an HTTP request: what is sent, what is
// kept, which redirects are followed. Independent of the loop and the multi handle.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "worker/http/body_reader.h"
#include "worker/http/content_decoder.h"
#include "worker/http/curl_handle.h"
#include "worker/http/exchange.h"
#include "worker/http/failure.h"
#include "worker/http/response_head.h"
#include "worker/http/url.h"

namespace locust::worker {

// The setup of every easy handle of an engine.
struct TransferSetup {
  std::string user_agent;
  std::string accept_encoding;
  std::string ca_file;
  std::uint64_t max_body_bytes;
  bool environment_has_proxy;
  int (*open_socket)(void* context, const curl_sockaddr& address);  // -1 with errno set on failure
  int (*close_socket)(void* context, curl_socket_t socket);
  // Called when a transfer has done its share of work and waits for resume().
  void (*paused)(void* context, CURL* easy);
  void* context;  // of these functions
};

// Sets only options that differ from the previous request's, because most requests of a user differ
// at most in the URL. If other state of the easy handle would affect the next request, that request
// gets a new handle; cookies, connections and TLS sessions belong to the share. Reusable: begin(),
// then for each hop prepare_hop(), the transfer itself, finish_hop(), until finish_hop() returns
// false.
class Transfer {
 public:
  // `setup` and `share` must outlive it. `owner` is CURLINFO_PRIVATE of the easy handle.
  Transfer(const TransferSetup& setup, CURLSH* share, void* owner);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // May change with begin().
  CURL* easy() const { return easy_.get(); }
  Exchange& exchange() const { return *exchange_; }
  const HttpRequest& request() const { return exchange_->request; }
  // The peer of the last prepared hop, whose addresses its connection needs: the proxy if it
  // resolves the hop's host itself.
  const Origin& peer() const { return proxy_ ? *proxy_ : origin_; }
  // The peer's host; empty if it is numeric or curl does not need its address.
  const std::string& host_to_resolve() const;

  // Starts another request. The exchange must be valid until the last hop is finished.
  void begin(Exchange& exchange);
  // Sets all options of the next hop. Returns a failure if it cannot be sent.
  std::optional<Failure> prepare_hop();
  // Adds the peer's addresses to curl's cache, which all handles of the multi handle share, and
  // removes those of `outdated` ("host:port").
  void set_addresses(const std::vector<std::string>& addresses,
                     const std::vector<std::string>& outdated);
  // The generation of the peer's addresses that curl's cache certainly has; zero after a change of
  // peer.
  std::uint64_t pinned_generation() const { return pinned_generation_; }
  void set_pinned_generation(std::uint64_t generation) { pinned_generation_ = generation; }

  // Reads curl's results of the hop that has just ended. Returns true if the response redirects and
  // another hop must be prepared; false if the exchange's response is complete or has its failure.
  bool finish_hop(CURLcode code);
  // Continues after `paused`. A code other than CURLE_OK is the result of the hop.
  CURLcode resume();
  // Ends the request in the middle of a hop; its response is not needed.
  void cancelled() { leave_hop(); }
  // Ends the request in the middle of a hop.
  void fail(Failure failure);
  // `on_the_wire`: the hop was in progress, not waiting for an address.
  void time_out(bool on_the_wire);

 private:
  // The amount that is decoded before other responses have their turn: a fraction of a millisecond.
  static constexpr std::size_t kWorkBytes = std::size_t{256} << 10;

  enum class Form { kGet, kHead, kPost };

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t on_read(char* into, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static int before_request(void* self, char*, char*, int, int);

  void open_handle();
  bool would_reach_next(const HttpRequest& next) const;
  bool take_line(std::string_view line);
  std::size_t decode(std::string_view piece);
  bool take_body(std::string_view bytes);
  std::optional<Failure> apply_url();
  std::optional<Failure> apply_method();
  std::optional<Failure> apply_headers(const std::string& cookies);
  void apply_route();
  void apply_proxy(const std::string& proxy);
  bool asks_environment() const;
  void apply_login();
  void leave_hop();
  bool redirect_to(const std::string& target);
  Failure describe(CURLcode code);
  void read_phases();
  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_.get(), option, value);
  }

  const TransferSetup& setup_;
  CURLSH* const share_;
  void* const owner_;
  CurlEasy easy_;
  Exchange* exchange_ = nullptr;

  // The hop.
  std::string method_;
  std::string url_;
  std::string origin_prefix_;
  Origin origin_;
  std::optional<Origin> proxy_;
  std::uint64_t pinned_generation_ = 0;
  BodyReader body_;      // of a request with parts
  Origin first_origin_;  // of the request, once it is redirected
  bool drop_body_ = false;
  bool drop_cookie_ = false;
  bool drop_authorization_ = false;
  ResponseHead head_;
  std::optional<ContentDecoder> decoder_;
  std::size_t piece_taken_ = 0;  // of the piece of the body that curl passes next
  std::size_t work_left_ = 0;    // bytes to decode before it pauses
  // Whether the headers and the start of the body are kept: the status is 400 or more, or the
  // request asks for them.
  bool keep_begin_ = false;
  std::optional<Failure> failure_;  // set if a callback has ended the hop
  int socket_errno_ = 0;            // of opening the hop's last socket
  int requests_sent_ = 0;

  // The options that are set on the easy handle.
  struct Applied {
    std::string url;
    std::string method;
    Form form = Form::kGet;
    bool any_headers = false;
    HttpHeaders headers;
    bool describes = false;  // the list has headers that describe a body
    bool drop_body = false;
    bool drop_cookie = false;
    bool drop_authorization = false;
    bool patient = false;
    HttpRoute route;
    std::string cookies;  // the request's own, as sent
    std::optional<HttpLogin> digest;
    bool host = false;  // a header names another host
  };
  Applied applied_;
  bool spent_ = false;                       // the next request needs a new handle
  std::vector<std::string> hidden_cookies_;  // of the jar, during the hop
  CurlList header_list_;
  CurlList resolve_list_;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace locust::worker
