from locust import HttpUser, task, between
from locust import LoadTestShape

class APIUser(HttpUser):
    wait_time = between(1, 3)

    @task
    def get_products(self):
        self.client.get("/api/products")

class StepLoadShape(LoadTestShape):
    """
    Simulates traffic stepping up every 60 seconds.

    Step 1 (0-60s): 50 users
    Step 2 (60-120s): 100 users
    Step 3 (120-180s): 200 users
    Step 4 (180s+): stop
    """

    step_time = 60
    step_load = 50

    def tick(self):
        run_time = self.get_run_time()

        if run_time < 60:
            return (50, 10)
        elif run_time < 120:
            return (100, 10)
        elif run_time < 180:
            return (200, 20)
        else:
            return None  # None tells Locust to stop
