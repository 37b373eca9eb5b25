"""Nested task sets (scenarios/task_sets.yaml): one user class for its ratios, one that always walks the same way."""

from locust import SequentialTaskSet, TaskSet, constant, tag, task
from locust.contrib.fasthttp import FastHttpUser
from locust.exception import StopUser


class Reader(FastHttpUser):
    weight = 3

    @task(3)
    class Checkout(SequentialTaskSet):
        @task(3)
        def cart(self):
            self.client.get("/cart")

        @task
        def pay(self):
            self.client.get("/pay")

    @task
    class Browse(TaskSet):
        @task(2)
        def look(self):
            self.client.get("/look")

        @task
        class Deep(TaskSet):
            @task
            def a(self):
                self.client.get("/a")

            @task(4)
            def b(self):
                self.interrupt()

    @task
    def home(self):
        self.client.get("/home")


class Walker(FastHttpUser):
    wait_time = constant(0.01)

    @task
    class walk(SequentialTaskSet):
        @task
        def home(self):
            self.client.get("/home")

        @task
        class forum(SequentialTaskSet):
            def on_start(self):
                self.client.get("/forum")

            @task(2)
            def read(self):
                self.client.get("/read")

            @tag("write")
            @task
            class thread(SequentialTaskSet):
                def on_start(self):
                    self.client.get("/thread")

                @task
                def post(self):
                    self.client.post("/post")

                @tag("slow")
                @task
                def edit(self):
                    self.client.put("/edit")

                @tag("way out")
                @task
                def leave(self):
                    self.interrupt()

                def on_stop(self):
                    self.client.get("/thread/left")

            @tag("way out")
            @task
            def leave(self):
                self.interrupt()

            def on_stop(self):
                self.client.get("/forum/left")

        @task
        class closed(TaskSet):
            def on_start(self):
                self.client.get("/closed")
                self.interrupt()

            @task
            def never(self):
                self.client.get("/never")

            def on_stop(self):
                self.client.get("/never")

        @tag("way out")
        @task
        class last(TaskSet):
            @task
            def end(self):
                self.client.get("/end")
                raise StopUser()

            def on_stop(self):
                self.client.get("/last/left")

        def on_stop(self):
            self.client.get("/walk/left")

    def on_stop(self):
        self.client.get("/stop")
