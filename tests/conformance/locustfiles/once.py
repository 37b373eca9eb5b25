from locust import HttpUser, constant, task


class Once(HttpUser):
    """Makes one request and then waits for longer than any test."""

    wait_time = constant(3600)

    @task
    def once(self):
        self.client.get("/")
