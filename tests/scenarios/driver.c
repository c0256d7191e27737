/* The keeper with its clock in somebody else's hands, for scenario tests: the real store, archive, decisions,
 * readers and fetcher; only the clock and the SMTP server are this program's. One command a line on standard
 * input, one JSON answer a line on standard output:
 *
 *   {"op": "open", "at": SECONDS}      opens configuration, database and archive (again)
 *   {"op": "close"}                    leaves the database to another program
 *   {"op": "run", "until": SECONDS}    lets time pass: a pass at every instant at which the gateway has
 *                                      something to do, and one at the end
 *   {"op": "world", "mailbox": BOOL, "server": BOOL, "dead": [ADDRESS…]}   what works outside
 *
 * Usage: driver CONFIG FOLDER: letters are written as FOLDER/NUMBER.eml. */
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/io/clock.h"
#include "gateway/io/fetcher.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/reader.h"
#include "gateway/keeper/fetch.h"
#include "gateway/keeper/post.h"
#include "gateway/keeper/read_queue.h"
#include "gateway/store/outbox.h"

#define PASSES_MAX      20000 /* of one "run": a scenario whose clock stands still ends */
#define LOOK_S          900   /* what a quota holds back is looked at again after this, as by cron */
#define WAIT_MS         5
#define PASS_TURNS_MAX  20000 /* a hundred seconds of waiting for nothing */
#define SEND_TIMEOUT_MS 10000
#define LETTER_BYTES    (64u << 20)

typedef struct {
    const char *config_path, *folder;
    int reader_fd, fetcher_fd; /* of the children; the keeper works on copies */
    bool has_planned;
    bool is_mailbox_down, is_server_down;
    json_t *dead;   /* addresses that the server refuses */
    int smtp_fd;    /* our end: we are the sender */
    int mailbox_fd; /* our end of a fetcher that cannot log in */
    guint n_letters;
    gint64 last_sent_s, next_plan_s;
    json_t *sent; /* of the command at hand */
    Config *config;
    Keeper keeper;
    TakeIn *take_in;
    Fetch *fetch;
    ReadQueue *reading;
    Post *post;
} Driver;

/* fontconfig keeps its tables for the life of the process */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig\n";
}

/* ---- the clock
 * --------------------------------------------------------------------------------------------------- */

static gint64 now_s;

/* linked in place of clock_now_s() (--wrap) */
gint64 __wrap_clock_now_s(void);
gint64 __wrap_clock_now_s(void) {
    return now_s;
}

/* ---- children
 * ---------------------------------------------------------------------------------------------------- */

static int start_child(const char *role, const json_t *settings) {
    int fds[2];
    g_autoptr(GError) error = NULL;
    if (!ipc_pair(fds, &error))
        g_error("%s", error->message);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(fds[0]);
        int quiet = open("/dev/null", O_RDWR);
        dup2(quiet, STDIN_FILENO);
        dup2(quiet, STDOUT_FILENO);
        _exit(strcmp(role, "reader") == 0 ? reader_main(fds[1])
                                          : fetcher_main(fds[1], json_deep_copy(settings)));
    }
    close(fds[1]);
    return fds[0];
}

/* ---- the world outside
 * ------------------------------------------------------------------------------------------- */

static bool is_dead(const Driver *driver, const char *address) {
    size_t i;
    json_t *dead;
    json_array_foreach(driver->dead, i, dead) {
        if (g_ascii_strcasecmp(json_string_value(dead), address) == 0)
            return true;
    }
    return false;
}

static void note_letter(Driver *driver, const json_t *payload, int memfd, const char *outcome) {
    g_autoptr(GError) error = NULL;
    gint64 id = json_integer_value(json_object_get(payload, "id"));
    g_autoptr(GBytes) bytes = ipc_map(memfd, LETTER_BYTES, &error);
    g_autoptr(OutboxEntry) entry = bytes ? store_outbox_get(driver->keeper.store, id, &error) : NULL;
    g_autofree char *path = g_strdup_printf("%s/%06u.eml", driver->folder, ++driver->n_letters);
    gsize length = bytes ? g_bytes_get_size(bytes) : 0;
    if (!entry || !g_file_set_contents(path, g_bytes_get_data(bytes, NULL), (gssize)length, &error))
        g_error("%s", error->message);
    json_array_append_new(driver->sent,
                          json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s?}", "key", entry->letter->key, "kind",
                                    letter_kind_name(entry->letter->kind), "to", entry->letter->to_address,
                                    "at", (json_int_t)now_s, "outcome", outcome, "path", path, "reason",
                                    entry->letter->reason));
}

