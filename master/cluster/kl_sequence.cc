#include "master/cluster/kl_sequence.h"

#include <cmath>
#include <cstddef>

namespace locust::master {

KlSequence::KlSequence(std::span<const Item> items) {
  heap_.reserve(items.size());
  for (const Item& item : items) {
    const double w = item.weight;
    if (!(w > 0) || std::isinf(w)) continue;
    heap_.push_back({w * std::log2(w / (w + 1.0)), w + 1.0, w, item.column});
  }
  for (std::size_t i = heap_.size() / 2; i-- > 0;) sift_down(i, Candidate(heap_[i]));
}

std::optional<std::uint32_t> KlSequence::next() {
  if (heap_.empty()) return std::nullopt;
  Candidate top = heap_.front();
  top.divergence = top.weight * std::log2(top.x / (top.x + 1.0));
  top.x += 1.0;
  sift_down(0, top);
  return top.column;
}

bool KlSequence::before(const Candidate& a, const Candidate& b) {
  if (a.divergence != b.divergence) return a.divergence < b.divergence;
  if (a.x != b.x) return a.x < b.x;
  if (a.weight != b.weight) return a.weight < b.weight;
  return a.column < b.column;
}

void KlSequence::sift_down(std::size_t hole, const Candidate& candidate) {
  const std::size_t size = heap_.size();
  for (std::size_t child = 2 * hole + 1; child < size; child = 2 * hole + 1) {
    if (child + 1 < size && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], candidate)) break;
    heap_[hole] = heap_[child];
    hole = child;
  }
  heap_[hole] = candidate;
}

}  // namespace locust::master
