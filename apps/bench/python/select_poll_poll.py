import select

from polls import measure_polls


def arrange(sockets):
    poller = select.poll()
    for each in sockets:
        poller.register(each, select.POLLIN)
    return poller.poll


measure_polls(arrange)
