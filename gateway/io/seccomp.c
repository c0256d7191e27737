#include "gateway/io/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct SeccompFilter {
    struct sock_fprog program;
    GBytes *code;
};

/* ---- tables of system calls ---- */

/* Never needed by any role; an attempt shows that somebody else is at the wheel, so the process ends at once.
 */
static const int hostile_calls[] = {
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(bpf),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(reboot),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(pivot_root),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(move_mount),
    SCMP_SYS(chroot),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
};

/* Refused to the roles with a wide list: libraries may try them and take no for an answer. */
static const int refused_calls[] = {
    SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),  SCMP_SYS(io_uring_register),
    SCMP_SYS(add_key),        SCMP_SYS(request_key),     SCMP_SYS(keyctl),
    SCMP_SYS(fsopen),         SCMP_SYS(fsmount),         SCMP_SYS(open_tree),
    SCMP_SYS(mount_setattr),  SCMP_SYS(swapon),          SCMP_SYS(swapoff),
    SCMP_SYS(acct),           SCMP_SYS(quotactl),        SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),  SCMP_SYS(clock_adjtime),   SCMP_SYS(adjtimex),
    SCMP_SYS(sethostname),    SCMP_SYS(setdomainname),   SCMP_SYS(mknod),
    SCMP_SYS(mknodat),        SCMP_SYS(personality),     SCMP_SYS(setuid),
    SCMP_SYS(setgid),         SCMP_SYS(setreuid),        SCMP_SYS(setregid),
    SCMP_SYS(setresuid),      SCMP_SYS(setresgid),       SCMP_SYS(setgroups),
    SCMP_SYS(syslog),         SCMP_SYS(vhangup),         SCMP_SYS(fanotify_init),
    SCMP_SYS(pidfd_getfd),    SCMP_SYS(process_madvise),
};

/* What a message's reader needs: memory, time, its answer, looking at files. Opening stands in
 * add_open_rules(). */
static const int reader_child_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(fstatfs),
    SCMP_SYS(statfs),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(fadvise64),
    SCMP_SYS(futex),
    SCMP_SYS(membarrier),
    SCMP_SYS(rseq),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrusage),
    SCMP_SYS(times),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* What the warm parent needs besides: children, memory for their answers, pipes, its socket, and locking the
 * children down. */
static const int reader_parent_calls[] = {
    SCMP_SYS(wait4),   SCMP_SYS(waitid),  SCMP_SYS(kill),         SCMP_SYS(tgkill),     SCMP_SYS(pipe2),
    SCMP_SYS(poll),    SCMP_SYS(ppoll),   SCMP_SYS(recvmsg),      SCMP_SYS(sendmsg),    SCMP_SYS(shutdown),
    SCMP_SYS(prctl),   SCMP_SYS(seccomp), SCMP_SYS(prlimit64),    SCMP_SYS(setrlimit),  SCMP_SYS(getrlimit),
    SCMP_SYS(dup),     SCMP_SYS(dup2),    SCMP_SYS(dup3),         SCMP_SYS(fcntl),      SCMP_SYS(close_range),
    SCMP_SYS(getppid), SCMP_SYS(getpgrp), SCMP_SYS(memfd_create), SCMP_SYS(pidfd_open),
};

/* ---- building ---- */

#define ADD_ALL(context, action, table) add_all(context, action, table, G_N_ELEMENTS(table))

/* In all functions of this kind: 0, or a negative errno. A call that this architecture does not have is
 * skipped. */
static int add_all(scmp_filter_ctx context, guint32 action, const int *calls, gsize n_calls) {
    for (gsize i = 0; i < n_calls; i++) {
        int code = seccomp_rule_add(context, action, calls[i], 0);
        if (code != 0 && code != -EDOM && code != -EINVAL)
            return code;
    }
    return 0;
}

static int add_compared(scmp_filter_ctx context, guint32 action, int call, struct scmp_arg_cmp comparison) {
    return seccomp_rule_add_array(context, action, call, 1, &comparison);
}

