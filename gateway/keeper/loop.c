#include "gateway/keeper/loop.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/clock.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/progress.h"
#include "gateway/io/sandbox.h"
#include "gateway/io/supervisor.h"
#include "gateway/keeper/alerting.h"
#include "gateway/keeper/fetch.h"
#include "gateway/keeper/files.h"
#include "gateway/keeper/learnt.h"
#include "gateway/keeper/post.h"
#include "gateway/keeper/read_queue.h"

#define READER_FDS_MAX    65    /* as many as `readers` may be configured, and the converter */
#define IDLE_MS           1000  /* the outbox and the clock are looked at this often in `run` */
#define FRAMES_A_TURN     64    /* frames taken from one socket before others have their turn */
#define LOOK_FRESH_MS     30000 /* a look into the mailbox that is younger is recent enough to decide on */
#define ALERT_LOOK_MS     60000
#define RETRY_FETCH_S     60 /* after a temporary failure, doubled up to RETRY_FETCH_MAX_S */
#define RETRY_FETCH_MAX_S 1800

typedef enum { MODE_POLL, MODE_RUN, MODE_INGEST } Mode;

typedef struct {
    Keeper keeper;
    Mode mode;
    int control_fd;
    bool is_stopping;     /* asked to, or the pass is over */
    Files *files;         /* `ingest`: what is still to be taken in; else NULL */
    bool has_planned;     /* in a pass: letters were decided after the last message */
    gint64 next_pass_s;   /* `run`: instant of the next pass */
    gint64 looked_ms;     /* monotonic: when a pass last began */
    bool has_looked;      /* a pass was begun because something is to be decided */
    bool is_pass_unnoted; /* a pass was begun, and how it ended is not noted yet */
    gint64 alert_ms;      /* monotonic: when it is next looked for what the operator has to end */
    guint tried;          /* letters, when the sender was last looked at */
    guint failures;       /* passes that failed one after the other */
    gint64 next_plan_s;
    TakeIn *take_in;
    Fetch *fetch;
    ReadQueue *reading;
    Post *post;
    Progress *progress; /* a single pass: shown on a terminal; else NULL */
} Loop;

/* ---- supervisor
 * -------------------------------------------------------------------------------------------------- */

/* A role that cannot be kept alive (only in a single pass): what needs it ends, the rest goes on. */
static void on_gone(Loop *loop, const char *role) {
    log_event(LOG_ERROR, "role.gone", LOG_TEXT("role", role));
    if (g_strcmp0(role, "fetcher") == 0)
        fetch_give_up(loop->fetch);
    else if (g_strcmp0(role, "sender") == 0)
        post_give_up(loop->post);
    else if (g_strcmp0(role, "converter") == 0)
        read_queue_attach_converter(loop->reading, -1);
    else
        loop->is_stopping = true; /* nothing can be read: what is archived waits for the next pass */
}

static void on_role(Loop *loop, IpcFrame *frame) {
    const char *role = json_string_value(json_object_get(frame->payload, "role"));
    int fd = frame->fd;
    frame->fd = -1;
    if (fd < 0) {
        on_gone(loop, role);
        return;
    }
    if (g_strcmp0(role, "fetcher") == 0)
        fetch_set_socket(loop->fetch, fd);
    else if (g_strcmp0(role, "reader") == 0 || g_strcmp0(role, "pdf-reader") == 0)
        read_queue_attach(loop->reading, fd, *role == 'p');
    else if (g_strcmp0(role, "sender") == 0)
        post_set_socket(loop->post, fd);
    else if (g_strcmp0(role, "converter") == 0)
        read_queue_attach_converter(loop->reading, fd);
    else
        close(fd);
}

static void control_dispatch(Loop *loop) {
    for (guint i = 0; i < FRAMES_A_TURN; i++) {
        g_auto(IpcFrame) frame = {.fd = -1};
        g_autoptr(GError) failure = NULL;
        int received = ipc_receive(loop->control_fd, &frame, 0, &failure);
        if (received < 0) {
            loop->is_stopping = true; /* the supervisor is gone: finish and leave */
            return;
        }
        if (received == 0)
            return;
        if (frame.kind == IPC_ROLE)
            on_role(loop, &frame);
        else if (frame.kind == IPC_STOP)
            loop->is_stopping = true;
    }
    return;
}

/* ---- the stages
 * -------------------------------------------------------------------------------------------------- */

static bool has_room(const Loop *loop) {
    return !take_in_is_full(loop->take_in) && read_queue_has_room(loop->reading);
}

