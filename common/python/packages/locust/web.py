"""Test code imports it for its names: pages of its own need stock's master."""

from .exception import Unsupported


class WebUI:
    def __init__(self, *_args, **_kwargs):
        raise Unsupported("locust-cpp has no web pages of test code; run stock Locust as the master")
