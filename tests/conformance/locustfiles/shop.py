"""What stock workers and masters run in the conformance tests: the classes of scenarios/shop.yaml."""

from locust import HttpUser, constant, task


class Shop(HttpUser):
    wait_time = constant(0.2)

    @task
    def ok(self):
        self.client.get("/")


class Admin(HttpUser):
    wait_time = constant(0.2)

    @task
    def ok(self):
        self.client.get("/api/products")
