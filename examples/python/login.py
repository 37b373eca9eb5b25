from locust import HttpUser, task, between

class AuthenticatedUser(HttpUser):
    wait_time = between(1, 3)

    def on_start(self):
        """Called once when a user starts. Use it to log in."""
        response = self.client.post("/api/auth/login", json={
            "email": "testuser@example.com",
            "password": "testpassword123"
        })
        token = response.json()["token"]
        # Set the auth header for all subsequent requests
        self.client.headers.update({"Authorization": f"Bearer {token}"})

    def on_stop(self):
        """Called once when a user stops."""
        self.client.post("/api/auth/logout")

    @task
    def get_dashboard(self):
        self.client.get("/api/dashboard")

    @task(2)
    def list_orders(self):
        self.client.get("/api/orders")
