"""One operation: a multiprocessing.Lock acquired and released: by the main process, by a child, or by two that begin together."""

from agent import Agent, context
from sample import cpu_with_children, measure, plan

processes = plan()["value"]


def locking(times, lock):
    steps = 0
    for _ in range(times):
        lock.acquire()
        steps += 1
        lock.release()
    return steps


def contending(times, lock, counter, start):
    start.wait()
    for _ in range(times):
        lock.acquire()
        counter.value += 1
        lock.release()


if __name__ == "__main__":
    lock = context.Lock()
    counter = context.Value("i", 0, lock=False)
    if processes == 2:
        shared = (lock, counter, context.Barrier(processes))
        agents = [Agent(contending, *shared) for _ in range(processes)]
    else:
        agents = [Agent(locking, lock) for _ in range(processes)]

    def arrange(n):
        counter.value = 0

    def run(n):
        if processes == 0:
            return locking(n, lock)
        for agent in agents:
            agent.tell(n // processes)
        answers = [agent.answer() for agent in agents]
        return counter.value if processes == 2 else answers[0]

    def check(n, steps):
        assert steps == n, f"expected the lock to have guarded {n} steps, got {steps}"

    measure(run, arrange, check, cpu_with_children)
