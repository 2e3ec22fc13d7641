"""An echo server on `selectors.DefaultSelector`, which serves until the load has done what it was told."""

import os
import selectors
import socket

from load import Load

MOST = 65536


class Server:
    def __init__(self, size):
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.listener.setblocking(False)
        self.open = 0
        self.done = False
        self.load = Load(self.listener.getsockname()[1], size)
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        self.selector.register(self.load.answers, selectors.EVENT_READ, self.hear)

    def accept(self, listener):
        connection, _ = listener.accept()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open += 1
        self.selector.register(connection, selectors.EVENT_READ, self.echo)

    def hear(self, answers):
        self.load.check(os.read(answers, 100))
        self.done = True

    def echo(self, connection):
        data = connection.recv(MOST)
        if not data:
            self.selector.unregister(connection)
            connection.close()
            self.open -= 1
            return
        self.send(connection, data)

    def send(self, connection, data):
        try:
            sent = connection.send(data)
        except BlockingIOError:
            sent = 0
        if sent == len(data):
            return
        rest = data[sent:]
        self.selector.modify(connection, selectors.EVENT_WRITE, lambda one: self.send_rest(one, rest))

    def send_rest(self, connection, rest):
        self.selector.modify(connection, selectors.EVENT_READ, self.echo)
        self.send(connection, rest)

    def serve_until(self, over):
        while not over():
            for key, _ in self.selector.select():
                key.data(key.fileobj)

    def ask(self, command):
        self.done = False
        self.load.tell(command)
        self.serve_until(lambda: self.done)
