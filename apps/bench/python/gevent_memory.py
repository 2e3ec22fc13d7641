"""One operation: a greenlet that waits for an event. Prints the resident memory each adds; Python has no heap figure to put beside V8's."""

import gc
import os

import gevent
from gevent.event import Event

from sample import emit, plan


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def park(n, handles):
    event = Event()

    def task():
        event.wait()

    for i in range(n):
        handles[i] = gevent.spawn(task)
    gevent.sleep(0)
    return event


def release(event, handles):
    event.set()
    gevent.joinall(handles)


# The machinery of the loop is made by the first greenlets: those are not what is measured.
handles = [None] * 1000
release(park(1000, handles), handles)

n = plan()["n"]
handles = [None] * n
gc.collect()
before = resident()
event = park(n, handles)
gc.collect()
emit({"rss": (resident() - before) / n})
release(event, handles)
