// Names in error messages: in quotes, and the known name nearest to a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace locust {

// 'name'
std::string in_quotes(std::string_view name);

// The similarity of two texts, from 0 to 1: the ratio of Python's difflib.SequenceMatcher(None, a,
// b) (Ratcliff and Obershelp) for texts of less than 200 bytes, of ASCII. The order of the two can
// matter.
double similarity(std::string_view a, std::string_view b);

// The candidate most similar to the name, like difflib.get_close_matches(name, known, n=1) of
// stock's command line: with a similarity of at least 0.6; of equals, the last in alphabetical
// order. Empty if there is none, or if the name has 200 bytes or more.
std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known);

// "; did you mean 'weight'?", or an empty string.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace locust
