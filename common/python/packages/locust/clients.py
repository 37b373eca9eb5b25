"""self.client of HttpUser: the interface of requests, on locust-cpp's engine."""

import ast
import builtins
import functools
import json as json_module
import re
import sys
import weakref
from collections.abc import Mapping, MutableMapping
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

import _locust_host

from ._events import events
from .exception import CatchResponseError, LocustError, ResponseError, Unsupported

try:
    from _locust_worker import Response as _Response
    from _locust_worker import Session as _Session
except ImportError:  # a master makes no requests
    _Response = _Session = object

_NO_CATCH = (
    "If you want to change the state of the request using .success() or .failure(), you must pass "
    "catch_response=True. See http://docs.locust.io/en/stable/writing-a-locustfile.html#validating-responses"
)
_WITHOUT_CATCH = "In order to use a with-block for requests, you must also pass catch_response=True"


def _not_entered(method):
    return (
        "Tried to set status on a request that has not yet been made. Make sure you use a with-block, like this:\n\n"
        f"with self.client.request(..., catch_response=True) as response:\n    response.{method}"
    )


def requote_url(url):
    """Percent-encodes a URL like requests."""
    url = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", url)
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~")


class Headers(MutableMapping):
    """Headers with case-insensitive names. `_version` lets the engine detect changes."""

    __slots__ = ("_items", "_version")

    def __init__(self, headers=()):
        self._items = {}
        self._version = 1
        self.update(headers or ())

    def __setitem__(self, name, value):
        self._version += 1
        self._items[name.lower()] = (name, value)

    def __getitem__(self, name):
        return self._items[name.lower()][1]

    def __delitem__(self, name):
        self._version += 1
        del self._items[name.lower()]

    def __iter__(self):
        return (name for name, _ in self._items.values())

    def __len__(self):
        return len(self._items)

    def __eq__(self, other):
        if not isinstance(other, Mapping):
            return NotImplemented
        return {key: value for key, (_, value) in self._items.items()} == {
            name.lower(): value for name, value in other.items()
        }

    def __repr__(self):
        return str(dict(self.items()))

    def copy(self):
        return Headers(self)

    def getheaders(self, name):
        value = self.get(name)
        return [] if value is None else [value]

    def _plain(self):
        return dict(self._items.values())


class Request:
    """The request of a response."""

    def __init__(self, method, url, body=None, headers=None):
        self.method = method
        self.url = url
        self.body = self.payload = body
        self.headers = headers or Headers()

    @property
    def path_url(self):
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def error_types(name):
    """The class of requests.exceptions if test code has imported it."""
    real = sys.modules.get("requests.exceptions")
    return getattr(real, name, None) if real else None


class RequestException(OSError):
    """A failed request with stock's text."""

    def __init__(self, *args, request=None, response=None, text=None):
        super().__init__(*args)
        self.request = request
        self.response = response
        self._text = text

    def __repr__(self):
        return self._text or super().__repr__()

    def __str__(self):
        return self._text if self._text and not self.args else super().__str__()


@functools.cache
def _exception_type(name, real):
    """A class of requests' name, and a subclass of its own where test code has imported requests."""
    base = (RequestException,) if real is None else (RequestException, real)
    return type(name, base, {})


def requests_exception(name, text, response):
    message = text[len(name) + 2 : -2] if text.startswith(name + "(") else text
    kind = _exception_type(name, error_types(name))
    return kind(message, response=response, request=response.request, text=text)


_builtin_error = re.compile(r"(ConnectionRefusedError|ConnectionResetError|TimeoutError|OSError)\((\d+), '(.*)'\)")


def raise_value_error(text):
    """The exception of a failure text that has the form of one."""
    raise ValueError(ast.literal_eval(text.removeprefix("ValueError(").removesuffix(")")))


def raise_invalid_url(url):
    """The exception of requests for an invalid URL."""
    scheme, separator, rest = url.partition("://")
    if ":" in url and not url.lower().startswith("http"):
        name, message = "InvalidSchema", f"No connection adapters were found for {url!r}"
    elif not separator:
        name, message = "MissingSchema", f"Invalid URL {url!r}: No scheme supplied. Perhaps you meant https://{url}?"
    elif not (authority := re.split("[/?#]", rest)[0]):
        name, message = "InvalidURL", f"Invalid URL {url!r}: No host supplied"
    elif re.fullmatch(r".*:\d+", authority):
        name, message = "InvalidURL", f"Failed to parse: {url}"
    else:
        name, message = "InvalidURL", f"Failed to parse: {authority!r} is not a valid host or port"
    raise _exception_type(name, error_types(name))(message)


