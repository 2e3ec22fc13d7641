"""One operation: a trivial task run by a multiprocessing.Pool of two workers, 64 of them in flight."""

import multiprocessing

from sample import cpu_with_children, measure
from tasks import check_sum, in_flight, increment

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:

        def run(n):
            return in_flight(lambda i: pool.apply_async(increment, (i,)).get, n)

        measure(run, check=check_sum, cpu=cpu_with_children)
