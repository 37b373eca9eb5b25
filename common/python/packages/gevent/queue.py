import heapq
from collections import deque
from queue import Empty, Full

from . import _Waiters

__all__ = ("Empty", "Full", "JoinableQueue", "LifoQueue", "PriorityQueue", "Queue", "SimpleQueue")


class Queue:
    def __init__(self, maxsize=None, items=()):
        self.maxsize = None if maxsize is None or maxsize <= 0 else maxsize
        self.queue = self._make(items)
        self._getters = _Waiters()
        self._putters = _Waiters()

    def _make(self, items):
        return deque(items)

    def _take(self):
        return self.queue.popleft()

    def _add(self, item):
        self.queue.append(item)

    def qsize(self):
        return len(self.queue)

    __len__ = qsize

    def empty(self):
        return not self.queue

    def full(self):
        return self.maxsize is not None and len(self.queue) >= self.maxsize

    def put(self, item, block=True, timeout=None):
        if not self._putters.wait(lambda: not self.full(), timeout if block else 0):
            raise Full
        self._add(item)
        self._getters.notify_one()

    def put_nowait(self, item):
        self.put(item, False)

    def get(self, block=True, timeout=None):
        if not self._getters.wait(lambda: self.queue, timeout if block else 0):
            raise Empty
        item = self._take()
        self._putters.notify_one()
        return item

    def get_nowait(self):
        return self.get(False)

    def peek(self, block=True, timeout=None):
        if not self._getters.wait(lambda: self.queue, timeout if block else 0):
            raise Empty
        return self.queue[0]

    def __iter__(self):
        return self

    def __next__(self):
        item = self.get()
        if item is StopIteration:
            raise StopIteration
        return item


SimpleQueue = Queue


class LifoQueue(Queue):
    def _take(self):
        return self.queue.pop()


class PriorityQueue(Queue):
    def _make(self, items):
        heap = list(items)
        heapq.heapify(heap)
        return heap

    def _take(self):
        return heapq.heappop(self.queue)

    def _add(self, item):
        heapq.heappush(self.queue, item)


class JoinableQueue(Queue):
    def __init__(self, maxsize=None, items=(), unfinished_tasks=None):
        super().__init__(maxsize, items)
        self.unfinished_tasks = len(self.queue) if unfinished_tasks is None else unfinished_tasks
        self._joining = _Waiters()

    def _add(self, item):
        super()._add(item)
        self.unfinished_tasks += 1

    def task_done(self):
        if self.unfinished_tasks <= 0:
            raise ValueError("task_done() called too many times")
        self.unfinished_tasks -= 1
        if not self.unfinished_tasks:
            self._joining.notify_all()

    def join(self, timeout=None):
        return self._joining.wait(lambda: not self.unfinished_tasks, timeout)
