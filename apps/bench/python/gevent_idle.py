from gevent_server import Server
from idlers import measure_idlers

measure_idlers(Server)
