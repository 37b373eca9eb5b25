"""The failure texts of newest FastHttpUser in the situations of tests/data/error_texts.json, which our
engine is held to by tests/unit/worker/http/http_failure_test.cc. If this fails after an update of stock
Locust, the data, docs/errors.md and worker/http/failure.cc are to follow.
"""

from locust.contrib.fasthttp import FastHttpUser  # first: it patches the standard library
from locust.env import Environment
from locust.event import Events

import json
import pathlib
import re
import socket
import struct
import unittest

import gevent
import gevent.server

DATA = pathlib.Path(__file__).resolve().parents[1] / "data" / "error_texts.json"
TIMEOUT = 0.5  # FastHttpUser's, in the situations that run into it


def close(sock, reset):
    if reset:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def behaviour(situation):
    """What the server of a situation does with each connection."""

    def serve(sock, _address):
        then = situation.get("then", "keep")
        if then == "close at once":
            return close(sock, False)
        while sock.recv(65536):
            sock.sendall(situation.get("send", "").encode("latin-1"))
            if then == "reset later":
                gevent.sleep(0.1)  # so that the client reads what was sent
            if then != "keep":
                return close(sock, then.startswith("reset"))

    return serve


def failure_of(situation, url):
    """How stock reports the request: (text, status, raised into the task)."""
    seen = []
    environment = Environment(events=Events())

    class Visitor(FastHttpUser):
        host = "http://127.0.0.1"
        network_timeout = connection_timeout = TIMEOUT

    @environment.events.request.add_listener
    def on_request(exception, response, **_):
        seen.append((repr(exception), response.status_code or 0, False))

    try:
        client = Visitor(environment).client
        client.request(situation.get("method", "GET"), url, headers=dict(situation.get("headers", {})))
    except Exception as error:
        return repr(error), situation.get("status", 0), True
    return seen[0]


class ErrorTexts(unittest.TestCase):
    def test_are_those_of_stock(self):
        for situation in json.loads(DATA.read_text()):
            with self.subTest(situation["situation"]):
                server = gevent.server.StreamServer(("127.0.0.1", 0), behaviour(situation))
                server.start()
                scheme = situation.get("scheme", "http")
                url = situation.get("url", f"{scheme}://127.0.0.1:{server.server_port}/p")
                text, status, raised = failure_of(situation, url)
                server.stop()
                if "gaierror(-3" in text:
                    continue  # no name server here
                text = re.sub(r" \(_ssl\.c:\d+\)", "", text).replace(repr(url), "'URL'")
                self.assertEqual(text, situation["text"])
                # stock_status: where it has no response, though it has read a status
                self.assertEqual(status, situation.get("stock_status", situation.get("status", 0)))
                self.assertEqual(raised, situation.get("raised", False))


if __name__ == "__main__":
    unittest.main()
