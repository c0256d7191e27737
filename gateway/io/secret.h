/* A password in memory: on a page of its own that is neither swapped out nor written into a core dump, and
 * wiped when freed. */
#pragma once

#include <glib.h>

typedef struct Secret Secret;

/* A copy of text (any length up to 4 KiB - 1), or NULL and an error. The caller wipes its own. */
Secret *secret_new(const char *text, GError **error);

/* NUL-terminated; valid until secret_free(). */
const char *secret_text(const Secret *self);

void secret_free(Secret *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Secret, secret_free)
