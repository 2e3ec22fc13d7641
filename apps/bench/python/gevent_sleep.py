"""One operation: one sleep(0), by one of as many greenlets as the case says."""

import gevent

from sample import measure, plan

tasks = plan()["value"]


def task(rounds):
    for _ in range(rounds):
        gevent.sleep(0)


def run(n):
    gevent.joinall([gevent.spawn(task, n // tasks) for _ in range(tasks)])


measure(run)
