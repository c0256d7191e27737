#include "gateway/io/secret.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE_BYTES = 4096 };

struct Secret {
    char text[PAGE_BYTES];
};

Secret *secret_new(const char *text, GError **error) {
    gsize length = strlen(text);
    if (length >= PAGE_BYTES) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                            "a password has at most 4095 bytes");
        return NULL;
    }
    Secret *self = mmap(NULL, sizeof *self, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (self == MAP_FAILED) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "no memory for a password: %s", g_strerror(errno));
        return NULL;
    }
    /* without the right to lock one page it stays in ordinary memory: weaker, not wrong */
    mlock(self, sizeof *self);
    madvise(self, sizeof *self, MADV_DONTDUMP);
    memcpy(self->text, text, length);
    return self;
}

const char *secret_text(const Secret *self) {
    return self->text;
}

void secret_free(Secret *self) {
    explicit_bzero(self, sizeof *self);
    munmap(self, sizeof *self);
}
