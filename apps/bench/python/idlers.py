"""One operation: a connection accepted, that idles. Prints the resident memory each adds; Python has no heap figure to put beside V8's."""

import gc
import os

from load import AT_ONCE
from sample import emit, plan


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def connect_all(server, n):
    while server.open < n:
        more = server.open + min(AT_ONCE, n - server.open)
        server.ask(f"connect {more - server.open}")
        server.serve_until(lambda: server.open == more)


def measure_idlers(server_class):
    server = server_class(1)
    # The machinery is made for the first connections: those are not what is measured.
    connect_all(server, plan()["warmN"])
    server.ask("close")
    server.serve_until(lambda: server.open == 0)
    n = plan()["n"]
    gc.collect()
    before = resident()
    connect_all(server, n)
    gc.collect()
    emit({"rss": (resident() - before) / n})
    server.load.close()
