/** There is something to receive, a connection to accept, an end or an error to hear of. Python: `select.POLLIN`. */
export const POLLIN = 0x001;
/** Urgent data: accepted in a mask, never reported, as Node does not tell of it. Python: `select.POLLPRI`. */
export const POLLPRI = 0x002;
/** There is room to send. Python: `select.POLLOUT`. */
export const POLLOUT = 0x004;
/** An error waits to be taken; reported whatever the mask. Python: `select.POLLERR`. */
export const POLLERR = 0x008;
/** Both directions have ended, or there never was a connection; reported whatever the mask. Python: `select.POLLHUP`. */
export const POLLHUP = 0x010;
/** It has been closed; reported whatever the mask, by `poll` alone. Python: `select.POLLNVAL`. */
export const POLLNVAL = 0x020;
/** The peer will send nothing more. Python: `select.POLLRDHUP`. */
export const POLLRDHUP = 0x2000;

/** As `POLLIN`. Python: `select.EPOLLIN`. */
export const EPOLLIN = POLLIN;
/** As `POLLPRI`. Python: `select.EPOLLPRI`. */
export const EPOLLPRI = POLLPRI;
/** As `POLLOUT`. Python: `select.EPOLLOUT`. */
export const EPOLLOUT = POLLOUT;
/** As `POLLERR`. Python: `select.EPOLLERR`. */
export const EPOLLERR = POLLERR;
/** As `POLLHUP`. Python: `select.EPOLLHUP`. */
export const EPOLLHUP = POLLHUP;
/** As `POLLRDHUP`. Python: `select.EPOLLRDHUP`. */
export const EPOLLRDHUP = POLLRDHUP;
/** Report once, until `modify`. Python: `select.EPOLLONESHOT`. */
export const EPOLLONESHOT = 0x40000000;
/** Report what is new, once. Python: `select.EPOLLET`. */
export const EPOLLET = 0x80000000;

/** What is reported whether it was asked for or not. @internal */
export const ALWAYS = POLLERR | POLLHUP;
/** What an error or the end of a connection sets. @internal */
export const DEAD_ENDS = POLLIN | POLLOUT | POLLHUP | POLLRDHUP;
