"""The user of `scripts/bench python` that makes one request and waits."""

from locust import HttpUser, constant, task


class Idle(HttpUser):
    wait_time = constant(3600)

    @task
    def get(self):
        self.client.get("/")
