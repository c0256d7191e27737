/* The reader role as a program of its own, carried inside fortnight (gateway/io/reader_image.h). */
#include <glib.h>
#include <locale.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "gateway/io/log.h"
#include "gateway/io/reader.h"

/* As supervisor.h numbers it, which would bring the whole supervisor in. */
enum { SOCKET_FD = 3 };

enum { EXIT_USAGE = 2 };

/* fortnight --role reader [--log LEVEL] */
int main(int argc, char **argv) {
    LogLevel level = LOG_NOTICE;
    setlocale(LC_CTYPE, "C.UTF-8"); /* libarchive reads names in it */
    umask(077);
    prctl(PR_SET_NAME, "fortnight"); /* else the number of a descriptor */
    if (argc >= 5 && strcmp(argv[3], "--log") == 0 && !log_level_parse(argv[4], &level))
        return EXIT_USAGE;
    log_init("reader", level);
    return reader_main(SOCKET_FD);
}