static bool fetch_stage(Loop *loop, GError **error) {
    for (guint i = 0; i < FRAMES_A_TURN && fetch_socket(loop->fetch) >= 0 && has_room(loop); i++) {
        g_autoptr(GError) failure = NULL;
        int taken = fetch_dispatch(loop->fetch, &failure);
        if (taken == 0)
            return true;
        if (taken > 0)
            continue;
        if (failure && failure->domain == FORTNIGHT_ERROR && keeper_error_stops(failure)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        log_event(LOG_WARNING, "fetcher.gone");
        fetch_set_socket(loop->fetch, -1);
    }
    return true;
}

static void files_stage(Loop *loop) {
    while (loop->files && !files_is_over(loop->files) && has_room(loop))
        files_take_next(loop->files, loop->take_in);
}

static bool take_in_stage(Loop *loop, bool no_more_now, GError **error) {
    if (take_in_is_empty(loop->take_in) || (!take_in_is_full(loop->take_in) && !no_more_now))
        return true;
    g_autoptr(GPtrArray) jobs = g_ptr_array_new();
    if (!take_in_commit(loop->take_in, jobs, error))
        return false;
    for (guint i = 0; i < jobs->len; i++)
        read_queue_add(loop->reading, jobs->pdata[i]);
    loop->has_planned = false;
    return true;
}

/* Everything that was seen is recorded: the moment to decide (SPEC 4: mail is read before anybody is
 * reminded). */
static bool is_recorded(const Loop *loop) {
    return !fetch_is_busy(loop->fetch) && take_in_is_empty(loop->take_in) &&
           !read_queue_pending(loop->reading);
}

static bool begin_pass(Loop *loop, GError **error) {
    loop->is_pass_unnoted = true;
    loop->looked_ms = clock_monotonic_ms();
    loop->next_pass_s = 0;
    return fetch_start(loop->fetch, error);
}

/* What may lie in a mailbox that cannot be read holds reminders back. */
static void note_mailbox(Loop *loop) {
    bool is_unseen = fetch_failure(loop->fetch) != NULL;
    if (is_unseen == loop->keeper.is_mailbox_unseen)
        return;
    loop->keeper.is_mailbox_unseen = is_unseen;
    loop->has_planned = false;
}

/* Decides where it is time; before that the mailbox is looked into once more (SPEC 4). */
static bool plan_stage(Loop *loop, GError **error) {
    note_mailbox(loop);
    if (loop->has_planned && keeper_now_s(&loop->keeper) < loop->next_plan_s)
        return true;
    bool is_fresh = loop->has_looked || clock_left_ms(loop->looked_ms + LOOK_FRESH_MS) > 0;
    if (loop->mode == MODE_RUN && !loop->is_stopping && !is_fresh) {
        loop->has_looked = true;
        return begin_pass(loop, error);
    }
    loop->has_planned = true;
    loop->has_looked = false;
    return post_plan(loop->post, &loop->next_plan_s, error);
}

/* Only a letter that was tried tells how the server is. */
static bool note_transport(Loop *loop, GError **error) {
    const KeeperCounts *c = &loop->keeper.counts;
    guint tried = c->sent + c->retried + c->refused + c->unsure;
    if (tried == loop->tried)
        return true;
    loop->tried = tried;
    return alerting_note_transport(&loop->keeper, post_failure(loop->post), error);
}

/* What a person has to end is looked for once a pass, and every minute. */
static bool alert_stage(Loop *loop, GError **error) {
    if (loop->is_pass_unnoted && !fetch_is_busy(loop->fetch)) {
        loop->is_pass_unnoted = false;
        if (!alerting_note_mailbox(&loop->keeper, fetch_failure(loop->fetch),
                                   fetch_quota_percent(loop->fetch), error) ||
            !note_transport(loop, error))
            return false;
    }
    if (loop->mode == MODE_INGEST || clock_left_ms(loop->alert_ms) > 0)
        return true;
    loop->alert_ms = clock_monotonic_ms() + ALERT_LOOK_MS;
    return alerting_look(&loop->keeper, read_queue_pending(loop->reading), error);
}

static bool post_stage(Loop *loop, GError **error) {
    if (!alert_stage(loop, error))
        return false;
    if (is_recorded(loop) && !plan_stage(loop, error))
        return false;
    /* acks and alarms leave while other mail is still read */
    return post_dispatch(loop->post, error);
}

static bool is_readable(int fd) {
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&one, 1, 0) > 0;
}

/* Labels that were taught by mail just now count from the next message on (a command cannot teach any beside
 * us: it would be a second writer). */
static bool labels_stage(Loop *loop, GError **error) {
    bool changed = false;
    if (loop->keeper.labels_stale && !learnt_labels_refresh(&loop->keeper, &changed, error))
        return false;
    loop->keeper.labels_stale = false;
    if (changed)
        read_queue_renew_forms(loop->reading);
    return true;
}

