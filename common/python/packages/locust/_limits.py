"""What locust-cpp lacks, and what happens then: the table of docs/python.md, and what --check says of it."""

import re
from typing import NamedTuple


class Limit(NamedTuple):
    """A row of the table. `uses` are what the check of a locustfile (_check_file.py) looks for, each with a text of its
    own or an empty one."""

    what: str
    happens: str
    more: str = ""  # follows in the table; too long for a line of the check
    uses: dict = {}

    def row(self):
        return f"| {self.what} | {self.happens}{self.more and '. ' + self.more} |"

    def said(self):
        """The text without Markdown."""
        return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", self.happens).replace("`", "")


LIMITS = (
    Limit(
        "other modules of `locust` and `gevent` (`locust.contrib.mongodb`, `gevent.subprocess` …)",
        "`ModuleNotFoundError` at import that says so",
    ),
    Limit(
        "`pool_manager`, `client_pool`, `ssl_context_factory`, `client.mount`, `cert=(certificate, key)`, "
        "`response.links`, `stats.history`, `run_single_user`, creating runners, `gevent.get_hub()`",
        "`NotImplementedError` that says what to do instead",
        uses={
            "class.pool_manager": "NotImplementedError: every user has connections of its own",
            "class.client_pool": "NotImplementedError: every user has connections of its own",
            "class.ssl_context_factory": "NotImplementedError: run this class on stock Locust workers in the same test",
            "argument.cert": "NotImplementedError: give one PEM file that has both",
        },
    ),
    Limit(
        "packages that block: requests, redis, psycopg2, boto3 …",
        "while a call waits, it blocks all users of that worker; run these classes on stock workers in the same test",
        "They work otherwise. One warning names the imported packages; a call that takes more than 0.2 s is logged "
        "with its line. A call that never returns [ends the worker](distributed.md#who-does-not-end) when the test ends",
        uses={"package": ""},
    ),
    Limit(
        "threads of your own",
        "run while the loop waits; `time.sleep` in them is Python's; `gevent.spawn`, `kill`, a queue's `put` and the "
        "like are passed to the loop. Requests of `self.client` and calls that wait for greenlets raise `RuntimeError`",
        uses={"threading.Thread": "", "threading.Timer": "", "concurrent.futures.ThreadPoolExecutor": ""},
    ),
    Limit(
        "messages sent by a listener of `quit` on a worker",
        "are not sent, with a warning; listeners of `quitting` can send",
        uses={"quit.send_message": ""},
    ),
    Limit(
        "`max_retries`, `concurrency`, `connection_timeout` of `FastHttpUser`",
        "no effect: nothing is retried, each request has its own connection, and `network_timeout` bounds the whole "
        "request",
        uses={"class.max_retries": "", "class.concurrency": "", "class.connection_timeout": ""},
    ),
    Limit(
        "`stream=True`",
        "the whole body is read before the call returns; its time is included",
        uses={"argument.stream": ""},
    ),
    Limit(
        "a body of more than 256 MB (`--max-body-size`)",
        "a failure that names the option; the rest is not read",
    ),
    Limit(
        "a URL of another scheme than http and https, such as `ftp://host`",
        "`HttpUser` raises `InvalidSchema`, as in stock; `FastHttpUser` raises `ValueError(\"unsupported URL scheme "
        "'ftp'\")`, where stock speaks HTTP to the host",
        uses={"argument.url": ""},
    ),
    Limit(
        "a response in an unknown `Content-Encoding`",
        "a failure for both kinds of users; stock's `FastHttpUser` raises `ValueError` and counts nothing",
    ),
    Limit(
        "a cookie that the test sets without a domain",
        "belongs to the host of the base URL, where the server can replace and delete it; stock sends it to all hosts, "
        "in addition to a cookie of the same name from the server",
    ),
    Limit(
        "attributes of a server's cookie other than `expires`, `secure`, `HttpOnly`, domain and path (`SameSite` …)",
        "are only in `response.cookies`; `Secure` cookies that arrive over http are not stored, unless they come from "
        "the local machine",
    ),
    Limit(
        "`set_policy`, `add_cookie_header` of a client's cookies",
        "`NotImplementedError`; adds nothing",
        uses={"cookies.add_cookie_header": "adds nothing"},
    ),
    Limit(
        "order and number of a client's cookies",
        "domains are in no particular order; cookies beyond 3,000 are not shown",
    ),
    Limit(
        "`response.history`",
        "has one element per redirect, each with the first URL only",
        uses={"response.history": ""},
    ),
    Limit(
        "connection and read timeout of a pair",
        "one limit, the second of the pair, for the whole request",
        uses={"argument.timeout": ""},
    ),
    Limit(
        "certificates",
        "`HttpUser` verifies them, `FastHttpUser` does not, as in stock",
    ),
    Limit(
        "values of arguments with `is_secret=True` in what is shown",
        "[masked](outputs.md#what-is-masked)",
    ),
    Limit(
        "a default that `parser.set_defaults` gives to `processes`, `master`, `worker`, `config` or `locustfile`",
        "no effect, with a warning: these options are read before the locustfile",
    ),
    Limit(
        "`data` of `worker_report`",
        "has the user counts and what listeners of `report_to_master` added; statistics are in `environment.stats`",
        uses={"worker_report.data": ""},
    ),
    Limit(
        "`environment.web_ui`",
        "is None: custom pages and routes need stock's master; `locust.web` can be imported",
        uses={"environment.web_ui": ""},
    ),
    Limit(
        "`LocalRunner`",
        "`locust -f` loads the file in two processes, its master's and its worker's, with `MasterRunner` and "
        "`WorkerRunner`",
        uses={"locust.runners.LocalRunner": ""},
    ),
    Limit(
        "`create_…_runner`, `runner.start_shape`",
        "`NotImplementedError`",
    ),
    Limit(
        "`PytestUser`",
        "stock's pytest support is missing: a file without user classes ends with \"No User class found!\"",
        uses={"locust.user.users.PytestUser": ""},
    ),
    Limit(
        "`--dry-run`, `--validate`, `--source-ip`",
        "usage errors: they are for YAML scenarios",
    ),
)

TEXTS = {use: text or limit.said() for limit in LIMITS for use, text in limit.uses.items()}
