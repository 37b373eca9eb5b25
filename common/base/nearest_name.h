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

// The candidate most similar to the name, as difflib.get_close_matches(name, known, n=1) finds it
// for stock's command line: 0.6 at least, and the last one in the order of the alphabet of equals.
// Empty if there is none, or the name has 200 bytes and more.
std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known);

// "; did you mean 'weight'?", or an empty string.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace locust
