"""One operation: a message received by a server, and sent back."""

from sample import measure, plan

RADIX = 100_000


def measure_echoes(server_class):
    connections, size = divmod(plan()["value"], RADIX)
    server = server_class(size)
    server.ask(f"connect {connections}")
    measure(lambda n: server.ask(f"echo {n}"))
    server.load.close()
