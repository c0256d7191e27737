/* What each role still may do once it has started (DESIGN 1): files by Landlock, system calls by seccomp,
 * amounts by rlimits. A sanitizer build (FORTNIGHT_SANITIZER) is not confined: its run-time needs what is
 * forbidden here; the sandbox is tested on the release build. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "gateway/io/seccomp.h"

typedef enum {
    SANDBOX_FETCHER,   /* network; CA certificates, resolver files, libraries readable; writes nothing */
    SANDBOX_SENDER,    /* the same */
    SANDBOX_KEEPER,    /* no network, no child; fonts, zones readable; writes only below `writable` */
    SANDBOX_READER,    /* warm parent: no network, no exec; gconv, poppler-data, zones, fonts readable; writes
                          nothing */
    SANDBOX_CONVERTER, /* no network; starts only `executable`; system folders readable */
} SandboxRole;

typedef struct {
    const char *const
        *readable; /* NULL-terminated, or NULL; files or folders with all below; absent ones are left out */
    const char *const
        *writable; /* the same; must exist already. Renaming between two of them works from Linux 5.19 on */
    const char *const *executable; /* the same: files that may be started */
} SandboxPaths;

/* Confines this process for good; call it once, after start-up and before the first byte of somebody else,
 * while there is one thread (Landlock binds the calling thread and its children). paths may be NULL. Where
 * the kernel has no Landlock it logs `sandbox.incomplete` and goes on with the rest; everything else that
 * fails is an error: the role should not start then. Afterwards no child can be started, except by reader
 * and converter. */
bool sandbox_apply(SandboxRole role, const SandboxPaths *paths, GError **error);

/* True where this kernel has Landlock and seccomp: with `sandbox_required` a gateway starts only then. Ask
 * before sandbox_apply(). */
bool sandbox_is_complete(void);

/* Ends with its parent: SIGKILL when the process that started it dies. parent_pid guards against one that has
 * died before the call. False: it has. Async-signal-safe. */
bool sandbox_die_with_parent(int parent_pid);

typedef struct {
    guint cpu_s;        /* RLIMIT_CPU: SIGXCPU at it, SIGKILL a second later */
    gsize memory_bytes; /* RLIMIT_DATA: heap and private memory; address space is bounded at
                           SANDBOX_ADDRESS_BYTES */
    gsize file_bytes;   /* RLIMIT_FSIZE: SIGXFSZ beyond it; of the memory that it was given to answer into */
} SandboxLimits;

/* facts/email.md 5.2; of it, data is what a reader may fill */
#define SANDBOX_ADDRESS_BYTES (768u << 20)

/* The filter of what the converter starts, likewise: compiled before sandbox_apply(), NULL in a sanitizer
 * build. */
bool sandbox_office_filter(SeccompFilter **ret_filter, GError **error);

/* The filter of a reader's child, compiled once by the parent before sandbox_apply(); NULL without error in a
 * sanitizer build. */
bool sandbox_child_filter(SeccompFilter **ret_filter, GError **error);

/* In the forked child of the reader: limits, then the filter; from here on it reads memory and writes to open
 * descriptors. Async-signal-safe. False with errno. */
bool sandbox_enter_child(const SandboxLimits *limits, const SeccompFilter *filter);