static bool turn(Loop *loop, GError **error) {
    control_dispatch(loop);
    files_stage(loop);
    if (!fetch_stage(loop, error))
        return false;
    bool no_more_now = !is_readable(fetch_socket(loop->fetch));
    return take_in_stage(loop, no_more_now, error) && labels_stage(loop, error) &&
           read_queue_dispatch(loop->reading, error) && post_stage(loop, error);
}

/* ---- passes
 * ------------------------------------------------------------------------------------------------------ */

static void print_counts(const Loop *loop) {
    const KeeperCounts *c = &loop->keeper.counts;
    printf("%u messages fetched (%u known, %u too large): %u recorded, %u for review, %u ignored; "
           "letters: %u sent, %u to retry, %u refused, %u unsure, %u no longer due\n",
           c->fetched, c->known, c->oversize, c->recorded, c->review, c->ignored, c->sent, c->retried,
           c->refused, c->unsure, c->gone);
    fflush(stdout);
}

/* `run`: when the next pass begins, after one has ended. */
static void schedule_pass(Loop *loop) {
    gint64 wait_s = loop->keeper.config->poll_interval_s;
    if (fetch_failure(loop->fetch)) {
        log_error(LOG_WARNING, "pass.failed", fetch_failure(loop->fetch));
        gint64 backoff_s = RETRY_FETCH_S << MIN(loop->failures, 5u);
        loop->failures++;
        wait_s = MAX(wait_s, MIN(backoff_s, RETRY_FETCH_MAX_S));
    } else {
        loop->failures = 0;
    }
    /* ±20 %: many gateways must not knock at one provider in step */
    wait_s += g_random_int_range(-(gint32)(wait_s / 5), (gint32)(wait_s / 5) + 1);
    loop->next_pass_s = clock_monotonic_ms() / 1000 + wait_s;
}

/* `run`: passes by the clock, and at once where the server tells of new mail (SPEC 1: urgent mail is seen at
 * once with IDLE). */
static bool pass_stage(Loop *loop, GError **error) {
    if (loop->mode != MODE_RUN || fetch_is_busy(loop->fetch) || loop->is_stopping)
        return true;
    if (!loop->next_pass_s)
        schedule_pass(loop);
    if (fetch_has_news(loop->fetch) || clock_monotonic_ms() / 1000 >= loop->next_pass_s)
        return begin_pass(loop, error);
    g_autoptr(GError) failure = NULL;
    if (!fetch_watch(loop->fetch, &failure)) {
        log_error(LOG_WARNING, "fetch.watch", failure);
        fetch_set_socket(loop->fetch, -1);
    }
    return true;
}

static bool is_over(const Loop *loop) {
    if (loop->mode == MODE_RUN || loop->is_stopping)
        return loop->is_stopping && !post_is_busy(loop->post);
    if (loop->files && !files_is_over(loop->files))
        return false;
    return is_recorded(loop) && loop->has_planned && !post_is_busy(loop->post) && !post_has_due(loop->post);
}

static int wait_ms(const Loop *loop) {
    /* files tell of nothing: there is only the room that recording has made */
    if (loop->files && !files_is_over(loop->files) && has_room(loop))
        return 0;
    int timeout = read_queue_timeout_ms(loop->reading), post_ms = post_timeout_ms(loop->post);
    if (post_ms >= 0)
        timeout = timeout < 0 ? post_ms : MIN(timeout, post_ms);
    return timeout < 0 ? IDLE_MS : MIN(timeout, IDLE_MS);
}

static void wait_for_events(const Loop *loop) {
    struct pollfd fds[READER_FDS_MAX + 3];
    guint n = 0;
    fds[n++] = (struct pollfd){.fd = loop->control_fd, .events = POLLIN};
    if (has_room(loop))
        fds[n++] = (struct pollfd){.fd = fetch_socket(loop->fetch), .events = POLLIN};
    fds[n++] = (struct pollfd){.fd = post_socket(loop->post), .events = POLLIN};
    n += read_queue_fds(loop->reading, fds + n, READER_FDS_MAX);
    poll(fds, n, wait_ms(loop));
}

/* Of what this pass has seen so far, how much has been read and recorded. */
static void show_progress(const Loop *loop) {
    const KeeperCounts *counts = &loop->keeper.counts;
    guint done = counts->recorded + counts->review + counts->ignored;
    guint left = read_queue_pending(loop->reading) + fetch_left(loop->fetch) +
                 (loop->files ? files_left(loop->files) : 0);
    if (left > 0)
        progress_set(loop->progress, done, done + left);
}

