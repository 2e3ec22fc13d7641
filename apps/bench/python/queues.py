"""One operation: an item through a queue, from one child process to another."""

from agent import Agent
from items import check_item, item_of, weight_of, weight_of_all
from sample import cpu_with_children, measure, plan

kind = plan()["value"]


def put(n, items):
    for i in range(n):
        items.put(item_of(kind, i))


def get(n, items):
    weight = 0
    for i in range(n):
        item = items.get()
        check_item(kind, item, i)
        weight += weight_of(kind, item)
    return weight


def check(n, weight):
    whole = weight_of_all(kind, n)
    assert weight == whole, f"expected items that weigh {whole}, got {weight}"


def measure_queue(items):
    getter, putter = Agent(get, items), Agent(put, items)

    def run(n):
        getter.tell(n)
        putter.ask(n)
        return getter.answer()

    measure(run, check=check, cpu=cpu_with_children)
