"""Python's logging, written by the process's own log."""

import logging
import socket
import sys

import _locust_host

HOSTNAME = socket.gethostname().split(".")[0]

# Whether there was an uncaught exception, which affects the exit code.
unhandled_greenlet_exception = False


class _Handler(logging.Handler):
    def emit(self, record):
        try:
            _locust_host.log(record.name, record.levelno, self.format(record).encode("utf-8", "replace").decode())
        except Exception:
            self.handleError(record)


def setup_logging(loglevel, logfile=None):
    """Called for the process with its own options. Test code may change the level."""
    root = logging.getLogger()
    root.setLevel(loglevel.upper())
    if not any(isinstance(handler, _Handler) for handler in root.handlers):
        root.addHandler(_Handler())


def ends_process(error):
    """Whether an exception that nothing has caught is one that ends the process. If so, its end begins."""
    if isinstance(error, SystemExit):
        logger = logging.getLogger("locust.main")
        logger.info(f"sys.exit({error}) called (use log level DEBUG for callstack)")
        logger.debug("Called here:", exc_info=error)
        _locust_host.exit(exit_code_of(error))
    elif isinstance(error, KeyboardInterrupt):
        _locust_host.exit(None)
    else:
        return False
    return True


def exit_code_of(exit):
    """The exit code of a SystemExit, whose text is printed if it has one instead."""
    if exit.code is None or isinstance(exit.code, int):
        return (exit.code or 0) & 0xFF
    print(_locust_host.masked(str(exit.code)), file=sys.stderr)
    return 1


def unhandled(place, error):
    """An exception left `place`, where the process called Python code."""
    global unhandled_greenlet_exception
    if ends_process(error):
        return
    unhandled_greenlet_exception = True
    logging.getLogger("locust.runners").critical("Unhandled exception in %s", place, exc_info=error)


def greenlet_exception_logger(logger, level=logging.CRITICAL):
    def exception_handler(greenlet):
        global unhandled_greenlet_exception
        logger.log(level, "Unhandled exception in greenlet: %s", greenlet, exc_info=greenlet.exc_info)
        unhandled_greenlet_exception = True

    return exception_handler
