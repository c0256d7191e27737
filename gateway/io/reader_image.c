#include "gateway/io/reader_image.h"

#ifdef FORTNIGHT_SANITIZER

int reader_image_open(void) {
    return -1;
}

#else

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The assembler finds it as the Makefile says. */
__asm__(".section .rodata\n"
        ".balign 16\n"
        "reader_image: .incbin \"" FORTNIGHT_READER_PROGRAM "\"\n"
        "reader_image_end: .byte 0\n"
        ".previous\n");
extern const char reader_image[] __attribute__((visibility("hidden")));
extern const char reader_image_end[] __attribute__((visibility("hidden")));

/* Between segments the linker leaves up to 2 MiB of zeros: they need no memory. */
enum { BLOCK_BYTES = 4096 };

static bool write_block(int fd, const char *at, gsize length) {
    static const char zeros[BLOCK_BYTES];
    if (memcmp(at, zeros, length) == 0)
        return lseek(fd, (off_t)length, SEEK_CUR) >= 0;
    for (gsize done = 0; done < length;) {
        ssize_t n = write(fd, at + done, length - done);
        if (n < 0 && errno != EINTR)
            return false;
        done += (gsize)MAX(n, 0);
    }
    return true;
}

int reader_image_open(void) {
    int fd = memfd_create("fortnight-reader", MFD_CLOEXEC);
    bool good = fd >= 0 && ftruncate(fd, reader_image_end - reader_image) == 0;
    for (const char *at = reader_image; good && at < reader_image_end; at += BLOCK_BYTES)
        good = write_block(fd, at, MIN((gsize)(reader_image_end - at), BLOCK_BYTES));
    if (!good && fd >= 0) {
        close(fd);
        return -1;
    }
    return fd;
}

#endif
