#include <array>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

bool may_have_source(ScenarioReader& reader, const YamlNode& value, FeederSpec& feeder,
                     FeederSpec::Source source) {
  if (feeder.source != FeederSpec::Source::kNone) {
    reader.error(value, "a feeder has one of 'csv', 'json' and 'rows'");
    return false;
  }
  feeder.source = source;
  feeder.source_pos = value.pos;
  return true;
}

void read_path(ScenarioReader& reader, const YamlNode& value, FeederSpec& feeder,
               FeederSpec::Source source, std::string_view what) {
  if (!may_have_source(reader, value, feeder, source) || !reader.is_text(value, what)) return;
  feeder.path = value.text;
}

void read_rows(ScenarioReader& reader, const YamlNode& value, FeederSpec& feeder) {
  if (!may_have_source(reader, value, feeder, FeederSpec::Source::kRows)) return;
  if (!reader.is_list(value, "'rows'")) return;
  for (const YamlNode* item : value.items) {
    if (!reader.is_map(*item, "a row")) continue;
    if (auto row = reader.value(*item)) feeder.rows.push_back(std::move(*row));
  }
  if (value.items.empty()) reader.error(value, "'rows' has no rows");
}

void read_delimiter(ScenarioReader& reader, const YamlNode& value, FeederSpec& feeder) {
  if (!reader.is_text(value, "'delimiter'")) return;
  if (value.text.size() != 1 || value.text.find_first_of("\"\r\n") != std::string::npos) {
    reader.error(value, R"('delimiter' must be one character such as ';' or "\t")");
  } else {
    feeder.delimiter = value.text.front();
  }
}

void read_pick(ScenarioReader& reader, const YamlNode& value, FeederSpec& feeder) {
  static constexpr std::array<std::pair<std::string_view, FeederSpec::Pick>, 3> kPicks = {
      {{"random", FeederSpec::Pick::kRandom},
       {"sequential", FeederSpec::Pick::kSequential},
       {"unique", FeederSpec::Pick::kUnique}}};
  if (!reader.is_text(value, "'pick'")) return;
  std::vector<std::string_view> known;
  for (const auto& [name, pick] : kPicks) {
    known.push_back(name);
    if (name != value.text) continue;
    feeder.pick = pick;
    return;
  }
  reader.error(value, "'pick' is random, sequential or unique, not " + in_quotes(value.text) +
                          did_you_mean(value.text, known));
}

void read_keep(ScenarioReader& reader, const YamlNode& value, FeederSpec& feeder) {
  const auto count = reader.count(value, "'keep'");
  if (!count) return;
  feeder.keep = static_cast<std::size_t>(*count);
  if (*count == 0) reader.error(value, "'keep' must be 1 or more");
}

constexpr std::array kFeederKeys = {
    KeyRow<FeederSpec>{"csv",
                       [](ScenarioReader& r, const YamlNode& v, FeederSpec& feeder) {
                         read_path(r, v, feeder, FeederSpec::Source::kCsv, "'csv'");
                       }},
    KeyRow<FeederSpec>{"json",
                       [](ScenarioReader& r, const YamlNode& v, FeederSpec& feeder) {
                         read_path(r, v, feeder, FeederSpec::Source::kJson, "'json'");
                       }},
    KeyRow<FeederSpec>{"rows", read_rows},
    KeyRow<FeederSpec>{"delimiter", read_delimiter},
    KeyRow<FeederSpec>{"pick", read_pick},
    KeyRow<FeederSpec>{"keep", read_keep},
};

const YamlNode* find_key(const YamlNode& node, std::string_view key) {
  for (const auto& entry : node.entries) {
    if (entry.first->text == key) return entry.first;
  }
  return nullptr;
}

void read_feeder(ScenarioReader& reader, const YamlNode& key, const YamlNode& value) {
  const std::string where = "feeder " + in_quotes(key.text);
  FeederSpec feeder;
  feeder.pos = key.pos;
  feeder.name = key.text;
  feeder.slot = reader.feeder_variable(key);
  if (reader.is_map(value, where)) {
    read_keys<FeederSpec>(reader, value, kFeederKeys, where, feeder);
    const YamlNode* keep = find_key(value, "keep");
    if (feeder.source == FeederSpec::Source::kNone && keep == nullptr) {
      reader.error(key, where + " has no rows: give it 'csv', 'json', 'rows' or 'keep'");
    }
    const YamlNode* delimiter = find_key(value, "delimiter");
    if (delimiter != nullptr && feeder.source != FeederSpec::Source::kCsv) {
      reader.error(*delimiter, "'delimiter' belongs to 'csv'");
    }
    if (keep != nullptr && feeder.pick == FeederSpec::Pick::kUnique) {
      reader.error(*keep, "rows that steps add are not unique; pick random or sequential");
    }
  }
  reader.scenario().feeders.push_back(std::move(feeder));
}

}  // namespace

std::vector<std::string_view> feeder_keys() { return readable_keys<FeederSpec>(kFeederKeys); }

void read_feeders(ScenarioReader& reader, const YamlNode& value, Scenario&) {
  if (!reader.is_map(value, "'feeders'")) return;
  for (const auto& [key, feeder] : value.entries) {
    if (reader.define("feeder", *key)) read_feeder(reader, *key, *feeder);
  }
}

}  // namespace locust
