"""One operation: a connection made, a message echoed, the connection closed; by a server of `socketserver`."""

import os
import socketserver
import threading
import time

from load import Load
from sample import cpu_of_threads, cpu_with_children, measure

# Bytes of a message.
SIZE = 64
MOST = 65536


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(MOST):
            self.request.sendall(data)


def measure_churn(server_class):
    class Server(server_class):
        request_queue_size = 4096

    server = Server(("127.0.0.1", 0), Echo)
    load = Load(server.server_address[1], SIZE)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def churn(n):
        load.tell(f"churn {n}")
        load.check(os.read(load.answers, 100))

    def cpu():
        while True:
            try:
                return cpu_with_children() - cpu_of_threads(load.process.pid)
            except OSError:
                # A child has ended, and been seen to, while it was looked at.
                pass

    forks = issubclass(server_class, socketserver.ForkingMixIn)
    measure(churn, cpu=cpu if forks else time.process_time_ns)
    load.close()
    server.shutdown()
