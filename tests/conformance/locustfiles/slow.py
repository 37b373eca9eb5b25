from locust import HttpUser, constant, task


class Slow(HttpUser):
    wait_time = constant(0)

    @task
    def slow(self):
        self.client.get("/slow?ms=2000", name="/slow")
