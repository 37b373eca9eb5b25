// One YAML file as a tree of nodes with positions; YAML's pitfalls are errors.
// scenario_parse_yaml.cc is the only file that includes yaml-cpp.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/scenario/scenario_parse_errors.h"

namespace locust {

inline constexpr std::size_t kMaxScenarioBytes = 8U << 20;
inline constexpr int kMaxYamlDepth = 64;
// The maximum number of nodes that aliases and merges may expand to.
inline constexpr std::size_t kMaxAliasedNodes = 100'000;

struct YamlNode {
  enum class Kind { kNull, kText, kList, kMap };
  using Entry = std::pair<const YamlNode*, const YamlNode*>;  // key (a kText), value

  Kind kind = Kind::kNull;
  SourcePos pos;
  std::string text;                    // of a kText
  std::vector<const YamlNode*> items;  // of a kList
  std::vector<Entry> entries;          // of a kMap, in file order, merges applied

  bool plain = false;    // a text without quotes
  bool in_flow = false;  // inside { } or [ ]
  // A plain text: a comment follows; one that looks like the rest of the text ("a #1", not "a #
  // 1").
  bool before_comment = false;
  bool cut_by_comment = false;
  // The text is in the file literally, from this column on, so that positions within it are known.
  bool verbatim = false;
  int text_column = 0;

  std::size_t size = 1;  // nodes from here down, aliases expanded
  int height = 1;        // levels from here down
};

struct YamlFile {
  std::deque<YamlNode> nodes;
  const YamlNode* root = nullptr;  // null: the file is empty or broken
};

// Parses `text` as file number `file`. Errors are added to `errors`.
YamlFile parse_yaml(int file, const std::string& text, ScenarioErrors& errors);

}  // namespace locust
