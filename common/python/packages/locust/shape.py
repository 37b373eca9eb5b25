"""Load shapes: the number of users as a function of time."""

import time
from abc import ABCMeta, abstractmethod


class LoadTestShapeMeta(ABCMeta):
    def __new__(mcs, classname, bases, class_dict):
        class_dict.setdefault("abstract", False)
        return super().__new__(mcs, classname, bases, class_dict)


class LoadTestShape(metaclass=LoadTestShapeMeta):
    runner = None
    abstract = True
    use_common_options = False

    def __init__(self):
        self.start_time = time.perf_counter()

    def reset_time(self):
        self.start_time = time.perf_counter()

    def get_run_time(self):
        """Seconds since the start of the test."""
        return time.perf_counter() - self.start_time

    def get_current_user_count(self):
        return self.runner.user_count

    @abstractmethod
    def tick(self):
        """(users, spawn rate) or (users, spawn rate, [user classes]); None ends the test."""
