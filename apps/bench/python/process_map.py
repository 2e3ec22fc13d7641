"""One operation: an item of ProcessPoolExecutor.map, trivial, two workers, in chunks; 0 stands for eight chunks."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from sample import cpu_with_children, measure, plan
from tasks import check_results, increment

if __name__ == "__main__":
    chunksize = plan()["value"]
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:

        def run(n):
            return list(pool.map(increment, range(n), chunksize=chunksize or -(-n // 8)))

        measure(run, check=check_results, cpu=cpu_with_children)
