"""One failure and one exception per task, each the same every time."""

from locust import FastHttpUser, constant, task


class Failing(FastHttpUser):
    wait_time = constant(0.2)

    @task
    def fail(self):
        self.client.get("/fail")
        raise ValueError("boom é")
