"""One operation: a thread started, which runs a trivial function, and joined."""

import threading

from sample import measure
from tasks import check_results


def increment(value, results):
    results.append(value + 1)


def run(n):
    results = []
    for i in range(n):
        thread = threading.Thread(target=increment, args=(i, results))
        thread.start()
        thread.join()
    return results


measure(run, check=check_results)
