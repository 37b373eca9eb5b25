"""Environment: the interface of test code to its process."""

from .event import Events
from .exception import Unsupported
from .stats import RequestStats
from .user.task import TaskSet, filter_tasks_by_tags, name_of


class _Setting:
    """An attribute on which the process acts: its runner is notified of each change."""

    def __set_name__(self, owner, name):
        self._name = name

    def __get__(self, environment, owner=None):
        return self if environment is None else vars(environment)[self._name]

    def __set__(self, environment, value):
        vars(environment)[self._name] = value
        if environment.runner is not None:
            environment.runner._setting_changed(self._name)


class Environment:
    host = _Setting()
    reset_stats = _Setting()
    shape_class = _Setting()
    stop_timeout = _Setting()

    def __init__(
        self,
        *,
        user_classes=None,
        shape_class=None,
        tags=None,
        locustfile=None,
        exclude_tags=None,
        events=None,
        host=None,
        reset_stats=False,
        stop_timeout=0.0,
        catch_exceptions=True,
        parsed_options=None,
        parsed_locustfiles=None,
        available_user_classes=None,
        available_shape_classes=None,
        profile=None,
        **_kwargs,
    ):
        self.runner = None
        self.web_ui = None
        self.process_exit_code = None
        self.events = events or Events()
        self.locustfile = locustfile
        self.user_classes = list(user_classes or ())
        self.shape_class = shape_class
        self.tags = tags
        self.exclude_tags = exclude_tags
        self.stats = RequestStats()
        self.host = host
        self.reset_stats = reset_stats
        self.stop_timeout = float(stop_timeout or 0)
        self.catch_exceptions = catch_exceptions
        self.parsed_options = parsed_options
        self.parsed_locustfiles = parsed_locustfiles
        self.available_user_classes = available_user_classes
        self.available_shape_classes = available_shape_classes
        self.profile = profile
        self.worker_logs = {}
        self._all_tasks = {}  # by class or set, before tags were heeded
        self._loaded_tasks = {each: list(each.tasks) for each in self.user_classes}
        self._chosen_tasks = {}  # names by class, which count instead of tags

    def _take_settings(self, **settings):
        """Those that the process itself has chosen."""
        vars(self).update(settings)

    @property
    def user_classes_by_name(self):
        return {each.__name__: each for each in self.user_classes}

    def create_local_runner(self, *_args, **_kwargs):
        raise Unsupported(
            "locust-cpp makes the runner of its processes itself; run stock Locust to use it as a library"
        )

    create_master_runner = create_worker_runner = create_web_ui = create_local_runner

    def filter_tasks(self, tags, exclude_tags):
        """Lists of tags, None for no filter. May be called for each test."""
        for holder, tasks in self._all_tasks.items():
            holder.tasks = list(tasks)
        if tags or exclude_tags:
            self._remember_tasks(self.user_classes)
            checked = {}
            for each in self.user_classes:
                filter_tasks_by_tags(each, set(tags) if tags else None, set(exclude_tags) if exclude_tags else None, checked)
        for each, names in self._chosen_tasks.items():
            self._keep_tasks(each, names)

    def _remember_tasks(self, holders):
        for holder in holders:
            if holder in self._all_tasks:
                continue
            self._all_tasks[holder] = list(holder.tasks)
            self._remember_tasks([each for each in holder.tasks if hasattr(each, "tasks")])

    def assign_equal_weights(self):
        """Gives every class weight 1, and all of its tasks, including those of its sets, the same probability."""

        def leaves(tasks):
            for each in tasks:
                if isinstance(each, type) and issubclass(each, TaskSet):
                    yield from leaves(each.tasks)
                else:
                    yield each

        for each in self.user_classes:
            each.weight = 1
            each.tasks = list(dict.fromkeys(leaves(each.tasks)))

    def _keep_tasks(self, each, names):
        each.tasks = [task for task in self._loaded_tasks[each] if name_of(task) in names]

    def restrict_tasks(self, each, names):
        """The tasks of a class after --config-users, before tags apply."""
        self._loaded_tasks.setdefault(each, list(each.tasks))
        self._keep_tasks(each, names)

    def set_tasks(self, class_name, names):
        """The tasks that the master's page has chosen for a class, independently of tags."""
        each = self.user_classes_by_name[class_name]
        self._remember_tasks([each])
        self._chosen_tasks[each] = names
        self._keep_tasks(each, names)
