// Randomness is injected: one generator per loop thread, owned by the UserPool and seeded once.
#pragma once

#include <random>

namespace locust::worker {

using Rng = std::mt19937_64;

// Uniform in [0, 1), as Python's random.random(); the same sequence for a seed on every platform.
inline double uniform(Rng& rng) { return static_cast<double>(rng() >> 11) * 0x1.0p-53; }

}  // namespace locust::worker
