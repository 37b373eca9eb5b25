"""--show-task-ratio and --show-task-ratio-json."""

from collections import Counter
from json import dumps

from .task import TaskSet, name_of


def _user_counts(user_classes, num_users):
    fixed = sum(each.fixed_count for each in user_classes)
    total_weight = sum(each.weight for each in user_classes if not each.fixed_count)
    by_weight = max(0, (num_users or (1 if fixed else total_weight)) - fixed)
    return {
        each.__name__: round(each.fixed_count or each.weight / total_weight * by_weight) for each in user_classes
    }


def _task_ratios(tasks, total, parent_ratio):
    share = parent_ratio if total else 1.0
    ratios = {}
    for each, count in Counter(tasks).items():
        ratio = {"ratio": count * share / len(tasks)}
        if isinstance(each, type) and issubclass(each, TaskSet):
            ratio["tasks"] = _task_ratios(each.tasks, total, ratio["ratio"])
        ratios[name_of(each)] = ratio
    return ratios


def get_ratio(user_classes, user_spawned, total):
    user_count = sum(user_spawned.values()) or 1
    ratios = {}
    for each in user_classes:
        ratio = user_spawned.get(each.__name__, 0) / user_count
        ratios[each.__name__] = {"ratio": ratio, "tasks": _task_ratios(each.tasks, total, ratio)}
    return ratios


def _print(ratios, level=0):
    for name, ratio in ratios.items():
        indent = "  " * level
        print(" %-10s %-50s" % (f"{indent}{ratio.get('ratio', 1) * 100:<6.1f}", indent + name))
        _print(ratio.get("tasks", {}), level + 1)


def print_task_ratio(user_classes, num_users, total):
    _print(get_ratio(user_classes, _user_counts(user_classes, num_users), total))


def print_task_ratio_json(user_classes, num_users):
    counts = _user_counts(user_classes, num_users)
    ratios = {
        "per_class": get_ratio(user_classes, counts, False),
        "total": get_ratio(user_classes, counts, True),
    }
    print(dumps(ratios, indent=4))
