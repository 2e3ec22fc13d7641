"""One operation: a number through one queue and back through another."""

import gevent
from gevent.queue import Queue

from sample import measure


def run(n):
    there, back = Queue(), Queue()

    def ping():
        for i in range(n):
            there.put(i)
            back.get()

    def pong():
        for _ in range(n):
            back.put(there.get())

    gevent.joinall([gevent.spawn(ping), gevent.spawn(pong)], raise_error=True)


measure(run)
