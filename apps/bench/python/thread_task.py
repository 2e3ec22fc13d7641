"""One operation: a trivial task run by a ThreadPoolExecutor of two workers, 64 of them in flight."""

from concurrent.futures import ThreadPoolExecutor

from sample import measure
from tasks import check_sum, in_flight, increment

pool = ThreadPoolExecutor(max_workers=2)

measure(lambda n: in_flight(lambda i: pool.submit(increment, i).result, n), check=check_sum)
