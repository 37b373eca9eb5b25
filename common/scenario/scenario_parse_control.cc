// Steps that contain other steps, and steps that leave the enclosing ones.
#include <array>
#include <string>
#include <utility>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

bool has_key(const YamlNode& node, std::string_view key) {
  return std::any_of(node.entries.begin(), node.entries.end(),
                     [&](const auto& entry) { return entry.first->text == key; });
}

void require_key(ScenarioReader& reader, const YamlNode& node, std::string_view block,
                 std::string_view key) {
  if (!has_key(node, key)) reader.error(node, in_quotes(block) + " needs " + in_quotes(key));
}

// --- if

constexpr std::array kIfKeys = {
    KeyRow<IfStep>{"if",
                   [](ScenarioReader& r, const YamlNode& v, IfStep& step) {
                     if (auto e = r.expression(v, "'if'")) step.condition = std::move(*e);
                   }},
    KeyRow<IfStep>{"then", [](ScenarioReader& r, const YamlNode& v,
                              IfStep& step) { step.then_steps = read_steps(r, v, "'then'"); }},
    KeyRow<IfStep>{"else", [](ScenarioReader& r, const YamlNode& v,
                              IfStep& step) { step.else_steps = read_steps(r, v, "'else'"); }},
};

void read_if(ScenarioReader& reader, const YamlNode& node, ScenarioStep& step) {
  IfStep block;
  read_keys<IfStep>(reader, node, kIfKeys, "a step with 'if'", block);
  require_key(reader, node, "if", "then");
  step.action = std::move(block);
}

// --- repeat, while, within

void read_repeat(ScenarioReader& reader, const YamlNode& value, LoopStep& loop) {
  auto passes = reader.value(value);
  if (!passes) return;
  const auto* constant = std::get_if<ExprValue>(&passes->node);
  const auto* text = std::get_if<TextTemplate>(&passes->node);
  const auto number = constant != nullptr ? to_number(*constant) : std::nullopt;
  const bool is_count = number && !number->is_float() && *number >= 0;
  const bool is_expression = text != nullptr && text->sole_expression() != nullptr;
  if (!is_count && !is_expression && !std::holds_alternative<ValueTemplate::List>(passes->node)) {
    const bool may_be_name = value.kind == YamlNode::Kind::kText && !value.text.empty() &&
                             !number && value.text.find("${") == std::string::npos;
    return reader.error(value, "'repeat' must be a whole number or a list" +
                                   (may_be_name ? ", such as \"${" + value.text + "}\"" : ""));
  }
  loop.repeat = std::move(*passes);
}

void read_within(ScenarioReader& reader, const YamlNode& value, LoopStep& loop) {
  auto time = reader.value(value);
  if (!time) return;
  if (const auto* constant = std::get_if<ExprValue>(&time->node)) {
    const std::string* text = constant->as_text();
    const auto duration = text != nullptr ? parse_duration(*text) : std::nullopt;
    if (duration) {
      time->node = ExprValue(*duration);
    } else if (const auto number = to_number(*constant); !number || *number < 0) {
      return reader.error(value, "'within' must be a time such as 60s");
    }
  } else if (const auto* text = std::get_if<TextTemplate>(&time->node);
             text == nullptr || text->sole_expression() == nullptr) {
    return reader.error(value, "'within' must be a time such as 60s");
  }
  loop.within = std::move(*time);
}

constexpr std::array kLoopKeys = {
    KeyRow<LoopStep>{"repeat", read_repeat},
    KeyRow<LoopStep>{"as",
                     [](ScenarioReader& r, const YamlNode& v, LoopStep& loop) {
                       if (r.is_text(v, "'as'")) loop.slot = r.assigned_variable(v);
                     }},
    KeyRow<LoopStep>{"while", [](ScenarioReader& r, const YamlNode& v,
                                 LoopStep& loop) { loop.condition = r.expression(v, "'while'"); }},
    KeyRow<LoopStep>{"within", read_within},
    KeyRow<LoopStep>{"do", [](ScenarioReader& r, const YamlNode& v,
                              LoopStep& loop) { loop.steps = read_steps(r, v, "'do'"); }},
};

void read_loop(ScenarioReader& reader, const YamlNode& node, ScenarioStep& step) {
  LoopStep block;
  read_keys<LoopStep>(reader, node, kLoopKeys, "a step with 'repeat'", block);
  const std::string_view head = has_key(node, "repeat")   ? "repeat"
                                : has_key(node, "within") ? "within"
                                                          : "while";
  require_key(reader, node, head, "do");
  if (head == "while") {
    reader.error(node, "'while' alone may never end: add 'repeat: 100' or 'within: 60s'");
  }
  step.action = std::move(block);
}

// --- choose

constexpr std::array kBranchKeys = {
    KeyRow<ChooseStep::Branch>{"weight",
                               [](ScenarioReader& r, const YamlNode& v, ChooseStep::Branch& b) {
                                 b.weight = r.positive_number(v, "'weight'").value_or(b.weight);
                               }},
    KeyRow<ChooseStep::Branch>{"do",
                               [](ScenarioReader& r, const YamlNode& v, ChooseStep::Branch& b) {
                                 b.steps = read_steps(r, v, "'do'");
                               }},
};

