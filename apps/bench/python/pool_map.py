"""One operation: an item of multiprocessing's Pool.map, trivial, two workers, in chunks; 0 stands for its own choice, eight chunks."""

import multiprocessing

from sample import cpu_with_children, measure, plan
from tasks import check_results, increment

if __name__ == "__main__":
    chunksize = plan()["value"] or None
    with multiprocessing.get_context("fork").Pool(2) as pool:
        measure(lambda n: pool.map(increment, range(n), chunksize), check=check_results, cpu=cpu_with_children)