def exception_of(text, response):
    """The exception of a failure's text: what raise_for_status raises and listeners get."""
    found = _builtin_error.fullmatch(text)
    if found:
        return getattr(builtins, found[1])(int(found[2]), found[3])
    return requests_exception("HTTPError" if text.startswith("HTTPError(") else "ConnectionError", text, response)


class Response(_Response):
    """The response to a request. Headers and body become objects on access."""

    encoding = None
    _manual_result = None
    _entered = False
    _context = None
    _session = None

    # --- what requests' Response has

    @property
    def content(self):
        body = self._content
        return body if body or self.status_code else None

    @property
    def text(self):
        content = self.content
        if content is None:
            return None
        encoding = self.encoding or self._encoding_of_headers()
        if encoding is None:
            encoding = "utf-8"
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                return content.decode("latin-1")
        try:
            return str(content, encoding, errors="replace")
        except LookupError:
            return str(content, errors="replace")

    def _encoding_of_headers(self):
        content_type = self.headers.get("content-type", "")
        kind, _, parameters = content_type.partition(";")
        for parameter in parameters.split(";"):
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return value.strip("'\" ")
        if "application/json" in kind:
            return "utf-8"
        return "ISO-8859-1" if "text" in kind else None

    def json(self, **kwargs):
        return json_module.loads(self._content, **kwargs)

    @property
    def headers(self):
        known = self.__dict__.get("_headers")
        if known is None:
            known = self.__dict__["_headers"] = Headers()
            for line in self._header_lines.split("\r\n"):
                name, colon, value = line.partition(":")
                if not colon:
                    continue
                value = value.strip()
                known[name] = f"{known[name]}, {value}" if name in known else value
        return known

    @property
    def cookies(self):
        known = self.__dict__.get("_cookies")
        if known is None:
            from ._cookies import cookies_of_response

            lines = (line.partition(":") for line in self._header_lines.split("\r\n"))
            set_cookies = [value.strip() for name, _, value in lines if name.lower() == "set-cookie"]
            known = self.__dict__["_cookies"] = cookies_of_response(self._final_url, set_cookies)
        return known

    @property
    def ok(self):
        return 0 < self.status_code < 400

    @property
    def url(self):
        return self._final_url

    @property
    def request(self):
        return Request(self._method, self._first_url)

    @property
    def history(self):
        """One element per redirect that was followed; only their number is known."""
        return [Request(self._method, self._first_url) for _ in range(self._redirects)]

    @property
    def elapsed(self):
        return timedelta(milliseconds=self._response_time)

    @property
    def is_redirect(self):
        return "location" in self.headers and self.status_code in (301, 302, 303, 307, 308)

    @property
    def links(self):
        raise Unsupported("response.links is not supported by locust-cpp; read response.headers['link']")

    def iter_content(self, chunk_size=1024, decode_unicode=False, **_kwargs):
        body = self.text if decode_unicode else self._content
        step = chunk_size or len(body) or 1
        return (body[i : i + step] for i in range(0, len(body), step))

    def iter_lines(self, *_args, decode_unicode=False, **_kwargs):
        return iter((self.text if decode_unicode else self._content).splitlines())

    def close(self):
        pass

    def __bool__(self):
        return self.ok

    def __repr__(self):
        return f"<Response [{self.status_code}]>"

    @property
    def error(self):
        text = self._failure_text()
        if not text:
            return None
        name = text.partition("(")[0]
        known = name in ("TooManyRedirects", "ReadTimeout", "SSLError", "ChunkedEncodingError")
        return requests_exception(name if known else "ConnectionError", text, self)

    def _failure_text(self):
        return self._requests_error_text

    def raise_for_status(self):
        if isinstance(self._manual_result, Exception):
            raise self._manual_result
        if self._manual_result:
            return
        if self._failure_text():
            raise self.error
        if self.status_code >= 400:
            side = "Client" if self.status_code < 500 else "Server"
            text = f"{self.status_code} {side} Error: {self.reason} for url: {self.url}"
            raise exception_of(f"HTTPError({text!r})", self)

    # --- what catch_response adds

    @property
    def request_meta(self):
        known = self.__dict__.get("_meta")
        if known is None:
            known = self.__dict__["_meta"] = {
                "request_type": self._method,
                "response_time": self._response_time,
                "name": self._name,
                "context": self._context or {},
                "response": self,
                "exception": None,
                "start_time": self._start_time,
                "url": self._first_url,
                "response_length": self._response_length,
            }
        return known

    def __enter__(self):
        if not self._undecided:
            raise LocustError(_WITHOUT_CATCH)
        self._entered = True
        return self

    def __exit__(self, exc, value, traceback):
        if self._manual_result is not None:
            self._report("" if self._manual_result is True else self._manual_result)
            return exc is None
        if exc is None:
            self._report(self._session._failure(self))
            return True
        if isinstance(value, ResponseError):
            self._report(value)
            return True
        return False

    def _report(self, failure):
        meta = self.__dict__.get("_meta")  # what test code has made of it
        counted = meta and tuple(meta[key] for key in ("request_type", "name", "response_time", "response_length"))
        if not self._log(failure if isinstance(failure, str) else repr(failure), counted):
            return
        self._session._fire(self, failure, self._context)

    def success(self):
        if not self._entered:
            raise LocustError(_not_entered("success()") if self._undecided else _NO_CATCH)
        self._manual_result = True

    def failure(self, exc):
        if not self._entered:
            raise LocustError(_not_entered("failure(...)") if self._undecided else _NO_CATCH)
        self._manual_result = exc if isinstance(exc, Exception) else CatchResponseError(exc)


