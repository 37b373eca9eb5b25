from weakref import WeakKeyDictionary

from greenlet import getcurrent


class local:
    """Attributes of each greenlet's own, kept as long as both it and this object."""

    def __init__(self):
        object.__setattr__(self, "_places", WeakKeyDictionary())

    def _place(self):
        return object.__getattribute__(self, "_places").setdefault(getcurrent(), {})

    def __getattr__(self, name):
        try:
            return self._place()[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self._place()[name] = value

    def __delattr__(self, name):
        try:
            del self._place()[name]
        except KeyError:
            raise AttributeError(name) from None
