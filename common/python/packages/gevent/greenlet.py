from . import Greenlet, GreenletExit, joinall, killall

__all__ = ("Greenlet", "GreenletExit", "joinall", "killall")
