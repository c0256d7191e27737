/* The real reader and its host around a reading_parse() that does what the mail says: crash, loop, eat
 * memory, lie, open, connect, fork … Built and run by test_sandbox.py from the objects of the release build;
 * no part of the program.
 *
 *     hostile_reader BEHAVIOUR…     one line of JSON a message, in the order of the answers
 *     hostile_reader --rate N       messages a second through the host, with nothing to read
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/io/clock.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/reader.h"
#include "gateway/io/reader_host.h"
#include "gateway/io/reader_image.h"
#include "parsers/period_words.h"
#include "parsers/reading.h"

/* The role is this program itself, with what it does instead of reading. */
int reader_image_open(void) {
    return -1;
}

/* ---- in the place of parsers/ ---- */

struct FormSet {
    int unused;
};

FormSet *form_set_new_from_json(const json_t *json, GError **error) {
    return g_new0(FormSet, 1);
}

void form_set_unref(FormSet *set) {
    g_free(set);
}

/* no message here asks for a converter */
Conversions *conversions_new(const char *converter) {
    return NULL;
}

void conversions_add(Conversions *conversions, const char *sha256, FileType target, GBytes *data) {
}

const GPtrArray *conversions_wishes(const Conversions *conversions) {
    g_assert_not_reached();
}

const char *sniff_type_name(FileType type) {
    g_assert_not_reached();
}

static json_t *plain_line(const char *file) {
    return json_pack("{s:s, s:s, s:[], s:[], s:s}", "file", file, "kind", "unknown", "parts", "problems",
                     "reply", "");
}

static void add_number(json_t *line, const char *key, long value) {
    json_object_set_new(line, key, json_integer(value));
}

static long fails_with(long value) {
    return value < 0 ? errno : 0;
}

static void overflow_stack(volatile char *above) {
    volatile char frame[4096];
    frame[0] = above[0];
    overflow_stack(frame);
    above[1] = frame[1]; /* keeps it from becoming a loop */
}

static void eat_small(void) {
    for (;;)
        memset(g_malloc(4096), 1, 4096);
}

static void end_badly(const char *what) {
    if (strcmp(what, "segv") == 0)
        *(volatile int *)16 = 1;
    else if (strcmp(what, "abort") == 0)
        abort();
    else if (strcmp(what, "critical") == 0)
        g_error("a library gives up");
    else if (strcmp(what, "stack") == 0)
        overflow_stack((char[]){0, 0});
    else if (strcmp(what, "loop") == 0)
        for (volatile guint64 i = 0;; i++)
            ;
    else if (strcmp(what, "sleep") == 0)
        for (;;)
            g_usleep(1000000);
    else if (strcmp(what, "memory") == 0)
        eat_small();
    else if (strcmp(what, "large") == 0)
        memset(g_malloc(G_MAXINT), 1, G_MAXINT);
    else if (strcmp(what, "exit") == 0)
        _exit(0);
    else if (strcmp(what, "exec") == 0)
        execl("/bin/true", "true", NULL);
}

/* Writes to its own answer descriptor: the only one beside 0, 1 and 2. */
static void write_answer(const char *text, gsize length) {
    for (int fd = 3; fd < 32; fd++)
        if (write(fd, text, length) >= 0) {
            for (gssize n = 1; n > 0;)
                n = strcmp(text, "endless") == 0 ? write(fd, text, length) : 0;
            _exit(0);
        }
}

static void lie(const char *what) {
    static const struct {
        const char *name, *answer;
    } lies[] = {
        {"lie-empty", ""},
        {"lie-cut", "{\"lines\":[{\"file\":\"x\""},
        {"lie-text", "not JSON"},
        {"lie-bytes", "{\"lines\":[\"\xff\xfe\"]}"},
        {"lie-no-lines", "{\"lines\":[]}"},
        {"lie-kind", "{\"lines\":[{\"file\":\"lie-kind\",\"kind\":\"paid\",\"parts\":[],\"problems\":[]}]}"},
        {"lie-file", "{\"lines\":[{\"file\":\"other\",\"kind\":\"unknown\",\"parts\":[],\"problems\":[]}]}"},
        {"lie-id",
         "{\"id\":1,\"lines\":[{\"file\":\"lie-id\",\"kind\":\"unknown\",\"parts\":[],\"problems\":[]}]}"},
        {"lie-endless", "endless"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(lies); i++)
        if (strcmp(lies[i].name, what) == 0)
            write_answer(lies[i].answer, strlen(lies[i].answer));
}

static void count_descriptors(json_t *line) {
    int open_count = 0;
    for (int fd = 3; fd < 64; fd++)
        open_count += fcntl(fd, F_GETFD) >= 0;
    add_number(line, "descriptors", open_count);
}

static void try_walls(json_t *line) {
    const struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    add_number(line, "open_secret", fails_with(open("/etc/shadow", O_RDONLY)));
    add_number(line, "open_passwd", fails_with(open("/etc/passwd", O_RDONLY)));
    add_number(line, "open_self", fails_with(open("/proc/self/environ", O_RDONLY)));
    add_number(line, "open_parent", fails_with(open("/proc/1/environ", O_RDONLY)));
    add_number(line, "open_zone", fails_with(open("/usr/share/zoneinfo/Asia/Shanghai", O_RDONLY)));
    add_number(line, "write_file", fails_with(open("/tmp/fortnight-hostile", O_WRONLY | O_CREAT, 0600)));
    add_number(line, "write_zone", fails_with(open("/usr/share/zoneinfo/Asia/Shanghai", O_WRONLY)));
    add_number(line, "unlink", fails_with(unlink("/tmp/fortnight-hostile-victim")));
    add_number(line, "inet", fails_with(socket(AF_INET, SOCK_STREAM, 0)));
    add_number(line, "unix", fails_with(socket(AF_UNIX, SOCK_STREAM, 0)));
    add_number(line, "fork", fails_with(syscall(SYS_fork)));
    add_number(line, "clone", fails_with(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0L)));
    add_number(line, "kill_parent", fails_with(kill(getppid(), SIGKILL)));
    add_number(line, "memfd", fails_with(memfd_create("x", 0)));
    add_number(line, "limit", fails_with(setrlimit(RLIMIT_DATA, &more)));
    add_number(line, "core", fails_with(prctl(PR_SET_DUMPABLE, 1)));
    count_descriptors(line);
}

