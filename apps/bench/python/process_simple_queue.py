"""One operation: an item through a multiprocessing.SimpleQueue, from one child process to another. It holds what its pipe holds."""

from agent import context
from queues import measure_queue

if __name__ == "__main__":
    measure_queue(context.SimpleQueue())
