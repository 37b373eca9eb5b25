"""client.cookies of HttpUser and client.cookiejar of FastHttpUser: the engine's cookies with the interfaces of
requests and http.cookiejar. Imported when test code first accesses a cookie."""

import copy
import time
import weakref
from collections.abc import MutableMapping
from http.cookiejar import Cookie, CookieJar, http2time
from http.cookies import Morsel
from urllib.parse import urlsplit
from urllib.request import Request

from .exception import Unsupported

_DEFAULTS = {
    "version": 0,
    "port": None,
    "domain": "",
    "path": "/",
    "secure": False,
    "expires": None,
    "discard": True,
    "comment": None,
    "comment_url": None,
    "rest": {"HttpOnly": None},
    "rfc2109": False,
}


def create_cookie(name, value, **attributes):
    unknown = attributes.keys() - _DEFAULTS.keys()
    if unknown:
        raise TypeError(f"a cookie has no {', '.join(sorted(unknown))}; there are {', '.join(_DEFAULTS)}")
    has = {**_DEFAULTS, **attributes}
    return Cookie(
        name=name,
        value=value,
        port_specified=bool(has["port"]),
        domain_specified=bool(has["domain"]),
        domain_initial_dot=has["domain"].startswith("."),
        path_specified=bool(has["path"]),
        **has,
    )


def _attributes_of(morsel):
    expires = None
    if morsel["max-age"]:
        expires = int(time.time() + int(morsel["max-age"]))
    elif morsel["expires"]:
        expires = http2time(morsel["expires"])
    return {
        "domain": morsel["domain"],
        "path": morsel["path"] or "/",
        "secure": bool(morsel["secure"]),
        "expires": expires,
        "discard": expires is None,
        "rest": {"HttpOnly": morsel["httponly"]},
    }


class CookieConflictError(RuntimeError):
    """Several cookies have the name: a path or domain must select one."""


class RequestsCookieJar(CookieJar, MutableMapping):
    """A CookieJar that is also a dict of names and values. Iterating yields cookies."""

    def _matching(self, name=None, domain=None, path=None):
        return [
            cookie
            for cookie in self
            if name in (None, cookie.name) and domain in (None, cookie.domain) and path in (None, cookie.path)
        ]

    def _only(self, name, domain=None, path=None):
        values = [cookie.value for cookie in self._matching(name, domain, path) if cookie.value is not None]
        if len(values) > 1:
            raise CookieConflictError(f"There are multiple cookies with name, {name!r}")
        if not values:
            raise KeyError(f"name={name!r}, domain={domain!r}, path={path!r}")
        return values[0]

    def _remove(self, name, domain=None, path=None):
        for cookie in self._matching(name, domain, path):
            self.clear(cookie.domain, cookie.path, cookie.name)

    def get(self, name, default=None, domain=None, path=None):
        try:
            return self._only(name, domain, path)
        except KeyError:
            return default

    def set(self, name, value, **attributes):
        if value is None:
            self._remove(name, attributes.get("domain"), attributes.get("path"))
            return None
        if isinstance(value, Morsel):
            value, attributes = value.value, _attributes_of(value)
        cookie = create_cookie(name, value, **attributes)
        self.set_cookie(cookie)
        return cookie

    def set_cookie(self, cookie, *args, **kwargs):
        value = cookie.value
        if isinstance(value, str) and value.startswith('"') and value.endswith('"'):
            cookie.value = value.replace('\\"', "")
        super().set_cookie(cookie, *args, **kwargs)

    def __getitem__(self, name):
        return self._only(name)

    def __setitem__(self, name, value):
        self.set(name, value)

    def __delitem__(self, name):
        self._remove(name)

    def __contains__(self, name):
        return bool(self._matching(name))

    def iterkeys(self):
        return (cookie.name for cookie in self)

    def itervalues(self):
        return (cookie.value for cookie in self)

    def iteritems(self):
        return ((cookie.name, cookie.value) for cookie in self)

    def keys(self):
        return list(self.iterkeys())

    def values(self):
        return list(self.itervalues())

    def items(self):
        return list(self.iteritems())

    def get_dict(self, domain=None, path=None):
        return {cookie.name: cookie.value for cookie in self._matching(None, domain, path)}

    def list_domains(self):
        return list(dict.fromkeys(cookie.domain for cookie in self))

    def list_paths(self):
        return list(dict.fromkeys(cookie.path for cookie in self))

    def multiple_domains(self):
        """Whether a domain has several cookies, like requests' method."""
        return len(self.list_domains()) < len(self)

    def update(self, other=(), /, **values):
        if isinstance(other, CookieJar):
            for cookie in other:
                self.set_cookie(copy.copy(cookie))
            other = ()
        super().update(other, **values)

    def copy(self):
        return _jar_of(map(copy.copy, self), self.get_policy())

    def __reduce__(self):
        return _jar_of, (list(self),)

    def get_policy(self):
        return self._policy


