"""What locustfiles commonly use of gevent, on locust-cpp's greenlets."""

import time as _time

import _locust_host as _host
from greenlet import GreenletExit

__version__ = "locust-cpp"


class Timeout(BaseException):
    """Raised in the greenlet that started it when its time has passed."""

    def __init__(self, seconds=None, exception=None):
        super().__init__()
        self.seconds = seconds
        self.exception = exception
        self._call = None

    def start(self):
        if self._call is not None or self.seconds is None:
            return self
        greenlet = _host.current()
        if greenlet is None:
            raise RuntimeError("gevent.Timeout needs a task or a greenlet to interrupt")
        wanted = self if self.exception in (None, False, True) else self.exception
        self._call = _host.kill(greenlet, wanted, self.seconds)
        return self

    @classmethod
    def start_new(cls, timeout=None, exception=None):
        return timeout.start() if isinstance(timeout, Timeout) else cls(timeout, exception).start()

    @property
    def pending(self):
        return self._call is not None

    def cancel(self):
        if self._call is not None:
            _host.cancel(self._call)
            self._call = None

    close = cancel

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, traceback):
        self.cancel()
        return value is self and self.exception is False

    def __str__(self):
        return "" if self.seconds is None else f"{self.seconds} second{'' if self.seconds == 1 else 's'}"


class _Waiters:
    """The greenlets that wait for a condition."""

    def __init__(self):
        self._ids = []

    def wait(self, is_true, timeout=None):
        """Returns whether it became true in time."""
        deadline = None if timeout is None else _time.monotonic() + timeout
        while not is_true():
            left = None if deadline is None else deadline - _time.monotonic()
            if left is not None and left <= 0:
                return False
            self._wait_once(left)
        return True

    def _wait_once(self, timeout):
        greenlet = _host.current()
        self._ids.append(greenlet)
        call = None
        if timeout is not None and greenlet is not None:
            call = _host.call_later(timeout, lambda: _host.unpark(greenlet))
        try:
            _host.park()
        except BaseException:
            if greenlet not in self._ids:
                self.notify_one()  # it was woken and does not go on: another one can
            raise
        finally:
            if call is not None:
                _host.cancel(call)
            if greenlet in self._ids:
                self._ids.remove(greenlet)

    def notify_one(self):
        if self._ids:
            _host.unpark(self._ids.pop(0))

    def notify_all(self):
        while self._ids:
            self.notify_one()


class Greenlet:
    def __init__(self, run=None, *args, **kwargs):
        if run is not None:
            self._run = run
        self.args = args
        self.kwargs = kwargs
        self.value = None
        self.exception = None
        self.exc_info = ()
        self._id = None
        self._ended = False
        self._joining = _Waiters()
        self._links = []

    def __repr__(self):
        return f"<Greenlet {getattr(self._run, '__name__', self._run)}>"

    def _main(self):
        import sys

        try:
            self.value = self._run(*self.args, **self.kwargs)
        except GreenletExit as exit:
            self.value = exit
        except BaseException as error:
            self.exception = error
            self.exc_info = sys.exc_info()
            self._report()
        self._ended = True
        self._joining.notify_all()
        for callback, wants_error in self._links:
            if wants_error is None or wants_error == (self.exception is not None):
                callback(self)

    def _report(self):
        import sys

        from locust import exception, log

        if log.ends_process(self.exception):
            return
        if not self._links:
            sys.excepthook(*self.exc_info)
        if isinstance(self.exception, exception.Unsupported):
            log.unhandled_greenlet_exception = True

    def start(self):
        if self._id is None:
            self._id = _host.spawn(self._main)

    def start_later(self, seconds):
        self._run, run = (lambda *args, **kwargs: (sleep(seconds), run(*args, **kwargs))[1]), self._run
        self.start()

    @classmethod
    def spawn(cls, *args, **kwargs):
        greenlet = args[0] if args and isinstance(args[0], Greenlet) else cls(*args, **kwargs)
        greenlet.start()
        return greenlet

    @classmethod
    def spawn_later(cls, seconds, *args, **kwargs):
        greenlet = cls(*args, **kwargs)
        greenlet.start_later(seconds)
        return greenlet

    @property
    def started(self):
        return self._id is not None and not self._ended

    @property
    def dead(self):
        return self._ended

    def ready(self):
        return self._ended

    def successful(self):
        return self._ended and self.exception is None

    def __bool__(self):
        return self.started

    def join(self, timeout=None):
        self._joining.wait(self.ready, timeout)

    def get(self, block=True, timeout=None):
        if not self._joining.wait(self.ready, timeout if block else 0):
            raise Timeout(timeout)
        if self.exception is not None:
            raise self.exception
        return self.value

    def kill(self, exception=GreenletExit, block=True, timeout=None):
        if self._ended:
            return
        if self._id is None:
            self._ended = True
            return
        _host.kill(self._id, exception)
        if block and _host.current() not in (None, self._id):
            self.join(timeout)

    def link(self, callback):
        self._links.append((callback, None))
        if self._ended:
            callback(self)

    rawlink = link

    def link_value(self, callback):
        self._links.append((callback, False))

    def link_exception(self, callback):
        self._links.append((callback, True))


spawn = Greenlet.spawn
spawn_later = Greenlet.spawn_later
spawn_raw = spawn


def sleep(seconds=0, ref=True):
    if not _host.sleep(max(seconds, 0)):
        from locust._host import sleep_blocking

        sleep_blocking(max(seconds, 0))


def idle(priority=0):
    sleep(0)


class _Current:
    """The greenlet that runs, where it was not made by spawn()."""

    def __init__(self, greenlet):
        self._id = greenlet

    def kill(self, exception=GreenletExit, **_kwargs):
        raise exception


def getcurrent():
    return _Current(_host.current())


def joinall(greenlets, timeout=None, raise_error=False, count=None):
    done = wait(greenlets, timeout, count)
    if raise_error:
        for greenlet in done:
            greenlet.get()
    return done


def wait(objects=None, timeout=None, count=None):
    objects = list(objects or ())
    deadline = None if timeout is None else _time.monotonic() + timeout
    for each in objects:
        if count is not None and sum(other.ready() for other in objects) >= count:
            break
        each.join(None if deadline is None else max(0, deadline - _time.monotonic()))
    return [each for each in objects if each.ready()]


def killall(greenlets, exception=GreenletExit, block=True, timeout=None):
    greenlets = list(greenlets)
    for each in greenlets:
        each.kill(exception, block=False)
    if block:
        joinall(greenlets, timeout)


def with_timeout(seconds, function, *args, timeout_value=None, **kwargs):
    timeout = Timeout.start_new(seconds)
    try:
        return function(*args, **kwargs)
    except Timeout as error:
        if error is not timeout:
            raise
        return timeout_value
    finally:
        timeout.cancel()


def get_hub():
    from locust.exception import Unsupported

    raise Unsupported("gevent.get_hub() is not supported by locust-cpp, whose greenlets have no gevent hub")
