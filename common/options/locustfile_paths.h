// The entries of -f (stock's argument_parser.py parse_locustfile_paths): files, folders and URLs,
// separated by commas.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/file_digests.h"
#include "common/base/result.h"

namespace locust {

// Splits "a.yaml, b.yaml" and removes spaces around each entry.
std::vector<std::string> split_locustfile(std::string_view locustfile);

bool is_url(std::string_view text);

// The last part of a URL's path: "shop.yaml" of "http://host/tests/shop.yaml?v=1". May be empty.
std::string file_name_of_url(std::string_view url);

// The same result for every spelling of a path: absolute, without "." and "..". A URL is returned
// unchanged.
std::string place_of_file(const std::string& path);

// The files with one of these endings in a folder and its subfolders, sorted by name. As in stock,
// names that start with "_" are left out. An error names the folder.
Result<std::vector<std::string>> files_below(const std::string& folder,
                                             std::initializer_list<std::string_view> endings);

// Whether every entry of -f is a .py file, a folder of them, or the URL of one, so that none is a
// scenario.
bool is_python(const std::string& locustfile);

// The Python files of such a -f, including those in folders.
Result<std::vector<std::string>> python_files(const std::string& locustfile);

// Each of these files once, under a unique base name: the second "shop.py" from another folder is
// "shop_2.py".
std::vector<NamedFile> with_different_names(const std::vector<std::string>& paths);

}  // namespace locust
