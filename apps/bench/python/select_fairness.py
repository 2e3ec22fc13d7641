from select_server import Server
from pings import measure_pings

measure_pings(Server)
