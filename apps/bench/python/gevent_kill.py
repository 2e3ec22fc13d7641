"""One operation: a greenlet that waits, killed, and seen to have ended."""

import gevent
from gevent.event import Event

from sample import measure

greenlets = []


def arrange(n):
    event = Event()

    def task():
        event.wait()

    greenlets[:] = [gevent.spawn(task) for _ in range(n)]
    gevent.sleep(0)


def run(n):
    gevent.killall(greenlets)


measure(run, arrange)