static int add_masked(scmp_filter_ctx context, guint32 action, int call, guint argument, guint64 mask,
                      guint64 value) {
    return add_compared(context, action, call,
                        (struct scmp_arg_cmp){argument, SCMP_CMP_MASKED_EQ, mask, value});
}

static int add_equal(scmp_filter_ctx context, guint32 action, int call, guint argument, guint64 value) {
    return add_compared(context, action, call, (struct scmp_arg_cmp){argument, SCMP_CMP_EQ, value, 0});
}

/* Memory may be writable or executable, not both; loading a library maps its code from a file, unwritable. */
static int add_memory_rules(scmp_filter_ctx context) {
    const guint64 both = PROT_WRITE | PROT_EXEC;
    int code = add_masked(context, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, both, 0);
    if (code == 0)
        code = add_masked(context, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, both, PROT_WRITE);
    if (code == 0)
        code = add_masked(context, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, both, PROT_EXEC);
    if (code == 0)
        code = add_masked(context, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
    return code;
}

/* Which files may be opened is Landlock's matter; that it is for reading, ours. openat2 hides its flags in
 * memory: glibc does not use it. */
static int add_open_rules(scmp_filter_ctx context) {
    const guint64 writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
    int code = add_masked(context, SCMP_ACT_ALLOW, SCMP_SYS(openat), 2, writing, 0);
    if (code == 0)
        code = add_masked(context, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, writing, 0);
    return code;
}

static int add_reader_rules(scmp_filter_ctx context, SeccompProfile profile) {
    /* limits may be read, not set: the third argument is the new limit */
    static const int fcntl_commands[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC};
    int code = ADD_ALL(context, SCMP_ACT_ALLOW, reader_child_calls);
    if (code == 0)
        code = add_memory_rules(context);
    if (code == 0 && profile != SECCOMP_READER_BLIND)
        code = add_open_rules(context);
    if (code == 0 && profile == SECCOMP_READER) {
        const guint64 unusual = CLONE_VM | CLONE_THREAD | CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET |
                                CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
        code = ADD_ALL(context, SCMP_ACT_ALLOW, reader_parent_calls);
        if (code == 0)
            code = add_masked(context, SCMP_ACT_ALLOW, SCMP_SYS(clone), 0, unusual, 0);
        return code;
    }
    for (gsize i = 0; code == 0 && i < G_N_ELEMENTS(fcntl_commands); i++)
        code = add_equal(context, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, (guint64)fcntl_commands[i]);
    if (code == 0)
        code = add_equal(context, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, 0);
    return code;
}

/* A thread is fine (libcurl resolves names in one), a child process or a namespace is not. */
static int add_clone_rules(scmp_filter_ctx context) {
    static const int calls[] = {SCMP_SYS(fork), SCMP_SYS(vfork)};
    int code = ADD_ALL(context, SCMP_ACT_ERRNO(EPERM), calls);
    if (code == 0)
        code = add_masked(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 0, CLONE_THREAD, 0);
    if (code == 0) /* its flags lie in memory; without it glibc takes clone */
        code = seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    return code;
}

/* LibreOffice gives up where it cannot offer a socket to later starts of itself, in /tmp whatever it is told.
 * It is told that it did, and no socket comes to be. */
static int add_office_rules(scmp_filter_ctx context) {
    static const int pretended[] = {SCMP_SYS(bind), SCMP_SYS(listen)};
    int code = ADD_ALL(context, SCMP_ACT_ERRNO(0), pretended);
    if (code == 0)
        code = seccomp_rule_add(context, SCMP_ACT_ERRNO(ECONNREFUSED), SCMP_SYS(connect), 0);
    return code;
}

static int add_wide_rules(scmp_filter_ctx context, SeccompProfile profile) {
    int code = ADD_ALL(context, SCMP_ACT_ERRNO(EPERM), refused_calls);
    if (code == 0 && profile != SECCOMP_CONVERTER)
        code = add_clone_rules(context);
    if (code == 0 && profile == SECCOMP_OFFICE)
        code = add_office_rules(context);
    if (code != 0)
        return code;
    /* families 1 AF_UNIX, 2 AF_INET, 10 AF_INET6, 16 AF_NETLINK (getaddrinfo asks for own addresses) are for
     * the network roles */
    static const int network_families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    gsize n_families = profile == SECCOMP_NETWORK ? G_N_ELEMENTS(network_families) : 1;
    for (int family = 0; code == 0 && family < AF_MAX; family++) {
        bool allowed = false;
        for (gsize i = 0; i < n_families; i++)
            allowed |= network_families[i] == family;
        if (!allowed)
            code = add_equal(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 0, (guint64)family);
    }
    if (code == 0)
        code = add_compared(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket),
                            (struct scmp_arg_cmp){0, SCMP_CMP_GE, AF_MAX, 0});
    return code;
}

