// What -f may name (stock's argument_parser.py parse_locustfile_paths): files, folders and URLs,
// with commas between them.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/file_digests.h"
#include "common/base/result.h"

namespace locust {

// "a.yaml, b.yaml" taken apart, without spaces around each.
std::vector<std::string> split_locustfile(std::string_view locustfile);

bool is_url(std::string_view text);

// The last part of a URL's path: "shop.yaml" of "http://host/tests/shop.yaml?v=1". May be empty.
std::string file_name_of_url(std::string_view url);

// The same for each way of writing a path: absolute, without "." and "..". Of a URL, the URL.
std::string place_of_file(const std::string& path);

// The files with one of these endings in a folder and in those below it, by name. As in stock, names
// that begin with "_" are left out. An error names the folder.
Result<std::vector<std::string>> files_below(const std::string& folder,
                                             std::initializer_list<std::string_view> endings);

// Whether each entry of -f is a .py file, a folder of such, or a URL of one: none is read as a
// scenario.
bool is_python(const std::string& locustfile);

// The Python files that such a -f names, with those of folders.
Result<std::vector<std::string>> python_files(const std::string& locustfile);

// Each of these files once, under a base name that no other has: the second "shop.py" of two folders
// is "shop_2.py".
std::vector<NamedFile> with_different_names(const std::vector<std::string>& paths);

}  // namespace locust
