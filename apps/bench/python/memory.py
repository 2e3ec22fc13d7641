"""One operation: an access to memory shared with a child process, which fills it before a round, and looks at it afterwards."""

from agent import Agent, context
from sample import cpu_with_children, measure, plan

LENGTH = 1_000
FILLING = 3


def read(n, value, array):
    total = 0
    for _ in range(n):
        total += value.value
    return total


def write(n, value, array):
    for i in range(n):
        value.value = i
    return 0


def add(n, value, array):
    lock = value.get_lock()
    for _ in range(n):
        with lock:
            value.value += 1
    return 0


def element(n, value, array):
    total = 0
    for i in range(n):
        total += array[i % LENGTH]
    return total


def whole(n, value, array):
    total = 0
    for _ in range(n):
        items = array[:]
        total += items[0] + items[-1]
    return total


def obey(order, value, array):
    if order == "look":
        return value.value, sum(array[:])
    value.value = order
    array[:] = [order] * LENGTH


def measure_memory(lock):
    value = context.Value("d", 0, lock=lock)
    array = context.Array("d", LENGTH, lock=lock)
    agent = Agent(obey, value, array)
    case = plan()["value"]
    work = (read, write, add, element, whole)[case]

    def check(n, total):
        total_expected = (n * FILLING, 0, 0, n * FILLING, n * FILLING * 2)[case]
        value_expected = (FILLING, n - 1, FILLING + n, FILLING, FILLING)[case]
        assert total == total_expected, f"expected to read {total_expected} in all, got {total}"
        found = agent.ask("look")
        assert found == (value_expected, FILLING * LENGTH), f"the child process finds {found}"

    measure(lambda n: work(n, value, array), lambda n: agent.ask(FILLING), check, cpu_with_children)
