import selectors

from polls import measure_polls


def arrange(sockets):
    selector = selectors.DefaultSelector()
    for each in sockets:
        selector.register(each, selectors.EVENT_READ)
    return selector.select


measure_polls(arrange)
