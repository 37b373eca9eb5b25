"""The user classes of shop.yaml for stock workers."""

import os

import urllib3
from locust import HttpUser, between, task

urllib3.disable_warnings()


class Visitor(HttpUser):
    weight = 2
    wait_time = between(0.05, 0.2)

    @task(4)
    def browse(self):
        self.client.get("/api/products?category=books", name="/api/products")
        self.client.get("/api/products/42", name="/api/products/[id]")
        self.client.get("/slow?ms=40", name="/api/search")

    @task
    def buy(self):
        self.client.post("/api/cart", json={"product_id": 42, "quantity": 1})

    @task
    def pay(self):
        self.client.get("/fail", name="/api/payment")
        raise ValueError("the payment was <b>not</b> made")


class Account(HttpUser):
    wait_time = between(0.1, 0.3)

    def on_start(self):
        self.client.verify = False

    @task
    def orders(self):
        self.client.get(os.environ["LOCUST_PAGE_TLS_HOST"] + "/orders", name="/orders")