/* Answers what the keeper hands to the sender. */
static bool serve_smtp(Driver *driver) {
    g_auto(IpcFrame) frame = {.fd = -1};
    g_autoptr(GError) error = NULL;
    if (ipc_receive(driver->smtp_fd, &frame, 0, &error) <= 0 || frame.kind != IPC_SEND)
        return false;
    const char *to = json_string_value(json_object_get(frame.payload, "to"));
    const char *outcome = driver->is_server_down ? "temporary"
                          : is_dead(driver, to)  ? "recipient_refused"
                                                 : "sent";
    note_letter(driver, frame.payload, frame.fd, outcome);
    if (strcmp(outcome, "temporary") != 0)
        driver->last_sent_s = now_s;
    int code = strcmp(outcome, "sent") == 0 ? 250 : strcmp(outcome, "temporary") == 0 ? 0 : 550;
    json_t *answer = json_pack("{s:O, s:s, s:i, s:s}", "id", json_object_get(frame.payload, "id"), "outcome",
                               outcome, "code", code, "reply",
                               code == 250 ? "250 2.0.0 OK"
                               : code      ? "550 5.1.1 no such user"
                                           : "connection refused");
    bool good = ipc_send(driver->smtp_fd, IPC_SENT, answer, -1, SEND_TIMEOUT_MS, &error);
    json_decref(answer);
    return good;
}

/* The mailbox that cannot be reached says so to whatever it is asked. */
static bool serve_mailbox(Driver *driver) {
    g_auto(IpcFrame) frame = {.fd = -1};
    if (driver->mailbox_fd < 0 || ipc_receive(driver->mailbox_fd, &frame, 0, NULL) <= 0)
        return false;
    json_t *answer = json_pack("{s:s, s:s, s:s, s:b}", "account", "mailbox", "folder", "INBOX", "error",
                               "connection refused", "temporary", 1);
    bool good = ipc_send(driver->mailbox_fd, IPC_LISTED, answer, -1, SEND_TIMEOUT_MS, NULL);
    json_decref(answer);
    return good;
}

static void connect_mailbox(Driver *driver) {
    int fds[2];
    g_autoptr(GError) error = NULL;
    if (driver->mailbox_fd >= 0)
        close(driver->mailbox_fd);
    driver->mailbox_fd = -1;
    if (!driver->is_mailbox_down) {
        fetch_set_socket(driver->fetch, fcntl(driver->fetcher_fd, F_DUPFD_CLOEXEC, 3));
    } else if (ipc_pair(fds, &error)) {
        fetch_set_socket(driver->fetch, fds[0]);
        driver->mailbox_fd = fds[1];
    } else {
        g_error("%s", error->message);
    }
}

/* ---- a pass
 * ------------------------------------------------------------------------------------------------------ */

static bool take_in(Driver *driver, GError **error) {
    g_autoptr(GPtrArray) jobs = g_ptr_array_new();
    if (take_in_is_empty(driver->take_in) ||
        (fetch_is_busy(driver->fetch) && !take_in_is_full(driver->take_in)))
        return true;
    if (!take_in_commit(driver->take_in, jobs, error))
        return false;
    for (guint i = 0; i < jobs->len; i++)
        read_queue_add(driver->reading, jobs->pdata[i]);
    return true;
}

static void wait_for_events(Driver *driver) {
    struct pollfd fds[8];
    guint n = 0;
    fds[n++] = (struct pollfd){.fd = fetch_socket(driver->fetch), .events = POLLIN};
    n += read_queue_fds(driver->reading, fds + n, G_N_ELEMENTS(fds) - n);
    poll(fds, n, WAIT_MS);
}

/* One turn of the keeper's loop (gateway/keeper/loop.c); *ret_over: nothing is left to do. */
static bool turn(Driver *driver, bool *ret_over, GError **error) {
    bool moved = serve_mailbox(driver);
    for (int taken; (taken = fetch_dispatch(driver->fetch, error)) != 0; moved = true)
        if (taken < 0)
            return false;
    if (!take_in(driver, error) || !read_queue_dispatch(driver->reading, error))
        return false;
    bool is_recorded = !fetch_is_busy(driver->fetch) && take_in_is_empty(driver->take_in) &&
                       !read_queue_pending(driver->reading);
    if (is_recorded && !driver->has_planned) {
        driver->keeper.is_mailbox_unseen = fetch_failure(driver->fetch) != NULL;
        if (!post_plan(driver->post, &driver->next_plan_s, error))
            return false;
        driver->has_planned = true;
    }
    do {
        if (!post_dispatch(driver->post, error))
            return false;
    } while (serve_smtp(driver));
    /* a last look: the answer to the last letter may have made room for another */
    *ret_over = is_recorded && driver->has_planned && !post_is_busy(driver->post);
    if (!*ret_over && !moved)
        wait_for_events(driver);
    return true;
}

static bool pass(Driver *driver, GError **error) {
    bool is_over = false;
    driver->has_planned = false;
    if (!fetch_start(driver->fetch, error))
        return false;
    for (guint i = 0; i < PASS_TURNS_MAX && !is_over; i++)
        if (!turn(driver, &is_over, error))
            return false;
    if (!is_over)
        g_error("a pass does not end: is a reader missing?");
    return true;
}

