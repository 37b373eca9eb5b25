"""A class with tags that shows an argument it was given by the master (scenarios/tagged.yaml)."""

from locust import HttpUser, constant, tag, task


class Tagged(HttpUser):
    wait_time = constant(0.2)

    @tag("read")
    @task
    def reads(self):
        self.client.get("/", name=f"reads {self.environment.parsed_options.tenant}")

    @tag("write")
    @task
    def writes(self):
        self.client.get("/", name="writes")