static int work(Loop *loop) {
    g_autoptr(GError) error = NULL;
    if (!read_queue_recover(loop->reading, &error) ||
        (loop->mode != MODE_INGEST && !begin_pass(loop, &error)))
        goto failed;
    while (!is_over(loop)) {
        if (!turn(loop, &error) || !pass_stage(loop, &error))
            goto failed;
        show_progress(loop);
        if (!is_over(loop))
            wait_for_events(loop);
    }
    g_clear_pointer(&loop->progress, progress_free);
    if (!note_transport(loop, &error))
        goto failed;
    if (loop->mode != MODE_RUN)
        print_counts(loop);
    if (fetch_failure(loop->fetch)) {
        fprintf(stderr, "fortnight: %s\n", fetch_failure(loop->fetch)->message);
        return fortnight_error_exit_status(fetch_failure(loop->fetch));
    }
    if (loop->mode == MODE_POLL && post_failure(loop->post)) {
        fprintf(stderr, "fortnight: %s\n", post_failure(loop->post)->message);
        return fortnight_error_exit_status(post_failure(loop->post));
    }
    return loop->files && files_failed(loop->files) ? 1 : 0;
failed:
    g_clear_pointer(&loop->progress, progress_free);
    log_error(LOG_ERROR, "keeper.stopped", error);
    fprintf(stderr, "fortnight: %s\n", error->message);
    return fortnight_error_exit_status(error);
}

/* ---- start and end
 * ----------------------------------------------------------------------------------------------- */

static bool confine(const Loop *loop, const Config *config, GError **error) {
    g_autoptr(GPtrArray) readable = g_ptr_array_new();
    g_ptr_array_add(readable, config->directory);
    g_ptr_array_add(readable, config->templates_dir);
    g_ptr_array_add(readable, config->forms_dir);
    if (loop->files)
        files_add_paths(loop->files, readable);
    g_ptr_array_add(readable, NULL);
    const char *writable[] = {config->state_dir, NULL};
    return sandbox_apply(
        SANDBOX_KEEPER,
        &(SandboxPaths){.readable = (const char *const *)readable->pdata, .writable = writable}, error);
}

static bool open_loop(Loop *loop, Config *config, const json_t *settings, GError **error) {
    const json_t *at = json_object_get(settings, "at");
    const char *mode = json_string_value(json_object_get(settings, "mode"));
    loop->mode = g_strcmp0(mode, "run") == 0      ? MODE_RUN
                 : g_strcmp0(mode, "ingest") == 0 ? MODE_INGEST
                                                  : MODE_POLL;
    loop->progress = loop->mode != MODE_RUN ? progress_new("messages", 0) : NULL;
    gint64 offset_s = json_is_integer(at) ? json_integer_value(at) - clock_now_s() : 0;
    g_autofree char *holder = g_strdup_printf("pid %d: fortnight %s", (int)getppid(), mode ? mode : "poll");
    if (!keeper_open(&loop->keeper, config, holder, offset_s, error))
        return false;
    if (loop->mode == MODE_INGEST && !(loop->files = files_new(&loop->keeper, settings, error)))
        return false;
    if (!confine(loop, config, error))
        return false;
    loop->keeper.control_fd = loop->control_fd;
    loop->take_in = take_in_new(&loop->keeper);
    loop->fetch = fetch_new(&loop->keeper, loop->take_in);
    loop->reading = read_queue_new(&loop->keeper);
    loop->post = post_new(&loop->keeper, error);
    return loop->post != NULL;
}

static void close_loop(Loop *loop) {
    post_free(loop->post);
    read_queue_free(loop->reading);
    fetch_free(loop->fetch);
    take_in_free(loop->take_in);
    files_free(loop->files);
    keeper_close(&loop->keeper);
}

int keeper_main(int control_fd, json_t *settings) {
    g_autoptr(GError) error = NULL;
    const char *path = json_string_value(json_object_get(settings, "config"));
    g_autoptr(Config) config = config_load(path ? path : "fortnight.conf", &error);
    Loop loop = {.control_fd = control_fd};
    int status;
    if (config && open_loop(&loop, config, settings, &error)) {
        status = work(&loop);
    } else {
        fprintf(stderr, "fortnight: %s\n", error->message);
        status = fortnight_error_exit_status(error);
    }
    close_loop(&loop);
    /* a second daemon on the same database leaves; what else passes with time is waited out */
    bool is_busy = g_error_matches(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_BUSY);
    return loop.mode == MODE_RUN && status == EX_TEMPFAIL && !is_busy ? SUPERVISOR_AGAIN : status;
}