ResponseContextManager = RestResponseContextManager = Response


class Session(_Session):
    """The base of HttpSession and FastHttpSession."""

    response_class = Response
    is_fast = False

    def __new__(cls, *_args, **_kwargs):
        return super().__new__(cls)

    def __init__(self, base_url, request_event=None, user=None, headers=None):
        parts = urlsplit(base_url or "")
        credentials = None
        if parts.username and parts.password:
            credentials = (unquote(parts.username), unquote(parts.password))
            base_url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        super().__init__(base_url, user, self.is_fast)
        self._user = None if user is None else weakref.ref(user)
        self.request_event = request_event
        self._response_class = self.response_class
        self._headers = Headers(headers)
        self._auth = None
        if credentials:
            self.auth = credentials

    @property
    def user(self):
        return self._user and self._user()

    @property
    def headers(self):
        return self._headers

    @headers.setter
    def headers(self, headers):
        self._headers = Headers(headers)

    @property
    def auth(self):
        return self._auth

    @auth.setter
    def auth(self, auth):
        self._auth = auth
        self._slow = True

    @contextmanager
    def rename_request(self, name):
        """All requests of the block are counted under this name."""
        self.request_name = name
        try:
            yield
        finally:
            self.request_name = None

    def _absolute(self, url):
        return url if "://" in url else self.base_url + url

    def _fire(self, response, failure, context):
        """Notifies the listeners of events.request."""
        if not events.request._handlers:
            return
        user = self.user
        meta = response.request_meta
        meta["context"] = {**(user.context() if user is not None else {}), **(context or {}), **meta["context"]}
        if failure:
            meta["exception"] = exception_of(failure, response) if isinstance(failure, str) else failure
        events.request.fire_listeners(**meta)

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()


def _basic(user, password):
    from base64 import b64encode

    pair = (part.encode("latin-1") if isinstance(part, str) else part for part in (user, password))
    return "Basic " + b64encode(b":".join(pair)).decode("ascii")


def apply_auth(auth, headers, method=None, url=None, body=None, json=None):
    """Adds what `auth` asks for to the headers; returns (user, password) for digest authentication. The others
    are what a callable is told of the request; it can change headers only."""
    if auth is None:
        return None
    if isinstance(auth, (tuple, list)):
        headers["Authorization"] = _basic(*auth)
        return None
    kind = type(auth).__name__
    if kind == "HTTPBasicAuth":
        headers["Authorization"] = _basic(auth.username, auth.password)
    elif kind == "HTTPDigestAuth":
        return str(auth.username), str(auth.password)
    elif callable(auth):
        if body is None and json is not None:
            body = json_module.dumps(json)
        request = Request(method, url, body, Headers(headers))
        auth(request)
        headers.update(request.headers)
    else:
        raise TypeError(f"auth={auth!r}: give (user, password), HTTPBasicAuth, HTTPDigestAuth or a callable")
    return None


def add_params(url, params):
    if not params:
        return url
    if isinstance(params, bytes):
        params = params.decode()
    if not isinstance(params, str):
        items = params.items() if hasattr(params, "items") else params
        items = [(key, value) for key, value in items if value is not None]
        params = urlencode(items, doseq=True)
    url, hash_sign, fragment = url.partition("#")
    separator = "" if url.endswith(("?", "&")) else "&" if "?" in url else "?"
    return url + separator + params + hash_sign + fragment


def _bytes_of(source):
    if hasattr(source, "read"):
        source = source.read()
    return source.encode() if isinstance(source, str) else bytes(source)


def encode_body(data, files, headers):
    """The body, and its content type among the headers unless they have one."""
    if files:
        body, content_type = _multipart(data or {}, files)
    elif not data:
        return None
    elif hasattr(data, "items") or isinstance(data, (list, tuple)):
        body, content_type = urlencode(data, doseq=True), "application/x-www-form-urlencoded"
    elif hasattr(data, "read"):
        return _bytes_of(data)
    elif hasattr(data, "__iter__") and not isinstance(data, (str, bytes, bytearray)):
        return b"".join(_bytes_of(piece) for piece in data)
    else:
        return bytes(data) if isinstance(data, bytearray) else data
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = content_type
    return body


