"""One operation: a small object to a child process and back, or a megabyte of bytes one way, through a multiprocessing.Pipe."""

from agent import Agent, context
from items import check_item, item_of
from sample import cpu_with_children, measure, plan

OBJECT = 1
MEGABYTE = b"\1" * 1_000_000


def echo(n, data):
    for _ in range(n):
        data.send(data.recv())


def drain(n, data):
    return sum(len(data.recv_bytes()) for _ in range(n))


def round_trips(n, here):
    for i in range(n):
        here.send(item_of(OBJECT, i))
        check_item(OBJECT, here.recv(), i)


def send_bytes(n, here):
    for _ in range(n):
        here.send_bytes(MEGABYTE)


if __name__ == "__main__":
    sends_bytes = plan()["value"] == 1
    here, there = context.Pipe()
    agent = Agent(drain if sends_bytes else echo, there)
    there.close()

    def run(n):
        agent.tell(n)
        if sends_bytes:
            send_bytes(n, here)
        else:
            round_trips(n, here)
        return agent.answer()

    def check(n, weight):
        if sends_bytes:
            assert weight == n * len(MEGABYTE), f"expected {n} MB to arrive, got {weight} bytes"

    measure(run, check=check, cpu=cpu_with_children)
