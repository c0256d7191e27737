/* System call filters (libseccomp): what a process may still ask of the kernel. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    SECCOMP_NETWORK, /* fetcher, sender: all but what these never need; sockets of the Internet and AF_UNIX */
    SECCOMP_LOCAL,   /* keeper: the same, AF_UNIX only */
    SECCOMP_READER,  /* warm parent: a short list; fork, pipes, its socket */
    SECCOMP_READER_CHILD, /* a shorter list: memory, its pipe, opening files for reading */
    SECCOMP_READER_BLIND, /* the child where there is no Landlock: it opens nothing */
    SECCOMP_CONVERTER,    /* the converter: as the keeper, but it starts a program */
    SECCOMP_OFFICE, /* that program: no child, no connection; it believes that it serves a local socket */
} SeccompProfile;

typedef struct SeccompFilter SeccompFilter;

/* Compiles a filter: some milliseconds. Free it with seccomp_filter_free(). */
SeccompFilter *seccomp_filter_new(SeccompProfile profile, GError **error);
void seccomp_filter_free(SeccompFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SeccompFilter, seccomp_filter_free)

/* Installs a compiled filter in the calling thread, for good. Needs PR_SET_NO_NEW_PRIVS. Async-signal-safe;
 * false with errno. */
bool seccomp_filter_install(const SeccompFilter *filter);
