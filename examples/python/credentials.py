import csv
import random
from locust import HttpUser, task, between, events

# Load data once at module level
with open("test_data/users.csv", "r") as f:
    reader = csv.DictReader(f)
    USER_CREDENTIALS = list(reader)

class ParametrizedUser(HttpUser):
    wait_time = between(1, 3)

    def on_start(self):
        # Each virtual user picks a random set of credentials
        creds = random.choice(USER_CREDENTIALS)
        response = self.client.post("/api/auth/login", json={
            "email": creds["email"],
            "password": creds["password"]
        })
        self.token = response.json()["token"]
        self.client.headers.update({"Authorization": f"Bearer {self.token}"})

    @task
    def get_profile(self):
        self.client.get("/api/profile")