static void *idle_thread(void *unused) {
    for (;;)
        g_usleep(1000000);
    return NULL;
}

/* nothing of it is read here */
void period_words_warm(void) {
}

void pdf_warm(void) {
}

GPtrArray *reading_parse(GBytes *data, const char *file, const ReadingOptions *options) {
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    json_t *line = plain_line(file);
    g_ptr_array_add(lines, line);
    if (strcmp(file, "sample") == 0) { /* in the warm parent */
        static pthread_t thread;
        if (g_getenv("HOSTILE_THREAD") != NULL)
            pthread_create(&thread, NULL, idle_thread, NULL);
        return lines;
    }
    if (strcmp(file, "walls") == 0)
        try_walls(line);
    lie(file);
    end_badly(file);
    return lines;
}

/* ---- the driver ---- */

static void print_result(json_t *result, GBytes *source, gpointer tag, gpointer user_data) {
    json_t *shown = json_copy(result);
    json_object_set_new(shown, "tag", json_integer(GPOINTER_TO_INT(tag)));
    char *text = json_dumps(shown, JSON_COMPACT);
    puts(text);
    fflush(stdout);
    free(text);
    json_decref(shown);
}

static void count_result(json_t *result, GBytes *text, gpointer tag, gpointer user_data) {
    *(guint *)user_data += json_object_get(result, "lines") != NULL;
}

static void submit(ReaderHost *host, const char *file, int tag) {
    int memfd = ipc_memfd("mail", file, strlen(file), NULL);
    /* what burns processor time must meet that limit first, on a busy machine too */
    int wall_ms = strcmp(file, "sleep") == 0 ? 3000 : 30000;
    int cpu_s = strcmp(file, "loop") == 0 ? 1 : 10;
    json_t *request = json_pack("{s:s, s:i, s:i}", "file", file, "wall_ms", wall_ms, "cpu_s", cpu_s);
    reader_host_submit(host, request, memfd, GINT_TO_POINTER(tag));
}

static int measure(guint n) {
    guint good = 0;
    json_t *forms = json_object();
    g_autoptr(ReaderHost) host = reader_host_new(forms, count_result, &good);
    if (!reader_host_spawn(host, g_get_num_processors(), NULL))
        return 1;
    gint64 start_us = clock_monotonic_us();
    for (guint sent = 0; sent < n || reader_host_pending(host) > 0;) {
        if (sent < n && !reader_host_is_full(host))
            submit(host, "plain", (int)sent++);
        else
            reader_host_wait(host);
    }
    double seconds = (double)(clock_monotonic_us() - start_us) / 1e6;
    printf("{\"messages\":%u,\"seconds\":%.3f,\"rate\":%.0f}\n", good, seconds, good / seconds);
    json_decref(forms);
    return good == n ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "--role") == 0) {
        log_init(argv[2], LOG_DEBUG);
        return reader_main(3);
    }
    log_init(NULL, LOG_DEBUG);
    if (argc > 2 && strcmp(argv[1], "--rate") == 0)
        return measure((guint)g_ascii_strtoull(argv[2], NULL, 10));
    json_t *forms = json_object();
    g_autoptr(ReaderHost) host = reader_host_new(forms, print_result, NULL);
    if (!reader_host_spawn(host, 2, NULL))
        return 1;
    for (int i = 1; i < argc; i++)
        submit(host, argv[i], i);
    while (reader_host_pending(host) > 0)
        reader_host_wait(host);
    json_decref(forms);
    return 0;
}
