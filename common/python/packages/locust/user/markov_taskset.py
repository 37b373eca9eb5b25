"""Task sets whose next task depends on the last one."""

import logging
import random

from ..exception import LocustError
from .task import TaskSet, TaskSetMeta


class NoMarkovTasksError(LocustError):
    pass


class InvalidTransitionError(LocustError):
    pass


class NonMarkovTaskTransitionError(LocustError):
    pass


class MarkovTaskTagError(LocustError):
    pass


def is_markov_task(task):
    return "transitions" in dir(task)


def transition(func_name, weight=1):
    return transitions({func_name: weight})


def transitions(weights):
    """A dict, or a list of names and (name, weight) pairs."""
    if not isinstance(weights, dict):
        weights = dict(item if isinstance(item, tuple) else (item, 1) for item in weights)

    def mark(decorated):
        decorated.transitions = {**getattr(decorated, "transitions", {}), **weights}
        return decorated

    return mark


def _weighted_names(weights):
    return [name for name, weight in weights.items() for _ in range(weight)]


def _check_target(task, target, class_dict, classname):
    if not class_dict.get(target):
        raise InvalidTransitionError(
            f"Transition to {target} from {task.__name__} is invalid since no such element exists on class {classname}"
        )
    if not is_markov_task(class_dict[target]):
        raise NonMarkovTaskTransitionError(
            f"{classname}.{target} cannot be used as a target for a transition since it does not define any "
            f"transitions of its own.Used as a transition from {task.__name__}."
        )


def _check_name(task):
    if task.__name__ in ("on_stop", "on_start"):
        logging.warning(
            "You have tagged your on_stop/start function with @transition. This will make the method get called "
            "both as a step AND on stop/start."
        )
    if task.__name__ == "run":
        raise Exception(
            "TaskSet.run() is a method used internally by Locust, and you must not override it or annotate it with transitions"
        )


def _reachable(first, class_dict):
    reached, open_ends = set(), [first]
    while open_ends:
        name = open_ends.pop()
        if name not in reached:
            reached.add(name)
            open_ends.extend(_weighted_names(class_dict[name].transitions))
    return reached


def _check_chain(tasks, class_dict, classname):
    if not tasks:
        raise NoMarkovTasksError(
            f"No Markov tasks defined in class {classname}. Use the @transition(s) decorators to define some."
        )
    for task in tasks:
        for target in task.transitions:
            _check_target(task, target, class_dict, classname)
    unreachable = {task.__name__ for task in tasks} - _reachable(tasks[0].__name__, class_dict)
    if unreachable:
        logging.warning(f"The following markov tasks are unreachable in class {classname}: {unreachable}")
    for task in tasks:
        _check_name(task)
        if "locust_tag_set" in dir(task):
            raise MarkovTaskTagError(
                "Tags are unsupported for MarkovTaskSet since they can make the markov chain invalid. "
                f"Tags detected on {classname}.{task.__name__}: {task.locust_tag_set}"
            )


class MarkovTaskSetMeta(TaskSetMeta):
    def __new__(mcs, classname, bases, class_dict):
        if not class_dict.get("abstract"):
            class_dict["abstract"] = False
            tasks = [member for member in class_dict.values() if is_markov_task(member)]
            _check_chain(tasks, class_dict, classname)
            class_dict["current"] = tasks[0]
            for task in tasks:
                task.transitions = _weighted_names(task.transitions)
        return type.__new__(mcs, classname, bases, class_dict)


class MarkovTaskSet(TaskSet, metaclass=MarkovTaskSetMeta):
    abstract = True

    def get_next_task(self):
        task = self.current
        self.current = getattr(self, random.choice(task.transitions))
        return task
