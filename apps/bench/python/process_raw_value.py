"""One operation: an access to a multiprocessing.Value or Array that has no lock."""

from memory import measure_memory

if __name__ == "__main__":
    measure_memory(False)
