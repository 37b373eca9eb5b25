// Names in error messages: in quotes, and the known name nearest to a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace locust {

// 'name'
std::string in_quotes(std::string_view name);

// The candidate with the fewest insertions, deletions, replacements and swaps of neighbours, unless
// even that one needs more than a third of the name's length (at least one). Empty: none is near.
std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known);

// "; did you mean 'weight'?" or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace locust
