"""Tasks, and the sets that run them."""

import logging
import random
import traceback
from collections import deque
from time import perf_counter, time

from greenlet import GreenletExit

from .. import log
from ..exception import (
    InterruptTaskSet,
    MissingWaitTimeError,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
    Unsupported,
)

logger = logging.getLogger(__name__)

LOCUST_STATE_RUNNING, LOCUST_STATE_WAITING, LOCUST_STATE_STOPPING = "running", "waiting", "stopping"


def name_of(task):
    """What a task is called. A functools.partial and the like have no name of their own."""
    return getattr(task, "__name__", None) or getattr(getattr(task, "func", task), "__name__", type(task).__name__)


def task(weight=1):
    """@task or @task(weight)."""

    def mark(function):
        if function.__name__ in ("on_stop", "on_start"):
            logging.warning(
                "You have tagged your on_stop/start function with @task. This will make the method get called "
                "both as a task AND on stop/start."
            )
        if function.__name__ == "run":
            raise Exception(
                "User.run() is a method used internally by Locust, and you must not override it or register it as a task"
            )
        function.locust_task_weight = weight
        return function

    if callable(weight):
        function, weight = weight, 1
        return mark(function)
    return mark


def tag(*tags):
    """@tag("a", "b") on a task or a TaskSet, for --tags and --exclude-tags."""
    if not tags or callable(tags[0]):
        raise ValueError("No tag name was supplied")

    def mark(decorated):
        if hasattr(decorated, "tasks"):
            decorated.tasks = [mark(each) for each in decorated.tasks]
        else:
            decorated.locust_tag_set = decorated.__dict__.get("locust_tag_set", set()) | set(tags)
        return decorated

    return mark


def weighted(tasks):
    """The tasks of a list, a dict or pairs with their counts, each as many times as its count."""
    every = []
    for item in tasks.items() if isinstance(tasks, dict) else tasks:
        each, count = item if isinstance(item, tuple) else (item, 1)
        every.extend([each] * count)
    return every


def inherited_tasks(bases):
    return [each for base in bases for each in getattr(base, "tasks", None) or ()]


def get_tasks_from_base_classes(bases, class_dict):
    """The tasks of the bases, of `tasks`, and of methods marked with @task, in this order."""
    tasks = inherited_tasks(bases) + weighted(class_dict.get("tasks") or ())
    for member in class_dict.values():
        if "locust_task_weight" in dir(member):
            tasks.extend([member] * member.locust_task_weight)
    return tasks


def is_markov_taskset(each):
    return type(each).__name__ == "MarkovTaskSetMeta"


def filter_tasks_by_tags(task_holder, tags=None, exclude_tags=None, checked=None):
    """Leaves in task_holder.tasks, and in the sets below, what the tags (sets or None) allow."""
    checked = {} if checked is None else checked
    for each in task_holder.tasks:
        if each in checked:
            continue
        if hasattr(each, "tasks"):
            filter_tasks_by_tags(each, tags, exclude_tags, checked)
            checked[each] = bool(each.tasks) or is_markov_taskset(each)
        else:
            own = getattr(each, "locust_tag_set", set())
            wanted = tags is None or bool(own & tags)
            checked[each] = wanted and not (exclude_tags is not None and own & exclude_tags)
    task_holder.tasks = [each for each in task_holder.tasks if checked[each]]
    if not task_holder.tasks and not is_markov_taskset(task_holder):
        logging.warning(f"{task_holder.__name__} had no tasks left after filtering, instantiating it will fail!")


class TaskSetMeta(type):
    def __new__(mcs, classname, bases, class_dict):
        class_dict["tasks"] = get_tasks_from_base_classes(bases, class_dict)
        return type.__new__(mcs, classname, bases, class_dict)


