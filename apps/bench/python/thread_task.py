"""One operation: a trivial task run by a ThreadPoolExecutor of two workers, 64 of them in flight."""

from concurrent.futures import ThreadPoolExecutor

from sample import measure
from tasks import check_sum, in_flight

pool = ThreadPoolExecutor(max_workers=2)

measure(lambda n: in_flight(pool, n), check=check_sum)
