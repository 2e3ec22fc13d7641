"""One operation: a threading.Lock acquired and released: by the main thread, by another one, or by two that begin together."""

import threading

from sample import measure, plan

threads = plan()["value"]


def locking(lock, counter, times):
    for _ in range(times):
        lock.acquire()
        counter[0] += 1
        lock.release()


def waiting(barrier, *args):
    barrier.wait()
    locking(*args)


def run(n):
    lock = threading.Lock()
    counter = [0]
    if threads == 0:
        locking(lock, counter, n)
    else:
        args = (threading.Barrier(threads), lock, counter, n // threads)
        started = [threading.Thread(target=waiting, args=args) for _ in range(threads)]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()
    assert counter[0] == n


measure(run)
