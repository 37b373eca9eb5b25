"""FastHttpUser: its interface and the texts of its failures, on the same engine as HttpUser."""

import json as json_module
from functools import cached_property

from ..clients import Request, Response, Session, add_params, apply_auth, encode_body, exception_of
from ..exception import StopTest, Unsupported
from ..user.users import _NO_HOST, RestMixin, User


class FastResponse(Response):
    @property
    def url(self):
        """As requested, before redirects."""
        return self._first_url

    def json(self):
        try:
            return json_module.loads(self._content)
        except UnicodeDecodeError:
            return json_module.loads(self.text)  # of a charset that the headers name

    @property
    def ok(self):
        return self.status_code < 400

    @property
    def error(self):
        text = self._failure_text()
        return exception_of(text, self) if text else None

    def _failure_text(self):
        if self._error_text:
            return self._error_text
        return f"LocustBadStatusCode(code={self.status_code})" if self.status_code >= 400 else ""

    def __bool__(self):
        return True


ResponseContextManager = RestResponseContextManager = FastResponse
FastRequest = Request


class FastHttpSession(Session):
    response_class = FastResponse
    is_fast = True

    def __init__(
        self,
        base_url,
        request_event=None,
        user=None,
        insecure=True,
        client_pool=None,
        ssl_context_factory=None,
        network_timeout=60.0,
        max_redirects=30,
        headers=None,
        proxy_host=None,
        proxy_port=None,
        **_kwargs,
    ):
        for name, value in (("client_pool", client_pool), ("ssl_context_factory", ssl_context_factory)):
            if value is not None:
                raise Unsupported(
                    f"{name} is not supported by locust-cpp; run this class on stock Locust workers in the same test"
                )
        super().__init__(base_url, request_event, user, headers)
        self._insecure = insecure
        self._network_timeout = network_timeout
        self._redirect_limit = max_redirects
        self._proxy = f"http://{proxy_host}:{proxy_port}" if proxy_host else ""
        self._timeout = network_timeout
        self._verify = not insecure
        self._max_redirects = max_redirects
        if self._proxy:
            self._slow = True

    @cached_property
    def cookiejar(self):
        from .._cookies import EngineCookieJar

        return EngineCookieJar(self)

    @property
    def auth_header(self):
        headers = {}
        apply_auth(self._auth, headers)
        return headers.get("Authorization")

    def _general_request(
        self,
        method,
        url,
        name=None,
        data=None,
        catch_response=False,
        stream=False,
        headers=None,
        auth=None,
        json=None,
        allow_redirects=True,
        context=None,
        *,
        params=None,
        files=None,
        timeout=None,
    ):
        name = name or self.request_name or url
        headers = dict(headers or {})
        url = add_params(url, params)
        body = encode_body(data, files, headers)
        auth = self._auth if auth is None else auth
        digest = apply_auth(auth, headers, method, self._absolute(url), body, json)
        return self._send(
            method,
            url,
            name,
            catch_response,
            context,
            body,
            json if not data and not files else None,
            headers,
            self._network_timeout if timeout is None else timeout,
            allow_redirects,
            self._redirect_limit,
            not self._insecure,
            "",
            "",
            self._proxy,
            digest,
            {},
        )

    def iter_lines(self, url, method="GET", **kwargs):
        response = self.request(method, url, **kwargs)
        response.raise_for_status()
        yield from (response.text or "").splitlines()


class FastHttpUser(User, RestMixin):
    network_timeout = 60.0
    connection_timeout = 60.0
    max_redirects = 30
    max_retries = 0
    insecure = True
    default_headers = None
    concurrency = 10
    proxy_host = None
    proxy_port = None
    client_pool = None
    ssl_context_factory = None
    abstract = True

    def __init__(self, environment):
        super().__init__(environment)
        if self.host is None:
            raise StopTest(_NO_HOST)
        self.client = FastHttpSession(
            base_url=self.host,
            request_event=self.environment.events.request,
            user=self,
            insecure=self.insecure,
            client_pool=self.client_pool,
            ssl_context_factory=self.ssl_context_factory,
            network_timeout=self.network_timeout,
            max_redirects=self.max_redirects,
            headers=self.default_headers,
            proxy_host=self.proxy_host,
            proxy_port=self.proxy_port,
        )
