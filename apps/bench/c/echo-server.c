/* An echo server on epoll: prints its port, and ends when its standard input does. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 512
#define BLOCK 65536

/* What there was no room to send, while there is such. */
struct connection {
  int fd;
  size_t length;
  size_t sent;
  char *rest;
};

static char block[BLOCK];

static void ask(int ready, int operation, int fd, unsigned events, void *whose) {
  struct epoll_event event = {.events = events, .data.ptr = whose};
  if (epoll_ctl(ready, operation, fd, &event) != 0) {
    perror("epoll_ctl");
    exit(1);
  }
}

static void drop(struct connection *one) {
  close(one->fd);
  free(one->rest);
  free(one);
}

static void echo(int ready, struct connection *one) {
  ssize_t got = recv(one->fd, block, BLOCK, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    drop(one);
    return;
  }
  ssize_t sent = send(one->fd, block, (size_t)got, MSG_NOSIGNAL);
  if (sent == got) return;
  if (sent < 0 && errno != EAGAIN) {
    drop(one);
    return;
  }
  size_t done = sent < 0 ? 0 : (size_t)sent;
  one->length = (size_t)got - done;
  one->sent = 0;
  one->rest = malloc(one->length);
  memcpy(one->rest, block + done, one->length);
  ask(ready, EPOLL_CTL_MOD, one->fd, EPOLLOUT, one);
}

static void send_rest(int ready, struct connection *one) {
  ssize_t sent = send(one->fd, one->rest + one->sent, one->length - one->sent, MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return;
  if (sent < 0) {
    drop(one);
    return;
  }
  one->sent += (size_t)sent;
  if (one->sent < one->length) return;
  free(one->rest);
  one->rest = NULL;
  ask(ready, EPOLL_CTL_MOD, one->fd, EPOLLIN, one);
}

int main(void) {
  struct epoll_event events[BATCH];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int on = 1, ready = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 4096) != 0) {
    perror("listen");
    return 1;
  }
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  ask(ready, EPOLL_CTL_ADD, listener, EPOLLIN, &listener);
  ask(ready, EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN, NULL);
  for (;;) {
    int found = epoll_wait(ready, events, BATCH, -1);
    for (int i = 0; i < found; i++) {
      struct connection *one = events[i].data.ptr;
      if (one == NULL) return 0;
      if ((void *)one == (void *)&listener) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        one = calloc(1, sizeof *one);
        one->fd = fd;
        ask(ready, EPOLL_CTL_ADD, fd, EPOLLIN, one);
      } else if (one->rest != NULL) send_rest(ready, one);
      else echo(ready, one);
    }
  }
}
