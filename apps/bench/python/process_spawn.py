"""One operation: a multiprocessing.Process started, as a Python of its own, and joined."""

from starts import measure_starts

if __name__ == "__main__":
    measure_starts("spawn")
