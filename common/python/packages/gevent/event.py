from . import Timeout, _Waiters


class Event:
    def __init__(self):
        self._flag = False
        self._waiters = _Waiters()

    def is_set(self):
        return self._flag

    isSet = ready = is_set

    def set(self):
        self._flag = True
        self._waiters.notify_all()

    def clear(self):
        self._flag = False

    def wait(self, timeout=None):
        return self._waiters.wait(self.is_set, timeout)


class AsyncResult:
    def __init__(self):
        self._done = False
        self.value = None
        self.exception = None
        self._waiters = _Waiters()

    def ready(self):
        return self._done

    def successful(self):
        return self._done and self.exception is None

    def set(self, value=None):
        self.value, self._done = value, True
        self._waiters.notify_all()

    def set_exception(self, exception, exc_info=None):
        self.exception, self._done = exception, True
        self._waiters.notify_all()

    def wait(self, timeout=None):
        self._waiters.wait(self.ready, timeout)
        return self.value

    def get(self, block=True, timeout=None):
        if not self._waiters.wait(self.ready, timeout if block else 0):
            raise Timeout(timeout)
        if self.exception is not None:
            raise self.exception
        return self.value
