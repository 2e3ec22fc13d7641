"""The trivial task, and how the scripts of executors use it."""

from collections import deque

IN_FLIGHT = 64


def increment(value):
    return value + 1


def in_flight(submit, n):
    """Has n tasks run, 64 of them in flight; returns the sum of the results. `submit(i)` returns what waits for one."""
    total = 0
    flying = deque()
    for i in range(n):
        if i >= IN_FLIGHT:
            total += flying.popleft()()
        flying.append(submit(i))
    for result in flying:
        total += result()
    return total


def check_sum(n, total):
    assert total == n * (n + 1) // 2, f"expected the results of {n} tasks, got a sum of {total}"


def check_results(n, results):
    assert len(results) == n, f"expected {n} results, got {len(results)}"
    check_sum(n, sum(results))
