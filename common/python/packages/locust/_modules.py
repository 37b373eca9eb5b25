"""Modules whose blocking calls stock's monkey patch makes cooperative, and this engine cannot."""

import logging
import sys

BLOCKING = {
    "aiohttp", "boto3", "botocore", "cassandra", "confluent_kafka", "elasticsearch", "ftplib", "grpc", "httpx", "imaplib",
    "kafka", "kazoo", "ldap3", "mysql", "paho", "paramiko", "pika", "poplib", "psycopg", "psycopg2", "pymongo",
    "pymssql", "pymysql", "pyodbc", "redis", "requests", "smtplib", "socketio", "sqlalchemy", "stomp", "telnetlib",
    "urllib3", "websocket", "websockets", "xmlrpc", "zeep", "zmq",
}


class _Watcher:
    """Observes imports and finds no module."""

    seen = []
    told = False

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in BLOCKING and top not in cls.seen:
            cls.seen.append(top)
            if cls.told is None:
                report()
        return None


def install():
    sys.meta_path.insert(0, _Watcher)


def report():
    """One warning for all of them; those that are imported later get it then."""
    if _Watcher.told:
        return
    _Watcher.told = bool(_Watcher.seen) or None
    if _Watcher.seen:
        logging.getLogger("locust.main").warning(
            f"The test imports {', '.join(_Watcher.seen)}: such calls block all users of this worker while they wait, "
            "which those of self.client do not. Run the classes that make them on stock Locust workers in the same "
            "test (docs/python.md)"
        )
