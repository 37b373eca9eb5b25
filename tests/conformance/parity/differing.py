"""Differs on purpose: in what it prints, requests, raises and waits."""

import locust
from locust import HttpUser, constant, task

IS_STOCK = "packages" in (getattr(locust, "__file__", None) or "")  # locust-cpp has its packages in the program
print("runs under", "stock" if IS_STOCK else "locust-cpp")


class Shop(HttpUser):
    wait_time = constant(0.1 if IS_STOCK else 0.8)

    @task(3)
    def look(self):
        self.client.get("/")

    @task
    def break_down(self):
        self.client.get("/echo" if IS_STOCK else "/status/404")
        if not IS_STOCK:
            raise ValueError("only here")
