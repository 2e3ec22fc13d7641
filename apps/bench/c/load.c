/*
 * load HOST PORT SIZE: connections to an echo server, and messages of SIZE bytes on them.
 *
 * Obeys a line of standard input at a time, and answers each with a line `done`:
 *
 *   connect N   opens N more connections
 *   send N      sends a message on each of the first N, and does not wait for its echo
 *   echo N      sends N messages in all, on each connection one after the other, and waits for their echoes
 *   flood N     the same, while another process sends as much as it can on one connection, and reads what comes back
 *   churn N     makes N connections, 16 at a time, sends a message on each, waits for its echo and closes it
 *   close       closes them all
 *
 * Every echo is compared with what was sent. Ends when its input does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH 512
#define BLOCK 65536
/* What the flood has heard of itself before it counts as under way. */
#define UNDER_WAY (4 * 1024 * 1024)
/* Connections of a churn that there are at a time. */
#define CHURN 16

struct connection {
  int fd;
  size_t unsent;
  size_t unheard;
};

static struct sockaddr_in server;
static size_t size;
static char *message;
static char *heard;
static struct connection *connections;
static int count;
static int ready;

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

static void watch(int fd, void *whose) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = whose};
  if (epoll_ctl(ready, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

static int open_connection(void) {
  int on = 1;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) fail("socket: %s", strerror(errno));
  if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0) fail("connect: %s", strerror(errno));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static void connect_more(int more) {
  connections = realloc(connections, (size_t)(count + more) * sizeof *connections);
  for (int i = 0; i < more; i++) connections[count++] = (struct connection){.fd = open_connection()};
}

static void close_all(void) {
  for (int i = 0; i < count; i++) close(connections[i].fd);
  count = 0;
}

static void push(struct connection *one) {
  while (one->unsent > 0) {
    ssize_t sent = send(one->fd, message + size - one->unsent, one->unsent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) fail("send: %s", strerror(errno));
    one->unsent -= (size_t)sent;
  }
}

static void begin_message(struct connection *one) {
  one->unsent = one->unheard = size;
  push(one);
}

/* Whether the echo is complete. */
static int hear(struct connection *one) {
  while (one->unheard > 0) {
    ssize_t got = recv(one->fd, heard, one->unheard, 0);
    if (got < 0 && errno == EAGAIN) return 0;
    if (got <= 0) fail("recv: %s", got == 0 ? "the server has ended the connection" : strerror(errno));
    if (memcmp(heard, message + size - one->unheard, (size_t)got) != 0) fail("the echo is not what was sent");
    one->unheard -= (size_t)got;
  }
  return 1;
}

struct flood {
  int fd;
  long long sent;
  long long received;
};

static char block[BLOCK];

/* Whether there was anything. */
static int hear_flood(struct flood *one) {
  ssize_t got = recv(one->fd, block, BLOCK, 0);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got <= 0) fail("recv of the flood: %s", got == 0 ? "the server has ended it" : strerror(errno));
  one->received += got;
  return 1;
}

