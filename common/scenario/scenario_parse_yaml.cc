#include "common/scenario/scenario_parse_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "common/base/nearest_name.h"
#include "common/base/utf8.h"

namespace locust {
namespace {

constexpr std::string_view kQuoteInBraces =
    "quote texts with a comma or a bracket inside { } and [ ]";

// A limit is exceeded; unwinds yaml-cpp. Already reported.
struct StopParsing {};

// Builds the tree from yaml-cpp's events. Events of broken files end anywhere.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(int file, const std::string& text, ScenarioErrors& errors, YamlFile& out)
      : file_(file), text_(text), errors_(errors), out_(out) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    errors_.add(position(mark), "a second document: a scenario file is one; remove '---'");
    throw StopParsing{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::size_t begin = skip_properties(mark);
    // yaml-cpp reads ~, Null and NULL as null too; in a scenario only `null` is null.
    for (const std::string_view word : {"~", "Null", "NULL"}) {
      if (text_.compare(begin, word.size(), word) == 0) {
        add_text(mark, anchor, std::string(word), /*plain=*/true);
        return;
      }
    }
    YamlNode& node = new_node(mark);
    implicit_null_ = text_.compare(begin, 4, "null") != 0;
    place(node, anchor);
    implicit_null_ = false;
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      errors_.add(position(mark), "an alias inside its own anchor");
      throw StopParsing{};
    }
    const YamlNode& target = *found->second;
    count_aliased(target.size, position(mark));
    check_depth(static_cast<int>(open_.size()) + target.height, position(mark));
    attach(target);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool plain = tag == "?" || tag.empty();
    if (!plain && tag != "!" && tag != "tag:yaml.org,2002:str") refuse_tag(mark, tag);
    add_text(mark, anchor, value, plain);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override {
    YamlNode& map = *open_.back().node;
    report_duplicates(map);
    merge(map);
    close();
  }

  // Explains a syntax error of yaml-cpp if it is one of the well-known traps.
  void explain(const YAML::Exception& e) {
    if (e.mark.is_null()) {
      errors_.add({file_, 1, 1}, e.msg);
      return;
    }
    const auto at = static_cast<std::size_t>(e.mark.pos);
    const char c = at < text_.size() ? text_[at] : '\0';
    const bool after_plain = last_text_ != nullptr && last_text_->plain && last_text_end_ <= at &&
                             text_.find_first_not_of(" ", last_text_end_) == at;
    const bool in_flow = !open_.empty() && open_.back().flow;
    if (in_flow && after_plain && c == '{' && last_text_->text.ends_with('$')) {
      errors_.add(last_text_->pos, "quote texts with ${…} inside { } and [ ]");
    } else if (in_flow && after_plain && std::string_view("[]{}").find(c) != std::string::npos) {
      errors_.add(last_text_->pos, std::string(kQuoteInBraces));
    } else if (!in_flow && indented_by_tab(e.mark)) {
      errors_.add(position(e.mark), "YAML is indented by spaces, not by tabs");
    } else if (after_plain && c == ':' && last_text_->pos.line == e.mark.line + 1) {
      errors_.add(last_text_->pos, "this text is cut off by ': '; quote it");
    } else if (c == '*') {
      errors_.add(position(e.mark), "unknown alias; quote a text that begins with '*'");
    } else if (c != '\0' && std::string_view("@`%").find(c) != std::string::npos) {
      errors_.add(position(e.mark),
                  "a text cannot start with " + in_quotes({&c, 1}) + "; quote it");
    } else {
      errors_.add(position(e.mark), "YAML: " + e.msg);
    }
  }

 private:
  struct Open {
    YamlNode* node;
    bool flow;
    YAML::anchor_t anchor;
    const YamlNode* key = nullptr;  // of a map: read, its value not yet
  };

  SourcePos position(const YAML::Mark& mark) const {
    return {file_, mark.line + 1, mark.column + 1};
  }

  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  YamlNode& new_node(const YAML::Mark& mark) {
    YamlNode& node = out_.nodes.emplace_back();
    node.pos = position(mark);
    node.in_flow = !open_.empty() && open_.back().flow;
    return node;
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    errors_.add(position(mark),
                "YAML tags such as " + in_quotes(tag) + " have no meaning here; remove it");
  }

