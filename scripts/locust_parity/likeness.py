"""Which texts of several runs are the same.

Texts that differ in nothing but numbers and identifiers are a group. If each program has the same members of a group
in all of its runs, the members are compared one by one: "404" is not "500". Otherwise chance or time is in them, and
the group is compared as a whole, its numbers written as N.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

IDENTIFIER = re.compile(r"\b(?=[0-9a-f-]*\d)[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}\b|\b0x[0-9a-f]+\b", re.I)
TOKEN = re.compile(r"\b(?=\w*\d)(?=\w*[A-Z])(?=\w*[a-z])\w{20,}\b")
NUMBER = re.compile(r"\d+(?:[.:,]\d+)*(?:e[+-]?\d+)?")
MASK = "***"  # what locust-cpp writes instead of a credential


class Item(NamedTuple):
    """Something that runs have, and how often each run has it."""

    key: tuple
    stock: list[int]
    ours: list[int]


def plain(text: str) -> str:
    return NUMBER.sub("N", TOKEN.sub("ID", IDENTIFIER.sub("ID", text)))


def _unmasked(ours: dict[tuple, int], stock_keys: set[tuple]) -> dict[tuple, int]:
    """`ours` with the names that stock gives to what was masked."""
    found: dict[tuple, int] = defaultdict(int)
    for key, count in ours.items():
        if key not in stock_keys and any(MASK in part for part in key):
            patterns = [re.compile(".+?".join(map(re.escape, part.split(MASK))), re.S) for part in key]
            same = (k for k in stock_keys if len(k) == len(key) and all(p.fullmatch(t) for p, t in zip(patterns, k)))
            key = next(same, key)
        found[key] += count
    return dict(found)


def _is_stable(keys: set[tuple], runs: list[dict[tuple, int]]) -> bool:
    return len({frozenset(keys & run.keys()) for run in runs}) == 1


def items(stock: list[dict[tuple, int]], ours: list[dict[tuple, int]]) -> list[Item]:
    """What the runs of the two programs have; a dict is a run."""
    stock_keys = {key for run in stock for key in run}
    ours = [_unmasked(run, stock_keys) for run in ours]
    groups: dict[tuple, set[tuple]] = defaultdict(set)
    for key in stock_keys.union(*ours):
        groups[tuple(map(plain, key))].add(key)
    found = []
    for name, keys in sorted(groups.items()):
        if _is_stable(keys, stock) and _is_stable(keys, ours):
            of_item = [(key, {key}) for key in sorted(keys)]
        else:
            of_item = [(name if len(keys) > 1 else next(iter(keys)), keys)]
        for key, members in of_item:
            counts = ([sum(run.get(each, 0) for each in members) for run in runs] for runs in (stock, ours))
            found.append(Item(key, *counts))
    return found
