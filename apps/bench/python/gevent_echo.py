from gevent_server import Server
from echoes import measure_echoes

measure_echoes(Server)
