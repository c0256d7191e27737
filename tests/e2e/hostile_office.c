/* Stands in for LibreOffice in test_converter.py: hangs or crashes where a document says so; else it tries
 * what the sandbox must refuse, and only if all was refused the document "becomes" good.docx, which lies
 * beside its folder. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int escapes(const char *outside) {
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/tmp/none"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0)
        return 1;
    if (connect(fd, (struct sockaddr *)&local, sizeof local) == 0 || errno != ECONNREFUSED)
        return 2; /* not even asked whether it exists */
    if (fork() >= 0)
        return 3;
    if (open("/etc/passwd", O_RDONLY) >= 0)
        return 4;
    if (open(outside, O_WRONLY | O_CREAT, 0600) >= 0)
        return 5;
    execl("/bin/true", "true", NULL);
    return errno == EACCES ? 0 : 6;
}

static int copy(const char *from, const char *to) {
    static char bytes[1 << 20];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
    ssize_t n = in < 0 || out < 0 ? -1 : read(in, bytes, sizeof bytes);
    return n > 0 && write(out, bytes, (size_t)n) == n ? 0 : -1;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("TestOffice 1.0 x") < 0;
    char *folder = dirname(dirname(strdup(argv[0]))), good[4096], outside[4096];
    snprintf(good, sizeof good, "%s/good.docx", folder);
    snprintf(outside, sizeof outside, "%s/written", folder);
    int first = 1;
    while (first < argc && strcmp(argv[first], "--outdir") != 0)
        first++;
    for (int i = first + 2; i < argc; i++) {
        char text[4096] = "", out[4096];
        int fd = open(argv[i], O_RDONLY);
        if (fd < 0 || read(fd, text, sizeof text - 1) < 0)
            return 2;
        if (strstr(text, "HANG"))
            for (;;)
                ; /* until the limit of processor time */
        if (strstr(text, "CRASH"))
            abort();
        snprintf(out, sizeof out, "%s/%d.docx", argv[first + 1], atoi(basename(strdup(argv[i]))));
        if (escapes(outside) != 0 || copy(good, out) != 0)
            return 0;
        printf("convert\n");
        fflush(stdout);
    }
    return 0;
}
