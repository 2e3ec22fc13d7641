"""One operation: a poll that finds ten ready, of as many connections as the case says. Nobody takes what those ten have received."""

import socket

from load import AT_ONCE, Load
from sample import measure, plan

ACTIVE = 10


def connect_all(connections):
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    load = Load(listener.getsockname()[1], 1)

    def ask(command):
        load.tell(command)
        load.check(load.process.stdout.readline())

    accepted = []
    while len(accepted) < connections:
        more = min(AT_ONCE, connections - len(accepted))
        ask(f"connect {more}")
        accepted += [listener.accept()[0] for _ in range(more)]
    ask(f"send {ACTIVE}")
    return load, accepted


def measure_polls(arrange):
    """`arrange(sockets)` returns what polls."""
    load, sockets = connect_all(plan()["value"])
    poll = arrange(sockets)
    while len(poll()) < ACTIVE:
        pass

    def run(n):
        for _ in range(n):
            assert len(poll()) == ACTIVE

    measure(run)
    load.close()
