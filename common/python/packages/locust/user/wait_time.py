"""Wait times between a user's tasks."""

import random
from time import perf_counter


def between(min_wait, max_wait):
    return lambda instance: min_wait + random.random() * (max_wait - min_wait)


def constant(wait_time):
    return lambda instance: wait_time


def constant_pacing(wait_time):
    """Starts tasks this far apart, however long they run."""

    def wait_time_func(self):
        run_time = perf_counter() - self._cp_last_run - self._cp_last_wait_time
        self._cp_last_wait_time = max(0, wait_time - run_time)
        self._cp_last_run = perf_counter()
        return self._cp_last_wait_time

    return wait_time_func


def _require_rate(name, rate):
    if rate <= 0:
        raise ValueError(f"{name}() requires a positive rate, got: {rate}")


def constant_throughput(task_runs_per_second):
    _require_rate("constant_throughput", task_runs_per_second)
    return constant_pacing(1 / task_runs_per_second)


def poisson(rate):
    """Waits whose ends arrive as a Poisson process does: exponentially distributed, 1/rate seconds on average."""
    _require_rate("poisson", rate)
    return lambda instance: random.expovariate(rate)
