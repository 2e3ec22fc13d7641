"""One operation: a multiprocessing.Process started, as a copy of this one, and joined."""

from starts import measure_starts

if __name__ == "__main__":
    measure_starts("fork")
