import re
from datetime import timedelta


def parse_timespan(time_str):
    """Seconds of "20", "20s", "3m", "2h", "1h20m" or "3h30m10s"."""
    if time_str.isdigit():
        return int(time_str)
    parts = re.fullmatch(r"((?P<hours>\d+)h)?((?P<minutes>\d+)m)?((?P<seconds>\d+)s)?", time_str)
    units = {unit: int(count) for unit, count in parts.groupdict().items() if count} if parts else {}
    if not units:
        raise ValueError("Invalid time span format. Valid formats: 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc.")
    return int(timedelta(**units).total_seconds())
