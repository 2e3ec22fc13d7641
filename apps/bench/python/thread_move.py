"""One operation: 50 MB handed to a ThreadPoolExecutor of two workers, as a reference: threads share the memory."""

from concurrent.futures import ThreadPoolExecutor

from sample import measure

SIZE = 50_000_000

pool = ThreadPoolExecutor(max_workers=2)
buffers = []


def weigh(buffer):
    return len(buffer) + buffer[-1]


def arrange(n):
    buffers[:] = [bytearray(b"\x01") * SIZE for _ in range(n)]


def run(n):
    return [future.result() for future in [pool.submit(weigh, buffer) for buffer in buffers]]


def check(n, weights):
    assert weights == [SIZE + 1] * n


measure(run, arrange, check)
