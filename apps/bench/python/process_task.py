"""One operation: a trivial task run by a ProcessPoolExecutor of two workers, 64 of them in flight."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from sample import cpu_with_children, measure
from tasks import check_sum, in_flight, increment

if __name__ == "__main__":
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:

        def run(n):
            return in_flight(lambda i: pool.submit(increment, i).result, n)

        measure(run, check=check_sum, cpu=cpu_with_children)
