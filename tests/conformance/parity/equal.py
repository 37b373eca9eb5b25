"""Does the same under stock and under locust-cpp, though chance is in names, lines, failures and waits."""

import random
import uuid

from locust import HttpUser, between, events, task


@events.test_start.add_listener
def say(environment, **_kwargs):
    print("begins, as", uuid.uuid4())


class Shop(HttpUser):
    wait_time = between(0.02, 0.06)

    def on_start(self):
        self.client.post("/api/auth/login", json={"email": "a@b.c", "password": "d"})

    @task(6)
    def browse(self):
        self.client.get(f"/api/products/{random.randrange(1000)}")

    @task(3)
    def look(self):
        self.client.get("/api/products")

    @task
    def fail(self):
        self.client.get(f"/status/{random.choice((404, 500))}", name="/status")

    @task
    def rare(self):
        if random.random() < 0.02:
            self.client.get("/echo")
            print("seldom")

    @task
    def raises(self):
        raise ValueError(f"no {random.randrange(100)}")


class Admin(HttpUser):
    fixed_count = 1
    wait_time = between(0.1, 0.3)

    @task
    def look(self):
        self.client.get("/")
