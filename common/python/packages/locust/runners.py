"""environment.runner: the process's part in the test."""

import functools
import logging
import os
import time
import traceback
from collections.abc import Mapping

import _locust_host
import gevent
from greenlet import GreenletExit  # noqa: F401  what stock's module has

from . import log
from .exception import Unsupported

STATE_INIT, STATE_SPAWNING, STATE_RUNNING, STATE_CLEANUP, STATE_STOPPING, STATE_STOPPED, STATE_MISSING = (
    "ready",
    "spawning",
    "running",
    "cleanup",
    "stopping",
    "stopped",
    "missing",
)
WORKER_REPORT_INTERVAL = 3.0
CPU_WARNING_THRESHOLD = 90
CPU_MONITOR_INTERVAL = 10.0


class Runner:
    def __init__(self, environment):
        self.environment = environment
        self.state = STATE_INIT
        self.exceptions = {}
        self.custom_messages = {}
        self._usage = time.monotonic(), time.process_time()
        gevent.spawn(self._monitor_usage_later)

    def _monitor_usage_later(self):
        _locust_host.call_later(CPU_MONITOR_INTERVAL, self._monitor_usage)

    def _monitor_usage(self):
        """Notifies listeners of the process's CPU usage since the last call."""
        self._monitor_usage_later()
        (then, used), self._usage = self._usage, (time.monotonic(), time.process_time())
        cpu_usage = round(100 * (self._usage[1] - used) / (self._usage[0] - then), 1)
        hooks = self.environment.events
        if cpu_usage > CPU_WARNING_THRESHOLD and hooks.cpu_warning._handlers:
            gevent.spawn(hooks.cpu_warning.fire, environment=self.environment, cpu_usage=cpu_usage)
        if hooks.usage_monitor._handlers:
            gevent.spawn(
                hooks.usage_monitor.fire, environment=self.environment, cpu_usage=cpu_usage, memory_usage=_resident_bytes()
            )

    @property
    def stats(self):
        return self.environment.stats

    @property
    def errors(self):
        return self.stats.errors

    @property
    def user_classes(self):
        return self.environment.user_classes

    @property
    def user_classes_by_name(self):
        return self.environment.user_classes_by_name

    @property
    def user_count(self):
        return sum(self.user_classes_count.values())

    def _setting_changed(self, name):
        """An attribute of the environment has a new value."""

    def register_message(self, msg_type, listener, concurrent=False):
        """The listener gets environment and msg. Later messages wait for it until it waits itself; not at all with
        `concurrent`."""
        if msg_type in self.custom_messages:
            raise Exception(f"Tried to register listener method for {msg_type}, but it already had a listener!")
        self.custom_messages[msg_type] = (listener, concurrent)
        self._register(msg_type)

    def _register(self, msg_type):
        pass

    def _receive(self, msg_type, data, node_id):
        """A custom message has arrived."""
        listener, concurrent = self.custom_messages[msg_type]
        call = functools.partial(self._tell, listener, Message(msg_type, data, node_id))
        if concurrent:
            gevent.spawn(call)
        else:
            _locust_host.run(call)

    def _tell(self, listener, message):
        try:
            listener(environment=self.environment, msg=message)
        except Exception:
            logging.error(f"Uncaught exception in handler for {message.type}\n{traceback.format_exc()}")
            self._handler_failed()

    def _handler_failed(self):
        pass

    def start_shape(self):
        raise Unsupported("locust-cpp starts shapes itself; start_shape is not supported")


def _resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Message:
    def __init__(self, message_type, data, node_id):
        self.type = message_type
        self.data = data
        self.node_id = node_id

    def __repr__(self):
        return f"<Message {self.type}:{self.node_id}>"


class LocalRunner(Runner):
    """Never made: `locust` without workers is a master with a worker here."""


class DistributedRunner(Runner):
    pass


