// One client connection of the sample server.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/event_loop.h"
#include "tests/target/routes.h"

namespace locust {

class TargetConnection;

// What all connections of a server use, owned by it. The buffers are scratch space of one turn, so
// that an idle connection owns none.
struct TargetShared {
  EventLoop& loop;
  TargetRoutes& routes;
  // Called as the last thing a connection does; destroys it.
  std::function<void(TargetConnection&)> dispose;
  std::string input;
  std::string output;
};

// Owns its descriptor; lives on the loop's thread.
//
// | state    | waits for                | and then                                             |
// |----------|--------------------------|------------------------------------------------------|
// | reading  | input                    | answers every request in it -> writing, delayed, end |
// | delayed  | the timer of /slow       | -> writing                                           |
// |          | the client going away    | counts the request as aborted -> closed              |
// | writing  | room in the socket       | sends the rest -> reading, or the end asked for      |
// |          | the client going away    | counts the requests as aborted -> closed             |
// | draining | the client's end, 2 s    | discards what it still sends -> closed               |
// | closed   | nothing                  | disposed of at the end of the turn                   |
// Only `reading` takes bytes in, so a client that does not read its responses is not read either.
class TargetConnection final {
 public:
  TargetConnection(TargetShared& shared, int fd);
  ~TargetConnection();
  TargetConnection(const TargetConnection&) = delete;
  TargetConnection& operator=(const TargetConnection&) = delete;

  int fd() const { return fd_; }

 private:
  enum class State { kReading, kDelayed, kWriting, kDraining, kClosed };
  enum class Ending { kNone, kClose, kReset, kDrain };

  void on_ready();
  void on_timer();
  void end_turn();

  void read();
  void serve(std::string_view input);
  void answer_batch(std::string_view& input);
  void answer();
  void refuse(TargetRequestParser::Status status);
  void send_batch();
  void write();
  bool send_some(std::string_view& text);
  void sent_all();
  void go_away();
  void drain();

  TargetShared& shared_;
  const int fd_;
  TargetRequestParser parser_;
  State state_ = State::kReading;
  State watched_state_ = State::kReading;
  Ending ending_ = Ending::kNone;  // what follows the responses at hand
  TimerId timer_ = 0;
  Duration delay_{};
  std::string input_;                  // pipelined requests to be served after the output
  std::string output_;                 // what the socket had no room for yet
  std::size_t output_sent_ = 0;        // of output_
  std::uint64_t filler_left_ = 0;      // to be sent after output_
  std::size_t held_from_ = 0;          // in shared_.output: where the delayed response begins
  std::uint64_t unsent_requests_ = 0;  // counted, and their responses not yet sent whole
};

}  // namespace locust
