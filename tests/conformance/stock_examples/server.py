"""What the examples of stock Locust ask for: the routes of the echo server, of the pages and of the XML-RPC
server that they were written for."""

import http.server
import json
import threading
import urllib.parse
import xmlrpc.server

PAGE = """<html><head><title>A page</title></head><body>
<form action="/sign-in"><input name="authenticity_token" value="f00d"></form></body></html>"""


class _Calls(xmlrpc.server.SimpleXMLRPCDispatcher):
    def __init__(self):
        super().__init__()
        self.register_function(lambda: 1.5, "get_time")
        self.register_function(lambda low, high: (low + high) // 2, "get_random_number")


CALLS = _Calls()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self, status, body, content_type, headers=()):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in (("Content-Type", content_type), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def json(self, document, status=200):
        self.answer(status, json.dumps(document), "application/json")

    def do_GET(self):
        self.read()
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        if parts.path == "/get":
            self.json({"args": query})
        elif parts.path == "/response-headers":
            self.answer(200, "{}", "application/json", query.items())
        elif parts.path in ("/", "/hello", "/item", "/sign-in", "/stats/requests"):
            self.answer(200, PAGE, "text/html; charset=utf-8", [("Set-Cookie", "session=1; Path=/")])
        else:
            self.json({"error": "no such page"}, 404)

    def do_POST(self):
        body = self.read()
        if self.path == "/RPC2":
            self.answer(200, CALLS._marshaled_dispatch(body), "text/xml")
        elif self.path == "/post":
            self.json({"data": json.loads(body) if body[:1] == b"{" else body.decode()})
        elif self.path == "/authenticate":
            self.json({"message": f"Welcome {json.loads(body)['username']}!"})
        elif self.path == "/checkout/confirm":
            self.json({"orderId": 42 if b"foo" in body else None})
        elif self.path in ("/login", "/sign-in"):
            self.answer(200, PAGE, "text/html")
        else:
            self.json({"error": "no such page"}, 404)

    def read(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, *_args):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, _request, _address):
        """Users that are stopped close their connections."""


class ExampleServer:
    def __init__(self):
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