class MasterRunner(DistributedRunner):
    def __init__(self, environment, host):
        self._host = host
        self.clients = WorkerNodes(host.workers)
        super().__init__(environment)

    @property
    def state(self):
        return self._host.state()

    @state.setter
    def state(self, _state):
        pass  # the process's own business

    @property
    def exceptions(self):
        return {
            key: {"count": count, "msg": msg, "traceback": frames, "nodes": set(nodes)}
            for key, (count, msg, frames, nodes) in enumerate(self._host.exceptions())
        }

    @exceptions.setter
    def exceptions(self, _exceptions):
        pass

    @property
    def target_user_count(self):
        return self._host.target_user_count()

    @property
    def target_user_classes_count(self):
        return self._host.target_user_classes_count()

    @property
    def user_classes_count(self):
        return self._host.user_classes_count()

    @property
    def worker_count(self):
        return len([each for each in self.clients.values() if each.state != STATE_MISSING])

    def _setting_changed(self, name):
        value = getattr(self.environment, name)
        if name == "host":
            self._host.set_host(str(value or ""))
        elif name == "stop_timeout":
            self._host.set_stop_timeout(float(value or 0))
        elif name == "reset_stats":
            self._host.set_resets_stats(bool(value))
        elif name == "shape_class":
            if value and value.runner is None:
                value.runner = self
            self._host.shape_chosen()

    def send_message(self, msg_type, data=None, client_id=None):
        self._host.send_message(msg_type, data, client_id)

    def _register(self, msg_type):
        self._host.register_message(msg_type)

    def start(self, user_count, spawn_rate, wait=False, user_classes=None):
        names = None if user_classes is None else [each.__name__ for each in user_classes]
        self._host.start(user_count, spawn_rate, names)

    def stop(self, *_args, **_kwargs):
        self._host.stop()

    def quit(self):
        self._host.quit()


class WorkerNode:
    """A worker as the master knows it."""

    def __init__(self, id, state=STATE_INIT, heartbeat_liveness=3):
        self.id = id
        self._take(state, {}, 0, 0, heartbeat_liveness, False)

    def _take(self, state, user_classes_count, cpu_usage, memory_usage, heartbeat, cpu_warning_emitted):
        self.state = state
        self.user_classes_count = user_classes_count
        self.cpu_usage = cpu_usage
        self.memory_usage = memory_usage
        self.heartbeat = heartbeat
        self.cpu_warning_emitted = cpu_warning_emitted

    @property
    def user_count(self):
        return sum(self.user_classes_count.values())


class WorkerNodes(Mapping):
    """The workers by id, as they are now. Reading it renews the nodes that it has given before."""

    def __init__(self, workers):
        self._workers = workers
        self._nodes = {}

    def _now(self):
        known, self._nodes = self._nodes, {}
        for node_id, state, *rest in self._workers():
            if state != STATE_STOPPED:  # until it is ready again
                node = self._nodes[node_id] = known.get(node_id) or WorkerNode(node_id)
                node._take(state, *rest)
        return self._nodes

    def get_by_state(self, state):
        return [each for each in self._now().values() if each.state == state]

    @property
    def all(self):
        return self._now().values()

    @property
    def ready(self):
        return self.get_by_state(STATE_INIT)

    @property
    def spawning(self):
        return self.get_by_state(STATE_SPAWNING)

    @property
    def running(self):
        return self.get_by_state(STATE_RUNNING)

    @property
    def missing(self):
        return self.get_by_state(STATE_MISSING)

    def __getitem__(self, node_id):
        return self._now()[node_id]

    def __iter__(self):
        return iter(list(self._now()))

    def __len__(self):
        return len(self._now())

    def values(self):
        return self._now().values()

    def items(self):
        return self._now().items()


class WorkerRunner(DistributedRunner):
    worker_index = -1

    def __init__(self, environment, host, client_id):
        super().__init__(environment)
        self._host = host
        self._ramped = {}  # the users of each class when the last ramp was over
        self.client_id = client_id

    @property
    def user_classes_count(self):
        return self._host.user_classes_count()

    @property
    def target_user_count(self):
        """What the last order asked for, as on stock's worker; of the whole test, as of stock's one process, where all
        of it is this worker's."""
        whole, counts = self._host.target()
        return sum(counts.values()) if whole is None else whole

    @property
    def target_user_classes_count(self):
        whole, counts = self._host.target()
        return counts if whole is None else self._ramped

    def _setting_changed(self, name):
        if name == "stop_timeout":
            self._host.set_stop_timeout(float(self.environment.stop_timeout or 0))

    def _ramp_is_over(self):
        self._ramped = self.user_classes_count

    def send_message(self, msg_type, data=None, client_id=None):
        self._host.send_message(msg_type, data)

    def _register(self, msg_type):
        self._host.register_message(msg_type)

    def _handler_failed(self):
        log.unhandled_greenlet_exception = True  # stock's worker ends by it

    def start(self, *_args, **_kwargs):
        raise Exception("use start_worker")

    def stop(self, *_args, **_kwargs):
        self.quit()

    def quit(self):
        """Requests the end of the whole test."""
        self._host.stop_test()
