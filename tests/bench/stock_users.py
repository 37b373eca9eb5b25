"""The user of `scripts/bench worker` for stock Locust: a JSON document that is checked, a value that is kept."""

import os
import ssl

from locust import FastHttpUser, HttpUser, task

CA = os.environ.get("BENCH_CA")


def get_and_check(user):
    with user.client.get("/", catch_response=True) as response:
        if response.status_code != 200:
            response.failure("status == 200")
            return
        document = response.json()
        if document["status"] != "open":
            response.failure("json('/status') == 'open'")
        user.id = document["id"]


class Fast(FastHttpUser):
    if CA:
        insecure = False

        @staticmethod
        def ssl_context_factory():
            return ssl.create_default_context(cafile=CA)

    @task
    def get(self):
        get_and_check(self)


class Requests(HttpUser):
    def on_start(self):
        if CA:
            self.client.verify = CA

    @task
    def get(self):
        get_and_check(self)