class TaskSet(metaclass=TaskSetMeta):
    tasks = []
    min_wait = None
    max_wait = None
    wait_function = None

    def __init__(self, parent):
        self._task_queue = deque()
        self._parent = parent
        self._user = parent.user if isinstance(parent, TaskSet) else parent
        self._time_start = time()
        self._cp_last_run = perf_counter()
        self._cp_last_wait_time = 0
        for name in ("min_wait", "max_wait", "wait_function"):
            if not getattr(self, name):
                setattr(self, name, getattr(self._user, name))

    @property
    def user(self):
        return self._user

    @property
    def parent(self):
        return self._parent

    @property
    def client(self):
        return self._user.client

    def on_start(self):
        pass

    def on_stop(self):
        pass

    def run(self):
        """Runs tasks until one leaves the set, always by an exception."""
        try:
            self.on_start()
        except InterruptTaskSet as interrupt:
            leave = RescheduleTaskImmediately if interrupt.reschedule else RescheduleTask
            raise leave(interrupt.reschedule).with_traceback(interrupt.__traceback__)
        user = self._user
        queue = self._task_queue
        while True:
            try:
                if not queue:
                    self.schedule_task(self.get_next_task())
                try:
                    user._begin_task(queue[0])
                    self.execute_next_task()
                except RescheduleTaskImmediately:
                    user._yield()
                    continue
                except RescheduleTask:
                    pass
                self.wait()
            except InterruptTaskSet as interrupt:
                self._run_on_stop((StopUser, StopTest, GreenletExit))
                leave = RescheduleTaskImmediately if interrupt.reschedule else RescheduleTask
                raise leave(interrupt.reschedule) from interrupt
            except (StopUser, StopTest, GreenletExit):
                user._state = "on_stop"
                self._run_on_stop((GreenletExit,))
                raise
            except Exception as error:
                user.environment.events.user_error.fire(
                    user_instance=self, exception=error, tb=error.__traceback__
                )
                if not user.environment.catch_exceptions:
                    raise
                user._report(error)
                self.wait()

    def _run_on_stop(self, passed_on):
        try:
            self.on_stop()
        except passed_on:
            raise
        except Exception as error:
            logging.error("Uncaught exception in on_stop: \n%s", traceback.format_exc())
            if isinstance(error, Unsupported):
                log.unhandled_greenlet_exception = True

    def execute_next_task(self):
        self.execute_task(self._task_queue.popleft())

    def execute_task(self, task):
        if getattr(task, "__self__", None) is self:
            task()
        elif isinstance(task, type) and issubclass(task, TaskSet):
            task(self).run()
        else:
            task(self)

    def schedule_task(self, task_callable, first=False):
        if first:
            self._task_queue.appendleft(task_callable)
        else:
            self._task_queue.append(task_callable)

    def get_next_task(self):
        if not self.tasks:
            raise Exception(_no_tasks(self, "", "use the @task decorator or set the 'tasks' attribute of the TaskSet"))
        return random.choice(self.tasks)

    def wait_time(self):
        if self._user.wait_time:
            return self._user.wait_time()
        if self.min_wait is not None and self.max_wait is not None:
            return random.randint(self.min_wait, self.max_wait) / 1000.0
        raise MissingWaitTimeError(
            f"You must define a wait_time method on either the {type(self._user).__name__} or {type(self).__name__} class"
        )

    def wait(self):
        """Sleeps for the wait time. A stop ends the user here, even within a task."""
        self._user._wait(self.wait_time())

    def interrupt(self, reschedule=True):
        raise InterruptTaskSet(reschedule)


def _no_tasks(holder, on_class, remedy):
    hint = "."
    if getattr(holder, "task", None):
        hint = f", but you have set a 'task' attribute{on_class} - maybe you meant to set 'tasks'?"
    return f"No tasks defined on {type(holder).__name__}{hint} {remedy}"


class DefaultTaskSet(TaskSet):
    """Runs a user's own tasks, which get the user instead of a set."""

    def get_next_task(self):
        tasks = self._user.tasks
        if not tasks:
            raise Exception(
                _no_tasks(
                    self._user,
                    " on your class",
                    "Use the @task decorator or set the 'tasks' attribute of the User (or mark it as abstract = True "
                    "if you only intend to subclass it)",
                )
            )
        return random.choice(tasks)

    def execute_task(self, task):
        if isinstance(task, type) and issubclass(task, TaskSet):
            task(self._user).run()
        else:
            task(self._user)
