"""The user class of tests/bench/swarm.cc, for stock's master."""

from locust import User, constant


class Shop(User):
    wait_time = constant(1)
