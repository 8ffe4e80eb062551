// What Swift's Glibc module lacks (epoll, eventfd) or cannot call (macros, variadics), and the one fork that
// must not run Swift code between fork and exec.
#ifndef LEADWIRE_CLINUX_H
#define LEADWIRE_CLINUX_H

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

static inline int lw_errno(void) { return errno; }

// The 64 bits of user data: descriptor in the low half, registration number in the high half.
static inline int lw_epoll_ctl(int epoll, int operation, int fd, uint32_t events, uint64_t data) {
    struct epoll_event event;
    event.events = events;
    event.data.u64 = data;
    return epoll_ctl(epoll, operation, fd, &event);
}

static inline uint64_t lw_epoll_data(const struct epoll_event *event) { return event->data.u64; }

static inline int lw_sendmsg_nosignal(int fd, const void *bytes, size_t count) {
    return (int)send(fd, bytes, count, MSG_NOSIGNAL);
}

static inline int lw_accept(int fd, struct sockaddr_storage *address, socklen_t *length) {
    return (int)syscall(SYS_accept4, fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static inline int lw_connect(int fd, const struct sockaddr_storage *address, socklen_t length) {
    return connect(fd, (const struct sockaddr *)address, length);
}

static inline int lw_bind(int fd, const struct sockaddr_storage *address, socklen_t length) {
    return bind(fd, (const struct sockaddr *)address, length);
}

static inline int lw_getsockname(int fd, struct sockaddr_storage *address, socklen_t *length) {
    return getsockname(fd, (struct sockaddr *)address, length);
}

static inline int lw_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

static inline int lw_setsockopt_int(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value);
}

static inline int lw_reset_on_close(int fd) {
    struct linger linger = {1, 0};
    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static inline int lw_socket_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

static inline int lw_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

static inline void lw_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

static inline void lw_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

// Starts a child. uid < 0 keeps the caller's identity. The child has its own session, default signals, `output` as
// stdout and stderr, and receives `death_signal` when the thread that called this ends (so call it from a thread
// that lives as long as the process). The `inherited` descriptors, at most LW_INHERITED_LIMIT, become 3, 4, … in it.
// Only async-signal-safe calls stand between fork and exec.
#define LW_INHERITED_LIMIT 8
static inline pid_t lw_spawn(const char *path, char *const arguments[], char *const environment[],
                             const char *directory, int uid, int gid, int output, int death_signal,
                             const int *inherited, int inherited_count) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child != 0) return child;
    setsid();
    if (uid >= 0) {
        if (setgroups(0, 0) != 0 || setgid((gid_t)gid) != 0 || setuid((uid_t)uid) != 0) _exit(126);
    }
    // After setuid, which clears it.
    if (death_signal > 0) {
        prctl(PR_SET_PDEATHSIG, death_signal);
        if (getppid() != parent) _exit(125);
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < 32; number++) sigaction(number, &action, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    int null = open("/dev/null", O_RDWR);
    if (null >= 0) dup2(null, 0);
    dup2(output >= 0 ? output : null, 1);
    dup2(output >= 0 ? output : null, 2);
    if (directory && chdir(directory) != 0) _exit(124);
    // Out of the way first: one may stand where another is to go.
    int moved[LW_INHERITED_LIMIT];
    for (int index = 0; index < inherited_count; index++) {
        moved[index] = fcntl(inherited[index], F_DUPFD, 3 + LW_INHERITED_LIMIT);
        if (moved[index] < 0) _exit(123);
    }
    for (int index = 0; index < inherited_count; index++) dup2(moved[index], 3 + index);
    for (int fd = 3 + inherited_count; fd < 1024; fd++) close(fd);
    execve(path, arguments, environment);
    _exit(127);
}

#endif
