"""What the scripts beside this file have in common: the plan they are given, the rounds, one JSON line a sample.

No script here may be called `queue.py`, `event.py` or `select.py`: the folder of a script is where Python looks for modules first.
"""

import gc
import json
import sys
import time


def plan():
    """The counts of this process: n, rounds, warmups, warmN, and the value of the case."""
    return json.loads(sys.argv[1])


def emit(sample):
    print(json.dumps({"sample": sample}), flush=True)


def measure(run, arrange=None):
    """Runs the warm-up and then the rounds of `run(n)`, and prints CPU and wall nanoseconds per operation of each."""
    counts = plan()
    rounds = [(counts["warmN"], False)] * counts["warmups"] + [(counts["n"], True)] * counts["rounds"]
    for n, timed in rounds:
        if arrange is not None:
            arrange(n)
        gc.collect()
        cpu, wall = time.process_time_ns(), time.perf_counter_ns()
        run(n)
        cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
        if timed:
            emit({"cpu": cpu / n, "wall": wall / n})
