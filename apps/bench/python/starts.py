"""One operation: a process started, which runs a trivial function, and joined. Its result comes back through a pipe."""

import multiprocessing

from sample import cpu_with_children, measure
from tasks import check_results


def answer(value, connection):
    connection.send(value + 1)


def measure_starts(method):
    context = multiprocessing.get_context(method)

    def run(n):
        results = []
        for i in range(n):
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=answer, args=(i, there))
            process.start()
            there.close()
            results.append(here.recv())
            process.join()
            assert process.exitcode == 0, f"expected exit code 0, got {process.exitcode}"
            here.close()
        return results

    measure(run, check=check_results, cpu=cpu_with_children)
