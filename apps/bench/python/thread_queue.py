"""One operation: an item through a queue.Queue of at most 1,000, from one thread to another. Threads share it: nothing is copied."""

import queue
import threading

from sample import measure, plan

kind = plan()["value"]
STRING = "abcdefgh" * 128
BUFFER = bytes(65536)


def item_of(i):
    if kind == 0:
        return i
    if kind == 1:
        return {"id": i, "name": "item", "done": False}
    return STRING if kind == 2 else BUFFER


def put(items, n):
    for i in range(n):
        items.put(item_of(i))


def weight_of(item):
    if kind == 0:
        return item
    return item["id"] if kind == 1 else len(item)


def get(items, n, weights):
    weight = 0
    for _ in range(n):
        weight += weight_of(items.get())
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
    whole = n * (n - 1) // 2 if kind < 2 else n * len(item_of(0))
    assert weights == [whole], f"expected items that weigh {whole}, got {weights}"


measure(run, check=check)
