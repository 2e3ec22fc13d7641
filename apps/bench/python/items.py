"""What goes through the queues, by the value of the case: a number, a small object, a string of 1 KB, a buffer of 64 KB."""

STRING = "abcdefgh" * 128
BUFFER = bytes(65536)


def item_of(kind, i):
    if kind == 0:
        return i
    if kind == 1:
        return {"id": i, "name": "item", "done": False}
    return STRING if kind == 2 else BUFFER


def weight_of(kind, item):
    if kind == 0:
        return item
    return item["id"] if kind == 1 else len(item)


def weight_of_all(kind, n):
    return n * (n - 1) // 2 if kind < 2 else n * len(item_of(kind, 0))


def check_item(kind, item, i):
    assert weight_of(kind, item) == weight_of(kind, item_of(kind, i)), f"expected item {i}, got {item!r:.80}"
