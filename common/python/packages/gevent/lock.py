from . import _host, _Waiters


class Semaphore:
    def __init__(self, value=1):
        self.counter = value
        self._waiters = _Waiters()

    def locked(self):
        return self.counter <= 0

    def acquire(self, blocking=True, timeout=None):
        if not self._waiters.wait(lambda: self.counter > 0, timeout if blocking else 0):
            return False
        self.counter -= 1
        return True

    def release(self):
        self.counter += 1
        self._waiters.notify_one()

    def wait(self, timeout=None):
        """Until it could be acquired, which it is not."""
        self._waiters.wait(lambda: self.counter > 0, timeout)
        if self.counter > 0:
            self._waiters.notify_one()  # one release lets all go on who only wait
        return self.counter

    def __enter__(self):
        self.acquire()

    def __exit__(self, *_exc):
        self.release()


class BoundedSemaphore(Semaphore):
    def __init__(self, value=1):
        super().__init__(value)
        self._limit = value

    def release(self):
        if self.counter >= self._limit:
            raise ValueError("Semaphore released too many times")
        super().release()


class RLock:
    def __init__(self):
        self._block = Semaphore(1)
        self._owner = None
        self._count = 0

    def acquire(self, blocking=True, timeout=None):
        me = _host.current()
        if self._count and self._owner == me:
            self._count += 1
            return True
        if not self._block.acquire(blocking, timeout):
            return False
        self._owner, self._count = me, 1
        return True

    def release(self):
        if not self._count or self._owner != _host.current():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = None
            self._block.release()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_exc):
        self.release()