  // The start of the node itself: marks point to an anchor or tag before it.
  std::size_t skip_properties(const YAML::Mark& mark) const {
    auto i = static_cast<std::size_t>(mark.pos);
    while (at(i) == '&' || at(i) == '!') {
      i = std::min(text_.find_first_of(" \t\r\n", i), text_.size());
      i = std::min(text_.find_first_not_of(" \t\r\n", i), text_.size());
    }
    return i;
  }

  // The end in the file of a plain text that starts at `begin`: folded lines count as one space.
  std::size_t plain_end(std::size_t begin, const std::string& value) const {
    std::size_t i = begin;
    for (const char c : value) {
      if (c == ' ' || c == '\n') {
        while (at(i) == ' ' || at(i) == '\t' || at(i) == '\r' || at(i) == '\n') ++i;
      } else {
        ++i;
      }
    }
    return i;
  }

  void add_text(const YAML::Mark& mark, YAML::anchor_t anchor, std::string value, bool plain) {
    YamlNode& node = new_node(mark);
    node.kind = YamlNode::Kind::kText;
    node.plain = plain;
    const std::size_t begin = skip_properties(mark);
    const std::size_t inside = begin + (!plain && (at(begin) == '"' || at(begin) == '\'') ? 1 : 0);
    node.verbatim =
        text_.compare(inside, value.size(), value) == 0 && value.find('\n') == std::string::npos;
    const auto mark_begin = static_cast<std::size_t>(mark.pos);
    node.text_column = node.pos.column + static_cast<int>(inside - mark_begin);
    if (plain) {
      last_text_end_ = plain_end(begin, value);
      see_comment(node, last_text_end_);
    }
    node.text = std::move(value);
    last_text_ = &node;
    place(node, anchor);
  }

  // Handles a comment after a plain text at `end`: with a space after the # it is meant as a
  // comment.
  void see_comment(YamlNode& node, std::size_t end) const {
    const std::size_t next = std::min(text_.find_first_not_of(" \t", end), text_.size());
    if (next == end || at(next) != '#') return;
    node.before_comment = true;
    const char c = at(next + 1);
    node.cut_by_comment = c != ' ' && c != '\t' && c != '#' && c != '\r' && c != '\n' && c != '\0';
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style, YamlNode::Kind kind) {
    if (tag != "?" && tag != "!" && !tag.empty()) refuse_tag(mark, tag);
    YamlNode& node = new_node(mark);
    node.kind = kind;
    check_depth(static_cast<int>(open_.size()) + 1, node.pos);
    if (!open_.empty() && is_key_next()) {
      errors_.add(node.pos,
                  open_.back().flow ? std::string(kQuoteInBraces) : "a key must be a text");
      throw StopParsing{};
    }
    open_.push_back({&node, style == YAML::EmitterStyle::Flow, anchor});
  }

  void close() {
    const Open closed = open_.back();
    open_.pop_back();
    if (closed.anchor != 0) anchors_[closed.anchor] = closed.node;
    attach(*closed.node);
  }

  void place(const YamlNode& node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = &node;
    attach(node);
  }

  bool is_key_next() const {
    const Open& parent = open_.back();
    return parent.node->kind == YamlNode::Kind::kMap && parent.key == nullptr;
  }

  // Makes `node` the next key, value or item of the innermost open node.
  void attach(const YamlNode& node) {
    if (open_.empty()) {
      out_.root = &node;
      return;
    }
    Open& parent = open_.back();
    parent.node->size += node.size;
    parent.node->height = std::max(parent.node->height, node.height + 1);
    if (parent.node->kind == YamlNode::Kind::kList) {
      parent.node->items.push_back(&node);
    } else if (parent.key == nullptr) {
      parent.key = &node;
    } else {
      add_entry(parent, *parent.key, node);
      parent.key = nullptr;
    }
  }

  void add_entry(const Open& parent, const YamlNode& key, const YamlNode& value) {
    if (key.kind == YamlNode::Kind::kNull) errors_.add(key.pos, "a key is missing before ':'");
    if (key.kind != YamlNode::Kind::kText) return;
    if (value.kind == YamlNode::Kind::kNull && implicit_null_ && is_cut_off(parent, key)) return;
    parent.node->entries.emplace_back(&key, &value);
  }

