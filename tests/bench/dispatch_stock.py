"""dispatch_stock.py USERS RATE CLASSES: stock's side of bench_dispatch.cc, under stock's Python.

Reads worker ids from standard input, prints the same JSON. The dispatcher neither waits nor yields
to other greenlets here, so that only its own computing is measured.
"""
import json
import sys
import time
import types

from locust import dispatch
from locust.runners import WorkerNode

INSTANTIATIONS = 9


def time_ms(function):
    began = time.perf_counter()
    result = function()
    return (time.perf_counter() - began) * 1000, result


def main():
    users, rate, class_count = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    dispatch.gevent = types.SimpleNamespace(sleep=lambda seconds: None)
    ids = sys.stdin.read().split()
    classes = [
        type(f"User{weight}", (), {"weight": weight, "fixed_count": 0})
        for weight in range(1, class_count + 1)
    ]

    instantiate_ms = []
    for _ in range(INSTANTIATIONS):
        nodes = [WorkerNode(worker_id) for worker_id in ids]
        duration, dispatcher = time_ms(lambda: dispatch.UsersDispatcher(nodes, classes))
        instantiate_ms.append(duration)

    dispatcher.new_dispatch(users, rate)
    iteration_ms = []
    while True:
        duration, step = time_ms(lambda: next(dispatcher, None))
        if step is None:
            break
        iteration_ms.append(duration)

    def redistribute():
        dispatcher.add_worker(WorkerNode("joined_0"))
        dispatcher.new_dispatch(users, rate)
        return next(dispatcher)

    redistribution_ms, step = time_ms(redistribute)
    names = sorted(user_class.__name__ for user_class in classes)
    print(json.dumps({
        "instantiate_ms": instantiate_ms,
        "iteration_ms": iteration_ms,
        "redistribution_ms": redistribution_ms,
        "users": {worker: [counts[name] for name in names] for worker, counts in step.items()},
    }))


main()
