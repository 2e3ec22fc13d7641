"""A child process that is there before the measurement begins, and does what it is told as often as it is told."""

import multiprocessing
import multiprocessing.connection
import os
import threading

context = multiprocessing.get_context("fork")


def end_with_parent():
    # However that has ended: killed, it does not get to end its daemons.
    multiprocessing.connection.wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


def serve(orders, obey, shared):
    threading.Thread(target=end_with_parent, daemon=True).start()
    while True:
        orders.send(obey(orders.recv(), *shared))


class Agent:
    """`obey(order, *shared)` runs in the child; what it returns is its answer."""

    started = []

    def __init__(self, obey, *shared):
        self.orders, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, obey, shared), daemon=True)
        process.start()
        # So that there is an end of it when the child has one.
        theirs.close()
        Agent.started.append(process)

    def tell(self, order):
        self.orders.send(order)

    def answer(self):
        # Whichever of them ends, the others may wait for it for ever.
        multiprocessing.connection.wait([self.orders, *(process.sentinel for process in Agent.started)])
        if not self.orders.poll():
            raise ChildProcessError("expected an answer, but a child process has ended")
        return self.orders.recv()

    def ask(self, order):
        self.tell(order)
        return self.answer()
