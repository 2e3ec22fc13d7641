import select

from polls import measure_polls


def arrange(sockets):
    poller = select.epoll()
    for each in sockets:
        poller.register(each, select.EPOLLIN)
    return poller.poll


measure_polls(arrange)
