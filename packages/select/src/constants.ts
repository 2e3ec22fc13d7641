/** A path in the file system. Python: `socket.AF_UNIX`. */
export const AF_UNIX = 1;
/** Python: `socket.AF_INET`. */
export const AF_INET = 2;
/** Python: `socket.AF_INET6`. */
export const AF_INET6 = 10;
/** A connection with a flow of bytes. Python: `socket.SOCK_STREAM`. */
export const SOCK_STREAM = 1;
/** Messages without a connection. Python: `socket.SOCK_DGRAM`. */
export const SOCK_DGRAM = 2;

/** Nothing more is to be received. Python: `socket.SHUT_RD`. */
export const SHUT_RD = 0;
/** Nothing more is to be sent. Python: `socket.SHUT_WR`. */
export const SHUT_WR = 1;
/** Neither. Python: `socket.SHUT_RDWR`. */
export const SHUT_RDWR = 2;

/** Options of the socket itself. Python: `socket.SOL_SOCKET`. */
export const SOL_SOCKET = 1;
/** Whether an address may be bound again at once; Node always sets it. Python: `socket.SO_REUSEADDR`. */
export const SO_REUSEADDR = 2;
/** `SOCK_STREAM` or `SOCK_DGRAM`. Python: `socket.SO_TYPE`. */
export const SO_TYPE = 3;
/** The error that waits, as a number, which is then taken; 0 for none. Python: `socket.SO_ERROR`. */
export const SO_ERROR = 4;
/** Whether datagrams may go to all. Python: `socket.SO_BROADCAST`. */
export const SO_BROADCAST = 6;
/** How many bytes are kept for the kernel to take before there is no room to send. Python: `socket.SO_SNDBUF`. */
export const SO_SNDBUF = 7;
/** How many bytes are received ahead. Python: `socket.SO_RCVBUF`. */
export const SO_RCVBUF = 8;
/** Whether the kernel looks after a silent peer. Python: `socket.SO_KEEPALIVE`. */
export const SO_KEEPALIVE = 9;
/** 1 for a socket that listens. Python: `socket.SO_ACCEPTCONN`. */
export const SO_ACCEPTCONN = 30;
/** Options of TCP. Python: `socket.IPPROTO_TCP`. */
export const IPPROTO_TCP = 6;
/** Whether a small piece is sent at once: 1 unless you set 0. Python: `socket.TCP_NODELAY`. */
export const TCP_NODELAY = 1;

/** What a socket's addresses are. */
export type AddressFamily = typeof AF_UNIX | typeof AF_INET | typeof AF_INET6;
