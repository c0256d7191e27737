#include "gateway/io/reader_image.h"

#ifdef FORTNIGHT_SANITIZER

int reader_image_open(void) {
    return -1;
}

#else

#include <errno.h>
#include <glib.h>
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

int reader_image_open(void) {
    int fd = memfd_create("fortnight-reader", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    for (const char *at = reader_image; at < reader_image_end;) {
        ssize_t n = write(fd, at, (size_t)(reader_image_end - at));
        if (n < 0 && errno != EINTR) {
            close(fd);
            return -1;
        }
        at += MAX(n, 0);
    }
    return fd;
}

#endif
