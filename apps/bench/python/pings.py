"""One operation: a ping answered, on one of ten connections, beside one that floods."""

from sample import measure

PINGING = 10
SIZE = 64


def measure_pings(server_class):
    server = server_class(SIZE)
    server.ask(f"connect {PINGING}")
    measure(lambda n: server.ask(f"flood {n}"))
    server.load.close()