/* Whether there was room. */
static int push_flood(struct flood *one) {
  ssize_t sent = send(one->fd, block, BLOCK, MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return 0;
  if (sent < 0) fail("send of the flood: %s", strerror(errno));
  one->sent += sent;
  return 1;
}

static volatile sig_atomic_t over = 0;

static void end_flood(int signal) {
  (void)signal;
  over = 1;
}

/* Sends all it can until it is told to end. What is on its way then is heard still, so that the server has nothing left to do. */
static void flood_on(int under_way) {
  struct flood one = {.fd = open_connection()};
  struct pollfd either = {.fd = one.fd, .events = POLLIN | POLLOUT};
  signal(SIGTERM, end_flood);
  for (int told = 0; !over;) {
    int pieces = push_flood(&one) + hear_flood(&one);
    if (pieces == 0) poll(&either, 1, 10);
    if (!told && one.received >= UNDER_WAY) told = write(under_way, "x", 1) == 1;
  }
  fcntl(one.fd, F_SETFL, 0);
  while (one.received < one.sent) hear_flood(&one);
  _exit(0);
}

/* Returns once a flood of another process is under way. */
static pid_t begin_flood(void) {
  int ends[2];
  char told;
  if (pipe(ends) != 0) fail("pipe: %s", strerror(errno));
  pid_t process = fork();
  if (process < 0) fail("fork: %s", strerror(errno));
  if (process == 0) flood_on(ends[1]);
  close(ends[1]);
  if (read(ends[0], &told, 1) != 1) fail("the flood has not begun");
  close(ends[0]);
  return process;
}

static void exchange(long n, int with_flood) {
  struct epoll_event events[BATCH];
  long begun = 0, complete = 0;
  pid_t flood = with_flood ? begin_flood() : 0;
  ready = epoll_create1(0);
  for (int i = 0; i < count; i++) watch(connections[i].fd, &connections[i]);
  for (int i = 0; i < count && begun < n; i++, begun++) begin_message(&connections[i]);
  while (complete < n) {
    int found = epoll_wait(ready, events, BATCH, -1);
    for (int i = 0; i < found; i++) {
      struct connection *one = events[i].data.ptr;
      if (one->unheard == 0) continue;
      push(one);
      if (!hear(one)) continue;
      complete++;
      if (begun < n) {
        begun++;
        begin_message(one);
      }
    }
  }
  close(ready);
  puts("done");
  fflush(stdout);
  if (!with_flood) return;
  int status;
  kill(flood, SIGTERM);
  if (waitpid(flood, &status, 0) != flood || status != 0) fail("the flood has failed");
}

static void begin_connection(struct connection *one) {
  one->fd = open_connection();
  watch(one->fd, one);
  begin_message(one);
}

static void churn(long n) {
  struct epoll_event events[BATCH];
  struct connection all[CHURN];
  long begun = 0, complete = 0;
  ready = epoll_create1(0);
  for (int i = 0; i < CHURN && begun < n; i++, begun++) begin_connection(&all[i]);
  while (complete < n) {
    int found = epoll_wait(ready, events, BATCH, -1);
    for (int i = 0; i < found; i++) {
      struct connection *one = events[i].data.ptr;
      if (one->unheard == 0) continue;
      push(one);
      if (!hear(one)) continue;
      close(one->fd);
      complete++;
      if (begun < n) {
        begun++;
        begin_connection(one);
      }
    }
  }
  close(ready);
}

int main(int argc, char **argv) {
  char line[64], verb[16];
  long n;
  if (argc != 4) fail("usage: load HOST PORT SIZE");
  server.sin_family = AF_INET;
  server.sin_port = htons((unsigned short)atoi(argv[2]));
  if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) fail("expected an IPv4 address, got %s", argv[1]);
  size = (size_t)atol(argv[3]);
  message = malloc(size);
  heard = malloc(size);
  for (size_t i = 0; i < size; i++) message[i] = (char)('a' + i % 23);
  while (fgets(line, sizeof line, stdin) != NULL) {
    n = 0;
    if (sscanf(line, "%15s %ld", verb, &n) < 1) fail("expected a command, got %s", line);
    if (strcmp(verb, "echo") == 0 || strcmp(verb, "flood") == 0) {
      exchange(n, verb[0] == 'f');
      continue;
    }
    if (strcmp(verb, "connect") == 0) connect_more((int)n);
    else if (strcmp(verb, "churn") == 0) churn(n);
    else if (strcmp(verb, "close") == 0) close_all();
    else if (strcmp(verb, "send") == 0)
      for (int i = 0; i < count && i < n; i++) begin_message(&connections[i]);
    else fail("expected connect, send, echo, flood, churn or close, got %s", verb);
    puts("done");
    fflush(stdout);
  }
  return 0;
}
