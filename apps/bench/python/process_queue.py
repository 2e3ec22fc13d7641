"""One operation: an item through a multiprocessing.Queue of at most 1,000, from one child process to another."""

from agent import context
from queues import measure_queue

if __name__ == "__main__":
    measure_queue(context.Queue(1000))