def _multipart(fields, files):
    import os

    boundary = os.urandom(16).hex()
    parts = []

    def add(name, content, filename=None, content_type=None, more=()):
        lines = [f'Content-Disposition: form-data; name="{name}"']
        if filename is not None:
            lines[0] += f'; filename="{filename}"'
        if content_type:
            lines.append(f"Content-Type: {content_type}")
        lines.extend(f"{key}: {value}" for key, value in dict(more).items())
        head = f"--{boundary}\r\n" + "\r\n".join(lines) + "\r\n\r\n"
        parts.append(head.encode() + _bytes_of(content) + b"\r\n")

    for name, value in fields.items() if hasattr(fields, "items") else fields:
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if each is not None:
                add(name, each if isinstance(each, (str, bytes)) else str(each))
    for name, value in files.items() if hasattr(files, "items") else files:
        if isinstance(value, (list, tuple)):
            filename, content, *rest = value
            add(name, content, filename, *rest)
        else:
            path = getattr(value, "name", None)
            add(name, value, os.path.basename(path) if isinstance(path, str) else name)
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


class HttpSession(Session):
    def __init__(self, base_url, request_event=None, user=None, *_args, pool_manager=None, **_kwargs):
        if pool_manager is not None:
            raise Unsupported("pool_manager is not supported by locust-cpp: every user has connections of its own")
        super().__init__(
            base_url,
            request_event,
            user,
            {"User-Agent": f"locust-cpp/{_locust_host.version}", "Accept": "*/*", "Connection": "keep-alive"},
        )
        self._session_settings = {"verify": True, "cert": None, "params": {}, "proxies": {}, "max_redirects": 30}
        self.trust_env = False
        self._cookies = None

    @property
    def cookies(self):
        if self._cookies is None:
            from ._cookies import EngineRequestsCookieJar

            self._cookies = EngineRequestsCookieJar(self)
        return self._cookies

    @cookies.setter
    def cookies(self, cookies):
        self.cookies.replace(cookies or ())

    def mount(self, *_args):
        raise Unsupported("transport adapters are not supported by locust-cpp")

    def _general_request(
        self,
        method,
        url,
        name=None,
        catch_response=False,
        context=None,
        *,
        data=None,
        json=None,
        params=None,
        headers=None,
        cookies=None,
        files=None,
        auth=None,
        timeout=None,
        allow_redirects=True,
        proxies=None,
        hooks=None,
        stream=None,
        verify=None,
        cert=None,
    ):
        method = method.decode() if isinstance(method, bytes) else method
        url = url.decode() if isinstance(url, bytes) else url
        settings = self._session_settings
        headers = dict(headers or {})
        url = add_params(add_params(url, settings["params"]), params)
        body = encode_body(data, files, headers)
        auth = self._auth if auth is None else auth
        digest = apply_auth(auth, headers, method, self._absolute(url), body, json)
        if isinstance(timeout, tuple):
            timeout = timeout[1] if timeout[1] is not None else timeout[0]
        verify = settings["verify"] if verify is None else verify
        cert = settings["cert"] if cert is None else cert
        if isinstance(cert, tuple):
            raise Unsupported("cert=(certificate, key): give one PEM file that has both")
        response = self._send(
            method,
            url,
            name,
            catch_response,
            context,
            body,
            json if not data and not files else None,
            headers,
            timeout,
            allow_redirects,
            settings["max_redirects"],
            bool(verify),
            verify if isinstance(verify, str) else "",
            cert or "",
            self._proxy(url, proxies),
            digest,
            _cookie_values(cookies),
        )
        for hook in _response_hooks(hooks):
            response = hook(response) or response
        return response

    def _proxy(self, url, proxies):
        proxies = {**self._session_settings["proxies"], **(proxies or {})}
        parts = urlsplit(self._absolute(url))
        for key in (f"{parts.scheme}://{parts.hostname}", parts.scheme, f"all://{parts.hostname}", "all"):
            if proxies.get(key):
                return proxies[key]
        return ""


def _cookie_values(cookies):
    """Of a dict or a CookieJar."""
    if hasattr(cookies, "set_cookie"):
        return {cookie.name: cookie.value for cookie in cookies}
    return dict(cookies or {})


def _response_hooks(hooks):
    found = (hooks or {}).get("response", ())
    return found if isinstance(found, (list, tuple)) else (found,)


def _setting(name):
    """A setting of requests' Session that disables the fast path."""

    def get(self):
        return self._session_settings[name]

    def set(self, value):
        self._session_settings[name] = value
        self._slow = True

    return property(get, set)


for _name in ("verify", "cert", "params", "proxies", "max_redirects"):
    setattr(HttpSession, _name, _setting(_name))
