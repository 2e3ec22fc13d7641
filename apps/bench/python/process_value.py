"""One operation: an access to a multiprocessing.Value or Array, which takes its lock each time."""

from memory import measure_memory

if __name__ == "__main__":
    measure_memory(True)