  // Whether a missing value may have been truncated, which is reported.
  bool is_cut_off(const Open& parent, const YamlNode& key) {
    if (&key != last_text_ || !key.plain) return false;
    const std::size_t next = text_.find_first_not_of(" \t\r\n", last_text_end_);
    const bool has_colon = next != std::string::npos && text_[next] == ':';
    if (parent.flow && !has_colon) {
      errors_.add(key.pos, in_quotes(key.text) + " has no value; " + std::string(kQuoteInBraces));
      return true;
    }
    YamlNode after_colon;
    if (has_colon) see_comment(after_colon, next + 1);
    if (after_colon.cut_by_comment) {
      errors_.add(key.pos,
                  "the text of " + in_quotes(key.text) +
                      " is cut off by ' #'; quote it, or put a space after the # of a comment");
    }
    return after_colon.cut_by_comment;
  }

  void report_duplicates(const YamlNode& map) {
    std::unordered_map<std::string_view, const YamlNode*> seen;
    for (const auto& [key, value] : map.entries) {
      const auto [first, is_new] = seen.emplace(key->text, key);
      if (is_new) continue;
      errors_.add(key->pos, "the key " + in_quotes(key->text) + " is a duplicate, first in line " +
                                std::to_string(first->second->pos.line));
    }
  }

  // `<<: *other` or `<<: [*one, *two]`: the keys of the others that this map lacks.
  void merge(YamlNode& map) {
    std::vector<YamlNode::Entry> own;
    std::vector<const YamlNode*> others;
    for (const YamlNode::Entry& entry : map.entries) {
      if (entry.first->text != "<<" || !entry.first->plain) {
        own.push_back(entry);
      } else if (entry.second->kind == YamlNode::Kind::kList) {
        others.insert(others.end(), entry.second->items.begin(), entry.second->items.end());
      } else {
        others.push_back(entry.second);
      }
    }
    if (others.empty()) return;
    std::unordered_map<std::string_view, const YamlNode*> known;
    for (const YamlNode::Entry& entry : own) known.emplace(entry.first->text, entry.first);
    for (const YamlNode* other : others) {
      if (other->kind != YamlNode::Kind::kMap) {
        errors_.add(other->pos, "'<<' merges mappings only");
        continue;
      }
      count_aliased(other->entries.size(), map.pos);
      for (const YamlNode::Entry& entry : other->entries) {
        if (!known.emplace(entry.first->text, entry.first).second) continue;
        own.push_back(entry);
      }
    }
    map.entries = std::move(own);
  }

  void count_aliased(std::size_t nodes, SourcePos pos) {
    aliased_ += nodes;
    if (aliased_ <= kMaxAliasedNodes) return;
    errors_.add(pos, "the aliases of this file expand to more than " +
                         std::to_string(kMaxAliasedNodes) + " nodes");
    throw StopParsing{};
  }

  void check_depth(int depth, SourcePos pos) {
    if (depth <= kMaxYamlDepth) return;
    errors_.add(pos, "nested more than " + std::to_string(kMaxYamlDepth) + " levels deep");
    throw StopParsing{};
  }

  bool indented_by_tab(const YAML::Mark& mark) const {
    const std::size_t line = static_cast<std::size_t>(mark.pos - mark.column);
    for (std::size_t i = line; at(i) == ' ' || at(i) == '\t'; ++i) {
      if (at(i) == '\t') return true;
    }
    return false;
  }

  const int file_;
  const std::string& text_;
  ScenarioErrors& errors_;
  YamlFile& out_;
  int documents_ = 0;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, const YamlNode*> anchors_;  // of complete nodes
  std::size_t aliased_ = 0;
  bool implicit_null_ = false;           // while a null for a missing value is attached
  const YamlNode* last_text_ = nullptr;  // the text read last
  std::size_t last_text_end_ = 0;        // where it ends, if it is plain
};

}  // namespace

YamlFile parse_yaml(int file, const std::string& text, ScenarioErrors& errors) {
  YamlFile out;
  if (text.size() > kMaxScenarioBytes) {
    errors.add({file, 0, 0}, "the file is larger than 8 MiB");
    return out;
  }
  // yaml-cpp would guess UTF-16 and UTF-32 from zero bytes.
  if (!is_valid_utf8(text) || text.find('\0') != std::string::npos) {
    errors.add({file, 0, 0}, "the file is not UTF-8 text");
    return out;
  }
  TreeBuilder builder(file, text, errors, out);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    builder.explain(e);
  } catch (const StopParsing&) {
  }
  return out;
}

}  // namespace locust
