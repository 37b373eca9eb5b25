"""Tracebacks without the frames of this package: they are the same for every task, and have no file to look into."""

import traceback

OWN_FILES = "<locust-cpp>"


def without_first_frames(frames, *prefixes):
    """`frames` of an exception from the first one on whose file's name starts with none of `prefixes`."""
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(prefixes):
        frames = frames.tb_next
    return frames


def describe_exception(error):
    """(message, traceback) of an exception in a task, as stock reports them."""
    return str(error), "".join(traceback.format_tb(without_first_frames(error.__traceback__, OWN_FILES)))
