from itertools import cycle

from ..exception import LocustError
from .task import TaskSet, TaskSetMeta, inherited_tasks, weighted


class SequentialTaskSetMeta(TaskSetMeta):
    """Tasks in the order of their declaration; those of `tasks` where it stands among the methods."""

    def __new__(mcs, classname, bases, class_dict):
        tasks = inherited_tasks(bases)
        for name, member in class_dict.items():
            if name == "tasks":
                if not isinstance(member, (list, dict)):
                    raise ValueError("The 'tasks' attribute can only be set to list or dict")
                tasks.extend(weighted(member) if isinstance(member, dict) else member)
            if "locust_task_weight" in dir(member):
                tasks.extend([member] * member.locust_task_weight)
        class_dict["tasks"] = tasks
        return type.__new__(mcs, classname, bases, class_dict)


class SequentialTaskSet(TaskSet, metaclass=SequentialTaskSetMeta):
    """Runs its tasks one after the other, round and round."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._task_cycle = cycle(self.tasks)

    def get_next_task(self):
        if not self.tasks:
            raise LocustError(
                "No tasks defined. Use the @task decorator or set the 'tasks' attribute of the SequentialTaskSet"
            )
        return next(self._task_cycle)
