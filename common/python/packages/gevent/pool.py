from . import Greenlet, GreenletExit, joinall, killall
from .lock import Semaphore


class Group:
    greenlet_class = Greenlet

    def __init__(self, *greenlets):
        self.greenlets = set()
        for each in greenlets:
            self.add(each)

    def __len__(self):
        return len(self.greenlets)

    def __iter__(self):
        return iter(set(self.greenlets))

    def __contains__(self, greenlet):
        return greenlet in self.greenlets

    def add(self, greenlet):
        self.greenlets.add(greenlet)
        greenlet.link(self._discard)

    def _discard(self, greenlet):
        self.greenlets.discard(greenlet)

    discard = _discard

    def start(self, greenlet):
        self.add(greenlet)
        greenlet.start()

    def spawn(self, *args, **kwargs):
        greenlet = self.greenlet_class(*args, **kwargs)
        self.start(greenlet)
        return greenlet

    def join(self, timeout=None, raise_error=False):
        joinall(list(self.greenlets), timeout, raise_error)
        return not self.greenlets

    def kill(self, exception=GreenletExit, block=True, timeout=None):
        killall(list(self.greenlets), exception, block, timeout)

    def killone(self, greenlet, exception=GreenletExit, block=True, timeout=None):
        greenlet.kill(exception, block, timeout)

    def apply(self, func, args=(), kwds=None):
        return self.spawn(func, *args, **(kwds or {})).get()

    def apply_async(self, func, args=(), kwds=None, callback=None):
        greenlet = self.spawn(func, *args, **(kwds or {}))
        if callback is not None:
            greenlet.link_value(lambda done: callback(done.value))
        return greenlet

    def map(self, func, iterable):
        return [greenlet.get() for greenlet in [self.spawn(func, each) for each in iterable]]

    def imap(self, func, *iterables):
        return iter([greenlet.get() for greenlet in [self.spawn(func, *each) for each in zip(*iterables)]])

    imap_unordered = imap

    def full(self):
        return False


class Pool(Group):
    """At most `size` greenlets at a time; spawn() waits for a place."""

    def __init__(self, size=None, greenlet_class=None):
        super().__init__()
        self.size = size
        self.greenlet_class = greenlet_class or Greenlet
        self._places = None if size is None else Semaphore(size)

    def start(self, greenlet):
        if self._places is not None:
            self._places.acquire()
        super().start(greenlet)

    def _discard(self, greenlet):
        super()._discard(greenlet)
        if self._places is not None:
            self._places.release()

    def full(self):
        return self.size is not None and len(self.greenlets) >= self.size

    def free_count(self):
        return 1 if self.size is None else max(0, self.size - len(self.greenlets))
