"""The process's statistics with stock's objects, which are views of the engine's numbers."""

from collections.abc import Mapping

import _locust_stats as engine

from .exception import CatchResponseError, Unsupported

PERCENTILES_TO_REPORT = [0.50, 0.66, 0.75, 0.80, 0.90, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0]
PERCENTILES_TO_STATISTICS = [0.95, 0.99]
PERCENTILES_TO_CHART = [0.5, 0.95]


def text_of_error(error):
    return error if isinstance(error, str) else repr(error)


def log_fired_request(request_type, name, response_time, response_length, exception=None, **_kwargs):
    """Requests of other protocols, reported by test code."""
    engine.log(request_type, name, response_time, response_length, text_of_error(exception) if exception else None)


def _number(name):
    return property(lambda self: engine.get(self._key[0], self._key[1], name))


class StatsEntry:
    def __init__(self, name, method):
        self._key = (name, method)
        self.name = "Aggregated" if name is None else name
        self.method = method

    for _name in (
        "num_requests",
        "num_none_requests",
        "num_failures",
        "total_response_time",
        "min_response_time",
        "max_response_time",
        "total_content_length",
        "start_time",
        "last_request_timestamp",
        "fail_ratio",
        "avg_response_time",
        "median_response_time",
        "avg_content_length",
        "current_rps",
        "current_fail_per_sec",
        "total_rps",
        "total_fail_per_sec",
        "response_times",
        "num_reqs_per_sec",
        "num_fail_per_sec",
    ):
        locals()[_name] = _number(_name)
    del _name

    def get_response_time_percentile(self, percent):
        return engine.percentile(*self._key, percent)

    def get_current_response_time_percentile(self, percent):
        return engine.current_percentile(*self._key, percent)

    def to_dict(self, escape_string_values=False):
        names = (
            "num_requests",
            "num_failures",
            "min_response_time",
            "max_response_time",
            "current_rps",
            "current_fail_per_sec",
            "avg_response_time",
            "median_response_time",
            "total_rps",
            "total_fail_per_sec",
            "avg_content_length",
        )
        return {
            "method": self.method,
            "name": self.name,
            **{name: getattr(self, name) or 0 for name in names},
            **{
                f"response_time_percentile_{percent}": self.get_response_time_percentile(percent)
                for percent in PERCENTILES_TO_STATISTICS
            },
        }

    def log(self, response_time, content_length):
        engine.log(self.method, self.name, response_time, content_length, None)

    def log_error(self, error):
        engine.log_error(self.method, self.name, text_of_error(error))


class StatsError:
    def __init__(self, method, name, error, occurrences=0):
        self.method = method
        self.name = name
        self.error = error
        self.occurrences = occurrences

    def to_name(self):
        prefix = CatchResponseError.__name__ + "("
        error = self.error
        if error.startswith(prefix) and len(error) > len(prefix) + 2:
            error = error[len(prefix) + 1 : -2]
        return f"{self.method} {self.name}: {error}"

    def to_dict(self, escape_string_values=False):
        return dict(vars(self))


class _Entries(Mapping):
    """(name, method) -> StatsEntry. A name that was never logged is an entry of zeros for get() of RequestStats."""

    def __getitem__(self, key):
        if key not in engine.names():
            raise KeyError(key)
        return StatsEntry(*key)

    def __iter__(self):
        return iter(engine.names())

    def __len__(self):
        return len(engine.names())


class RequestStats:
    entries = _Entries()

    @property
    def total(self):
        return StatsEntry(None, "")

    @property
    def errors(self):
        return {key: StatsError(*rest) for key, *rest in engine.errors()}

    @property
    def num_requests(self):
        return self.total.num_requests

    @property
    def num_none_requests(self):
        return self.total.num_none_requests

    @property
    def num_failures(self):
        return self.total.num_failures

    @property
    def last_request_timestamp(self):
        return self.total.last_request_timestamp

    @property
    def start_time(self):
        return self.total.start_time

    def get(self, name, method):
        return StatsEntry(name, method)

    def log_request(self, method, name, response_time, content_length):
        engine.log(method, name, response_time, content_length, None)

    def log_error(self, method, name, error):
        engine.log_error(method, name, text_of_error(error))

    def reset_all(self):
        engine.reset_all()

    def clear_all(self):
        engine.clear_all()

    @property
    def history(self):
        raise Unsupported("stats.history is not kept for Python code by locust-cpp; the master has it (--csv)")


def sort_stats(stats):
    return [stats[key] for key in sorted(stats)]