def _jar_of(cookies, policy=None):
    jar = RequestsCookieJar(policy)
    for cookie in cookies:
        jar.set_cookie(cookie)
    return jar


def _shown(domain, subdomains):
    """As in http.cookiejar: names without a dot become local ones."""
    if "." not in domain and ":" not in domain:
        domain += ".local"
    return f".{domain}" if subdomains else domain


def _cookie_of(domain, subdomains, path, secure, http_only, expires, name, value):
    cookie = create_cookie(
        name,
        value,
        domain=_shown(domain, subdomains),
        path=path,
        secure=secure,
        expires=expires or None,
        discard=not expires,
        rest={"HttpOnly": None} if http_only else {},
    )
    cookie.domain_specified = subdomains
    return cookie


class EngineCookieJar(CookieJar):
    """A view of the engine's cookies of a session: reads and changes them directly."""

    def __init__(self, session):
        self._weak_session = weakref.ref(session)
        super().__init__()

    @property
    def _session(self):
        session = self._weak_session()
        if session is None:
            raise ReferenceError("the client whose cookies these are has gone")
        return session

    def __iter__(self):
        jar = CookieJar()  # for its order
        for kept in self._session._kept_cookies():
            jar.set_cookie(_cookie_of(*kept))
        return iter(jar)

    def set_cookie(self, cookie):
        """A cookie without a domain is for the host of the base URL."""
        host = urlsplit(self._session.base_url).hostname or ""
        domain = cookie.domain or host
        subdomains = domain.startswith(".")
        domain = domain.lstrip(".")
        if domain == f"{host}.local" == _shown(host, False):
            domain = host
        self._session._keep_cookie(
            domain,
            subdomains,
            cookie.path or "/",
            cookie.secure,
            cookie.has_nonstandard_attr("HttpOnly"),
            0 if cookie.expires is None else max(1, int(cookie.expires)),
            cookie.name,
            "" if cookie.value is None else str(cookie.value),
        )

    def clear(self, domain=None, path=None, name=None):
        if name is not None and path is None or path is not None and domain is None:
            raise ValueError("clear() takes nothing, a domain, a domain and a path, or these and a name")
        if domain is None:
            self._session._clear_cookies()
            return
        chosen = [
            (host, subdomains, at, secure, http_only, 1, key, "")
            for host, subdomains, at, secure, http_only, _, key, _ in self._session._kept_cookies()
            if domain == _shown(host, subdomains) and path in (None, at) and name in (None, key)
        ]
        if not chosen:
            raise KeyError(name or path or domain)
        for kept in chosen:
            self._session._keep_cookie(*kept)

    def set_policy(self, _policy):
        raise Unsupported(
            "policies of cookies are not supported by locust-cpp; clear() forgets what a response has set"
        )


class EngineRequestsCookieJar(RequestsCookieJar, EngineCookieJar):
    def replace(self, cookies):
        chosen = RequestsCookieJar()  # what is given may be this jar
        chosen.update(cookies)
        self.clear()
        self.update(chosen)


# The attributes in repr().
EngineCookieJar.__name__ = "CookieJar"
EngineRequestsCookieJar.__name__ = "RequestsCookieJar"


class _Head:
    """A response in the form that CookieJar.extract_cookies expects."""

    def __init__(self, set_cookies):
        self._set_cookies = set_cookies

    def info(self):
        return self

    def get_all(self, name, default=None):
        return self._set_cookies if name == "Set-Cookie" else default


def cookies_of_response(url, set_cookies):
    jar = RequestsCookieJar()
    if set_cookies:
        jar.extract_cookies(_Head(set_cookies), Request(url))
    return jar
