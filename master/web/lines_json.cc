#include "master/web/lines_json.h"

#include <algorithm>
#include <iterator>

namespace locust::master::web {

Json lines_json(const WorkerLines& workers) {
  const std::size_t share = kMaxLinesBytes / std::max<std::size_t>(workers.size(), 1);
  Json by_worker = Json::object();
  for (const auto& [id, lines] : workers) {
    auto first = lines->end();
    std::size_t bytes = 0;
    while (first != lines->begin() && bytes + std::prev(first)->size() <= share) {
      bytes += (--first)->size();
    }
    by_worker[id] = Json::array_t(first, lines->end());
  }
  return by_worker;
}

}  // namespace locust::master::web
