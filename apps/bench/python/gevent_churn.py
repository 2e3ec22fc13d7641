"""One operation: a connection made, a message echoed, the connection closed; by gevent's `StreamServer`."""

from gevent_server import Server
from sample import measure

server = Server(64)
measure(lambda n: server.ask(f"churn {n}"))
server.load.close()
