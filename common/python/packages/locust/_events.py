"""The hooks of this process, `locust.events`. Modules of this package take them from here and not from the package,
which imports them."""

from .event import Events

events = Events()
