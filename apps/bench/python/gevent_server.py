"""An echo server on gevent's `StreamServer`."""

import socket

import gevent
from gevent.os import make_nonblocking, nb_read
from gevent.server import StreamServer

from load import Load

MOST = 65536


class Server:
    def __init__(self, size):
        self.server = StreamServer(("127.0.0.1", 0), self.serve, backlog=4096)
        self.server.start()
        self.open = 0
        self.load = Load(self.server.server_port, size)
        make_nonblocking(self.load.answers)

    def serve(self, connection, _):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open += 1
        while True:
            data = connection.recv(MOST)
            if not data:
                break
            connection.sendall(data)
        self.open -= 1

    def serve_until(self, over):
        while not over():
            gevent.sleep(0.001)

    def ask(self, command):
        self.load.tell(command)
        self.load.check(nb_read(self.load.answers, 100))
