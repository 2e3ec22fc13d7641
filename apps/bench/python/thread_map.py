"""One operation: an item of ThreadPoolExecutor.map, trivial, two workers. It has no chunks: its chunksize does nothing."""

from concurrent.futures import ThreadPoolExecutor

from sample import measure
from tasks import check_results, increment

pool = ThreadPoolExecutor(max_workers=2)

measure(lambda n: list(pool.map(increment, range(n))), check=check_results)
