"""One operation: a greenlet spawned, run to its end, joined."""

import gevent

from sample import measure


def task(i):
    return i


def run(n):
    gevent.joinall([gevent.spawn(task, i) for i in range(n)])


measure(run)