void read_branches(ScenarioReader& reader, const YamlNode& value, ChooseStep& choose) {
  if (!reader.is_list(value, "'choose'")) return;
  if (value.items.empty()) reader.error(value, "'choose' needs a branch: - {weight: 1, do: […]}");
  for (const YamlNode* item : value.items) {
    if (!reader.is_map(*item, "a branch of 'choose'")) continue;
    ChooseStep::Branch& branch = choose.branches.emplace_back();
    read_keys<ChooseStep::Branch>(reader, *item, kBranchKeys, "a branch of 'choose'", branch);
    require_key(reader, *item, "choose", "do");
  }
}

constexpr std::array kChooseKeys = {KeyRow<ChooseStep>{"choose", read_branches}};

void read_choose(ScenarioReader& reader, const YamlNode& node, ScenarioStep& step) {
  ChooseStep block;
  read_keys<ChooseStep>(reader, node, kChooseKeys, "a step with 'choose'", block);
  step.action = std::move(block);
}

// --- transaction

constexpr std::array kTransactionKeys = {
    KeyRow<TransactionStep>{"transaction",
                            [](ScenarioReader& r, const YamlNode& v, TransactionStep& step) {
                              if (auto name = r.text(v, "'transaction'")) {
                                step.name = std::move(*name);
                              }
                            }},
    KeyRow<TransactionStep>{"do",
                            [](ScenarioReader& r, const YamlNode& v, TransactionStep& step) {
                              step.steps = read_steps(r, v, "'do'");
                            }},
};

void read_transaction(ScenarioReader& reader, const YamlNode& node, ScenarioStep& step) {
  TransactionStep block;
  read_keys<TransactionStep>(reader, node, kTransactionKeys, "a step with 'transaction'", block);
  require_key(reader, node, "transaction", "do");
  step.action = std::move(block);
}

// --- All of them.

// Maps the keys of a step to the kind of block. If several match, the first row decides.
struct BlockRow {
  std::string_view key;
  std::string_view head;                                                           // for messages
  void (*read)(ScenarioReader& reader, const YamlNode& node, ScenarioStep& step);  // null: no head
};

constexpr std::array kBlocks = {
    BlockRow{"if", "if", read_if},
    BlockRow{"choose", "choose", read_choose},
    BlockRow{"transaction", "transaction", read_transaction},
    BlockRow{"repeat", "repeat", read_loop},
    BlockRow{"within", "repeat", read_loop},
    BlockRow{"while", "repeat", read_loop},
    BlockRow{"then", "if", nullptr},
    BlockRow{"else", "if", nullptr},
    BlockRow{"as", "repeat", nullptr},
    BlockRow{"do", "repeat", nullptr},
};

bool is_true(ScenarioReader& reader, const YamlNode& value, std::string_view key) {
  if (value.plain && value.text == "true") return true;
  reader.error(value, "write '" + std::string(key) + ": true'");
  return false;
}

}  // namespace

bool read_block_step(ScenarioReader& reader, const YamlNode& node, ScenarioStep& step) {
  for (const BlockRow& row : kBlocks) {
    if (row.read == nullptr || !has_key(node, row.key)) continue;
    row.read(reader, node, step);
    return true;
  }
  return false;
}

std::string_view block_of(std::string_view key) {
  for (const BlockRow& row : kBlocks) {
    if (row.key == key) return row.head;
  }
  return {};
}

std::vector<std::string_view> if_keys() { return readable_keys<IfStep>(kIfKeys); }
std::vector<std::string_view> loop_keys() { return readable_keys<LoopStep>(kLoopKeys); }
std::vector<std::string_view> choose_keys() { return readable_keys<ChooseStep>(kChooseKeys); }
std::vector<std::string_view> branch_keys() {
  return readable_keys<ChooseStep::Branch>(kBranchKeys);
}
std::vector<std::string_view> transaction_keys() {
  return readable_keys<TransactionStep>(kTransactionKeys);
}

std::vector<std::string_view> block_keys() {
  std::vector<std::string_view> keys;
  for (const BlockRow& row : kBlocks) keys.push_back(row.key);
  return keys;
}

void read_retry(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  const auto times = reader.count(value, "'retry'");
  if (!reader.in_after) {
    reader.error(value, "'retry' belongs in an 'after': it sends that request again");
  }
  if (times) step.action = RetryStep{*times};
}

StepList read_after(ScenarioReader& reader, const YamlNode& value) {
  const bool outer = std::exchange(reader.in_after, true);
  StepList steps = read_steps(reader, value, "'after'");
  reader.in_after = outer;
  return steps;
}

void read_log(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (auto text = reader.text(value, "'log'")) step.action = LogStep{std::move(*text)};
}

void read_fail(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (auto text = reader.text(value, "'fail'")) step.action = FailStep{std::move(*text)};
}

void read_end_task(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (is_true(reader, value, "end_task")) step.action = EndTaskStep{};
}

void read_interrupt(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (is_true(reader, value, "interrupt")) step.action = InterruptStep{};
}

void read_stop_user(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (is_true(reader, value, "stop_user")) step.action = StopUserStep{};
}

}  // namespace locust
