"""What the scripts beside this file have in common: the plan they are given, the rounds, one JSON line a sample.

No script here may be called `queue.py`, `event.py` or `select.py`: the folder of a script is where Python looks for modules first.
"""

import gc
import json
import os
import resource
import sys
import time


def plan():
    """The counts of this process: n, rounds, warmups, warmN, and the value of the case."""
    return json.loads(sys.argv[1])


def emit(sample):
    print(json.dumps({"sample": sample}), flush=True)


def cpu_of_threads(pid):
    """CPU nanoseconds that the threads of a process have run."""
    used = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as schedstat:
            used += int(schedstat.read().split()[0])
    return used


def children():
    """The ids of the processes that this one has started, and has not seen the end of."""
    found = []
    for thread in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{thread}/children") as ids:
            found += ids.read().split()
    return found


def cpu_with_children():
    """CPU nanoseconds of this process and of its children: those that it has now, and those that have ended.

    The kernel (a Linux) tells of the first thread by thread, of the others in all.
    """
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = time.process_time_ns() + int((ended.ru_utime + ended.ru_stime) * 1e9)
    return used + sum(cpu_of_threads(pid) for pid in children())


def measure(run, arrange=None, check=None, cpu=time.process_time_ns):
    """Runs the warm-up and then the rounds of `run(n)`, and prints CPU and wall nanoseconds per operation of each.

    `arrange(n)` comes before a round, and `check(n, result)`, with what `run` returned, after it: neither is measured.
    `cpu` reads the clock of CPU time, in nanoseconds: by default that of all threads of this process.
    """
    counts = plan()
    rounds = [(counts["warmN"], False)] * counts["warmups"] + [(counts["n"], True)] * counts["rounds"]
    for n, timed in rounds:
        if arrange is not None:
            arrange(n)
        gc.collect()
        used, took = cpu(), time.perf_counter_ns()
        result = run(n)
        used, took = cpu() - used, time.perf_counter_ns() - took
        if check is not None:
            check(n, result)
        if timed:
            emit({"cpu": used / n, "wall": took / n})
