"""The exceptions that test code raises and catches."""


class LocustError(Exception):
    pass


class ResponseError(Exception):
    """In a `with` block of catch_response: the request failed for this reason."""


class CatchResponseError(Exception):
    """The exception of response.failure() for a text."""


class MissingWaitTimeError(LocustError):
    pass


class InterruptTaskSet(Exception):
    """Leaves the innermost TaskSet; without `reschedule` its parent waits before its next task."""

    def __init__(self, reschedule=True):
        self.reschedule = reschedule


class StopTest(Exception):
    """Ends the whole test."""


class StopUser(Exception):
    """Ends this user, after its on_stop."""


class RescheduleTask(Exception):
    """Ends the task as a return does."""


class RescheduleTaskImmediately(Exception):
    """Ends the task; the next one follows without a wait."""


class Unsupported(NotImplementedError):
    """The test uses a feature that locust-cpp does not have. If it is not caught, the run fails, even where
    stock continues after an exception (on_start, a greenlet of the test's own)."""


class RPCError(Exception):
    pass


class RPCSendError(Exception):
    pass


class RPCReceiveError(Exception):
    def __init__(self, *args, addr=None):
        super().__init__(*args)
        self.addr = addr


class RunnerAlreadyExistsError(Exception):
    pass
