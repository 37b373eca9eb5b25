from .exception import Unsupported


def run_single_user(user_class, *_args, **_kwargs):
    """Stock's is for debuggers that run the file with Python itself, which locust-cpp is not."""
    raise Unsupported(
        "run_single_user runs in stock Locust only: start the file with its Python, "
        f"or one user of this class with 'locust -f FILE --headless -u 1 {user_class.__name__}'"
    )
