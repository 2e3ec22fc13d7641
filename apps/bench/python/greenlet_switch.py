"""One operation: one switch between two greenlets."""

from greenlet import greenlet

from sample import measure


def run(n):
    def ping():
        for i in range(n // 2):
            other.switch(i)

    def pong(value):
        while True:
            value = first.switch(value)

    first = greenlet(ping)
    other = greenlet(pong)
    first.switch()


measure(run)
