/* Landlock (Linux 5.13): which files this process and its children may still open. No library of it exists in
 * Debian, so the three system calls stand here. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    LANDLOCK_READ,    /* read files, list folders */
    LANDLOCK_EXECUTE, /* a file: read and execute it */
    LANDLOCK_WRITE,   /* that, and write, make, rename and remove files and folders below */
} LandlockAccess;

typedef struct {
    const char *path; /* a file or a folder with all below; left out where it does not exist */
    LandlockAccess access;
} LandlockRule;

/* The version of the running kernel's Landlock; 0: none (old kernel, or switched off). */
int landlock_abi(void);

/* Confines the calling thread, for good, to the files of the rules; where the kernel can do it, also: no TCP
 * if !with_tcp, no signals to and no abstract sockets of processes outside. Rights that the kernel does not
 * know are left out. Needs PR_SET_NO_NEW_PRIVS. G_IO_ERROR_NOT_SUPPORTED where there is no Landlock: nothing
 * is confined then. */
bool landlock_confine(const LandlockRule *rules, gsize n_rules, bool with_tcp, GError **error);