/* When the gateway has something to do by itself. */
static bool next_instant(Driver *driver, gint64 *ret_next_s, GError **error) {
    gint64 due_s = 0, next_s = driver->next_plan_s;
    if (!store_outbox_next_due(driver->keeper.store, &due_s, error))
        return false;
    gint64 pace_s = driver->config->pace_interval_s;
    if (due_s && due_s <= now_s) /* pace or quota hold it back */
        due_s =
            pace_s && driver->last_sent_s + pace_s > now_s ? driver->last_sent_s + pace_s : now_s + LOOK_S;
    if (due_s)
        next_s = MIN(next_s, due_s);
    *ret_next_s = MAX(next_s, now_s + 1);
    return true;
}

/* ---- commands
 * ---------------------------------------------------------------------------------------------------- */

static void close_keeper(Driver *driver) {
    g_clear_pointer(&driver->post, post_free);
    g_clear_pointer(&driver->reading, read_queue_free);
    g_clear_pointer(&driver->fetch, fetch_free);
    g_clear_pointer(&driver->take_in, take_in_free);
    keeper_close(&driver->keeper);
    g_clear_pointer(&driver->config, config_free);
    if (driver->smtp_fd >= 0)
        close(driver->smtp_fd);
    driver->smtp_fd = -1;
}

static bool open_keeper(Driver *driver, gint64 at_s, GError **error) {
    int fds[2];
    close_keeper(driver);
    now_s = at_s;
    if (!(driver->config = config_load(driver->config_path, error)) ||
        !keeper_open(&driver->keeper, driver->config, "scenario", 0, error) ||
        !(driver->post = post_new(&driver->keeper, error)) || !ipc_pair(fds, error))
        return false;
    driver->take_in = take_in_new(&driver->keeper);
    driver->fetch = fetch_new(&driver->keeper, driver->take_in);
    driver->reading = read_queue_new(&driver->keeper);
    driver->smtp_fd = fds[1];
    driver->last_sent_s = 0;
    post_set_socket(driver->post, fds[0]);
    read_queue_attach(driver->reading, fcntl(driver->reader_fd, F_DUPFD_CLOEXEC, 3), false);
    connect_mailbox(driver);
    return read_queue_recover(driver->reading, error);
}

static bool run(Driver *driver, gint64 until_s, json_t *answer, GError **error) {
    gint64 next_s;
    guint n_passes = 0;
    for (;; now_s = MIN(next_s, until_s)) {
        if (!pass(driver, error) || !next_instant(driver, &next_s, error))
            return false;
        if (++n_passes > PASSES_MAX)
            g_error("more than %d passes until %" G_GINT64_FORMAT, PASSES_MAX, until_s);
        if (now_s >= until_s)
            break;
    }
    json_object_set_new(answer, "passes", json_integer(n_passes));
    return true;
}

static bool obey(Driver *driver, const json_t *command, json_t *answer, GError **error) {
    const char *op = json_string_value(json_object_get(command, "op"));
    if (g_strcmp0(op, "close") == 0) {
        close_keeper(driver);
    } else if (g_strcmp0(op, "open") == 0) {
        return open_keeper(driver, json_integer_value(json_object_get(command, "at")), error);
    } else if (g_strcmp0(op, "run") == 0) {
        return run(driver, json_integer_value(json_object_get(command, "until")), answer, error);
    } else if (g_strcmp0(op, "world") == 0) {
        driver->is_mailbox_down = !json_is_true(json_object_get(command, "mailbox"));
        driver->is_server_down = !json_is_true(json_object_get(command, "server"));
        json_decref(driver->dead);
        driver->dead = json_incref(json_object_get(command, "dead"));
        if (driver->fetch)
            connect_mailbox(driver);
    } else {
        g_error("unknown command \"%s\"", op ? op : "");
    }
    return true;
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    umask(077);
    g_autoptr(GError) error = NULL;
    if (argc != 3)
        g_error("usage: driver CONFIG FOLDER");
    log_init("scenario", LOG_ERROR); /* outages are part of the play */
    Driver driver = {.config_path = argv[1], .folder = argv[2], .smtp_fd = -1, .mailbox_fd = -1};
    /* before any database is open: nothing forks then */
    g_autoptr(Config) config = config_load(argv[1], &error);
    if (!config)
        g_error("%s", error->message);
    driver.reader_fd = start_child("reader", NULL);
    driver.fetcher_fd = start_child("fetcher", config->mailbox);
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        json_t *command = json_loads(line, 0, NULL), *answer = json_object();
        g_autoptr(GError) failure = NULL;
        driver.sent = json_array();
        if (!obey(&driver, command, answer, &failure))
            json_object_set_new(answer, "error", json_string(failure ? failure->message : "no reason given"));
        json_object_set_new(answer, "letters", driver.sent);
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
        fflush(stdout);
        json_decref(answer);
        json_decref(command);
    }
    free(line);
    close_keeper(&driver);
    close(driver.reader_fd);
    close(driver.fetcher_fd);
    while (wait(NULL) > 0)
        continue;
    json_decref(driver.dead);
    return 0;
}
