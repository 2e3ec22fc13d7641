"""One operation: one event set and answered with another."""

import gevent
from gevent.event import Event

from sample import measure


def run(n):
    there, back = Event(), Event()

    def ping():
        for _ in range(n):
            there.set()
            back.wait()
            back.clear()

    def pong():
        for _ in range(n):
            there.wait()
            there.clear()
            back.set()

    gevent.joinall([gevent.spawn(ping), gevent.spawn(pong)], raise_error=True)


measure(run)
