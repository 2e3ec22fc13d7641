"""One operation: an item through a queue.Queue of at most 1,000, from one thread to another. Threads share it: nothing is copied."""

import queue
import threading

from items import item_of, weight_of, weight_of_all
from sample import measure, plan

kind = plan()["value"]


def put(items, n):
    for i in range(n):
        items.put(item_of(kind, i))


def get(items, n, weights):
    weight = 0
    for _ in range(n):
        weight += weight_of(kind, items.get())
    weights.append(weight)


def run(n):
    items = queue.Queue(1000)
    weights = []
    threads = [
        threading.Thread(target=get, args=(items, n, weights)),
        threading.Thread(target=put, args=(items, n)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return weights


def check(n, weights):
    whole = weight_of_all(kind, n)
    assert weights == [whole], f"expected items that weigh {whole}, got {weights}"


measure(run, check=check)