/* With a wide list all is allowed but what is named; else nothing but that. */
static bool is_wide_profile(SeccompProfile profile) {
    return profile == SECCOMP_NETWORK || profile == SECCOMP_LOCAL || profile == SECCOMP_CONVERTER ||
           profile == SECCOMP_OFFICE;
}

static int build(scmp_filter_ctx context, SeccompProfile profile) {
    bool is_wide = is_wide_profile(profile),
         starts_programs = profile == SECCOMP_CONVERTER || profile == SECCOMP_OFFICE;
    int code = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (code == 0)
        seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE,
                         2); /* a binary tree instead of a long chain; may be missing */
    if (code == 0)
        code = ADD_ALL(context, SCMP_ACT_KILL_PROCESS, hostile_calls);
    if (code == 0 && !starts_programs)
        code = seccomp_rule_add(context, SCMP_ACT_KILL_PROCESS, SCMP_SYS(execve), 0);
    if (code == 0)
        code = is_wide ? add_wide_rules(context, profile) : add_reader_rules(context, profile);
    return code;
}

/* libseccomp writes the program only to a descriptor. */
static GBytes *export(scmp_filter_ctx context, GError **error) {
    g_autoptr(GBytes) code = NULL;
    int fd = memfd_create("filter", MFD_CLOEXEC);
    int status = fd < 0 ? -errno : seccomp_export_bpf(context, fd);
    off_t size = status == 0 ? lseek(fd, 0, SEEK_END) : 0;
    if (size > 0) {
        char *bytes = g_malloc((gsize)size);
        if (pread(fd, bytes, (size_t)size, 0) == size)
            code = g_bytes_new_take(bytes, (gsize)size);
        else
            g_free(bytes);
    }
    if (code == NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "seccomp: %s",
                    g_strerror(status < 0 ? -status : EIO));
    if (fd >= 0)
        close(fd);
    return g_steal_pointer(&code);
}

SeccompFilter *seccomp_filter_new(SeccompProfile profile, GError **error) {
    bool is_wide = is_wide_profile(profile);
    scmp_filter_ctx context = seccomp_init(is_wide ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM));
    if (context == NULL) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "seccomp: cannot be set up");
        return NULL;
    }
    GBytes *code = NULL;
    int status = build(context, profile);
    if (status == 0)
        code = export(context, error);
    else
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "seccomp: %s", g_strerror(-status));
    seccomp_release(context);
    if (code == NULL)
        return NULL;
    SeccompFilter *filter = g_new(SeccompFilter, 1);
    gsize size_bytes;
    filter->code = code;
    filter->program.filter = (struct sock_filter *)g_bytes_get_data(code, &size_bytes);
    filter->program.len = (unsigned short)(size_bytes / sizeof(struct sock_filter));
    return filter;
}

void seccomp_filter_free(SeccompFilter *filter) {
    if (filter == NULL)
        return;
    g_bytes_unref(filter->code);
    g_free(filter);
}

bool seccomp_filter_install(const SeccompFilter *filter) {
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter->program) == 0;
}
