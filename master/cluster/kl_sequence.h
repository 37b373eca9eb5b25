// KlSequence: the order in which classes with given weights are chosen.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace locust::master {

// An endless sequence of columns (indices of user classes in name order) whose counts follow the
// weights as closely as whole numbers can, after every pick (dispatch.py _kl_generator, stock
// 2.27.0 and newer): weights 5 and 1 give AABAAAAABAAA. Each pick is the column with the smallest
// w*log2(x/(x+1)), where x starts at the weight w and grows by one with every pick of that column;
// ties go to the smaller x, then the smaller w, then the smaller column. The same double operations
// in the same order as stock's, so that equal weights give equal sequences, ties included.
class KlSequence {
 public:
  struct Item {
    std::uint32_t column;
    double weight;
  };

  // Without items: next() is always empty.
  KlSequence() = default;
  // Items whose weight is not positive are never picked. Weights are finite.
  explicit KlSequence(std::span<const Item> items);

  bool empty() const { return heap_.empty(); }
  // The next column; nullopt if there is none.
  std::optional<std::uint32_t> next();

 private:
  // Ordered as stock's tuple (divergence, x + 1, weight, name).
  struct Candidate {
    double divergence;
    double x;
    double weight;
    std::uint32_t column;
  };

  static bool before(const Candidate& a, const Candidate& b);
  void sift_down(std::size_t hole, const Candidate& candidate);

  std::vector<Candidate> heap_;  // a binary heap, the next pick first
};

}  // namespace locust::master
