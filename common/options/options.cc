#include "common/options/options.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "common/options/option_table.h"

namespace locust {

void add_common_options(OptionTable& table, CommonOptions& options) {
  table.add("--locustfile", options.locustfile);
  table.add("--python-home", options.python_home);
  table.add("--host", options.host);
  table.add("--loglevel", options.loglevel)
      .one_of_ignoring_case(option_choices(option_spec("--loglevel")));
  table.add("--logfile", options.logfile);
  table.add_flag("--skip-log-setup", options.skip_log_setup);
  table.add_choice("--evidence", options.mask.evidence,
                   {{"none", EvidenceLevel::kNone},
                    {"head", EvidenceLevel::kHead},
                    {"full", EvidenceLevel::kFull}});
  add_mask_options(table, options.mask);
}

void add_mask_options(OptionTable& table, MaskOptions& options) {
  table.add_list("--mask", options.patterns).one_value_each_time();
  table.add_list("--secret-env", options.secret_env).one_value_each_time();
}

Result<std::vector<std::string>> apply_mask_options(const MaskOptions& options) {
  Masker masker = *locust::masker();
  std::vector<std::string> notes;
  for (const std::string& pattern : options.patterns) {
    if (const auto added = masker.add_pattern(pattern); !added) {
      return Error{"--mask: " + added.error()};
    }
  }
  for (std::string names : options.secret_env) {
    std::replace(names.begin(), names.end(), ',', ' ');
    std::istringstream words(names);
    for (std::string name; words >> name;) {
      const char* value = std::getenv(name.c_str());
      if (value != nullptr) {
        masker.add_secret(value);
      } else {
        notes.push_back("--secret-env: the variable " + name +
                        " is not set, so there is nothing to mask");
      }
    }
  }
  set_masker(std::move(masker));
  set_evidence_level(options.evidence);
  return notes;
}

void add_tag_options(OptionTable& table, TagOptions& options) {
  table.add_list("--tags", options.tags).any_number();
  table.add_list("--exclude-tags", options.exclude_tags).any_number();
}

void drop_empty_tags(TagOptions& options) {
  std::erase(options.tags, "");
  std::erase(options.exclude_tags, "");
}

}  // namespace locust
