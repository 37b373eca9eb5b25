from locust import HttpUser, task, between

class ShopUser(HttpUser):
    wait_time = between(1, 5)

    @task(10)
    def browse_products(self):
        self.client.get("/api/products")

    @task(3)
    def view_product(self):
        product_id = 42  # or pick one from a shared list
        self.client.get(f"/api/products/{product_id}")

    @task(1)
    def add_to_cart(self):
        self.client.post("/api/cart", json={
            "product_id": 42,
            "quantity": 1
        })
