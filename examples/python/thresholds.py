from locust import HttpUser, task, between
from locust import events

class APIUser(HttpUser):
    wait_time = between(1, 3)

    @task
    def get_products(self):
        self.client.get("/api/products")

@events.quitting.add_listener
def assert_stats(environment, **kwargs):
    stats = environment.stats.total
    if stats.fail_ratio > 0.01:
        print(f"FAIL: error rate {stats.fail_ratio:.1%} exceeds 1%")
        environment.process_exit_code = 1
    if stats.get_response_time_percentile(0.95) > 500:
        print(f"FAIL: p95 response time {stats.get_response_time_percentile(0.95)}ms exceeds 500ms")
        environment.process_exit_code = 1
