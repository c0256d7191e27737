/* Fetching messages: bodies stream from the socket into one sealed memfd each and are handed on one by one.
 *
 * A fetch first asks for sizes (one short line a message), so that nothing larger than the limit is
 * downloaded by mistake, then for everything else in batches. A server that answers nonsense or lies about a
 * size costs its connection; then the rest is fetched carefully: a command a message, asking for nothing but
 * the body, and one that fails again is left out. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/io/clock.h"
#include "gateway/io/imap_session.h"

enum {
    SIZES_BATCH = 1000,            /* messages in one question for sizes: its answer takes 50 KB */
    BODIES_BATCH_BYTES = 32 << 20, /* bodies in one command, so that an answer has an end */
    HEADER_MOST_BYTES = 256 << 10, /* of a message whose body is too large to fetch */
    CAREFUL_RECONNECTS_MOST = 3,   /* in one fetch */
    FLAGS_MOST = 32,
};

typedef enum { WAITING, DONE, LEFT_OUT } State;

typedef enum {
    PART_SIZES,  /* UID RFC822.SIZE */
    PART_ALL,    /* UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[] */
    PART_HEADER, /* the same with BODY.PEEK[HEADER] */
    PART_BODY,   /* UID BODY.PEEK[]: what even a broken server can answer */
} Part;

typedef struct {
    Imap *imap;
    const guint64 *uids; /* ascending */
    gsize n_uids;
    guint8 *states; /* State of each */
    guint64 *sizes; /* as the server says; 0: unknown */
    MailboxReceiver receiver;
    gpointer data;
    GError *error; /* the receiver's, or ours; ends the fetch */
    /* the command under way */
    Part part;
    guint64 most_bytes; /* a body may have */
    int fd;             /* of the body that is arriving, or -1 */
    guint64 n_bytes;    /* of it */
    bool is_too_big;    /* a body went beyond most_bytes and was cut off */
} Fetch;

static gint64 find_index(const Fetch *fetch, guint64 uid) {
    gsize low = 0, high = fetch->n_uids;
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        if (fetch->uids[middle] < uid)
            low = middle + 1;
        else
            high = middle;
    }
    return low < fetch->n_uids && fetch->uids[low] == uid ? (gint64)low : -1;
}

/* ---- one message arrives
 * ---------------------------------------------------------------------------------------- */

static void set_errno(Fetch *fetch, const char *what) {
    if (fetch->error == NULL)
        g_set_error(&fetch->error, MAILBOX_ERROR, MAILBOX_ERROR_TEMPORARY, "%s: %s", what, g_strerror(errno));
}

static void drop_body(Fetch *fetch) {
    if (fetch->fd >= 0)
        close(fetch->fd);
    fetch->fd = -1;
    fetch->n_bytes = 0;
}

/* libetpan's: bytes of a body, in order. False breaks the connection, which is the only way to stop a
 * literal. */
static bool on_body(int type, struct mailimap_msg_att_body_section *section, const char *bytes, size_t length,
                    void *context) {
    Fetch *fetch = context;
    if (type != MAILIMAP_MSG_ATT_BODY_SECTION || fetch->part == PART_SIZES)
        return true; /* nobody asked for it; the stream's budget ends it */
    if (fetch->error != NULL)
        return false;
    if (fetch->n_bytes + length > fetch->most_bytes)
        fetch->is_too_big = true;
    if (fetch->is_too_big)
        return false;
    if (fetch->fd < 0)
        fetch->fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    for (size_t done = 0; done < length;) {
        ssize_t n = fetch->fd >= 0 ? write(fetch->fd, bytes + done, length - done) : -1;
        if (n < 0 && (fetch->fd < 0 || errno != EINTR)) {
            set_errno(fetch, "memory for a message");
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    fetch->n_bytes += length;
    tls_stream_grant(fetch->imap->stream, length);
    return true;
}

/* libetpan's: how far a literal has come. Its announced length tells early that it will be too large. */
static void on_body_progress(size_t current, size_t maximum, void *context) {
    Fetch *fetch = context;
    if (fetch->part != PART_SIZES && maximum > fetch->most_bytes)
        fetch->is_too_big = true;
}

static void on_items_progress(size_t current, size_t maximum, void *context) {
}

/* What a FETCH answer says about one message; strings are libetpan's. */
typedef struct {
    guint64 uid;
    guint64 size_bytes;
    gint64 internaldate_s;
    const char *flags[FLAGS_MOST + 1];
} Answer;

static gint64 date_to_unix(const struct mailimap_date_time *date) {
    enum { YEAR_FIRST = 1980, YEAR_LAST = 2200, ZONE_MOST = 1400 };
    if (date == NULL || date->dt_year < YEAR_FIRST || date->dt_year > YEAR_LAST ||
        ABS(date->dt_zone) > ZONE_MOST)
        return -1;
    g_autoptr(GDateTime) local = g_date_time_new_utc(date->dt_year, date->dt_month, date->dt_day,
                                                     date->dt_hour, date->dt_min, date->dt_sec);
    int offset_s = date->dt_zone / 100 * 3600 + date->dt_zone % 100 * 60; /* both parts have the sign */
    return local != NULL ? g_date_time_to_unix(local) - offset_s : -1;
}

static const char *flag_name(const struct mailimap_flag_fetch *flag) {
    static const char *const NAMES[] = {
        [MAILIMAP_FLAG_ANSWERED] = "\\Answered", [MAILIMAP_FLAG_FLAGGED] = "\\Flagged",
        [MAILIMAP_FLAG_DELETED] = "\\Deleted",   [MAILIMAP_FLAG_SEEN] = "\\Seen",
        [MAILIMAP_FLAG_DRAFT] = "\\Draft",
    };
    if (flag->fl_type == MAILIMAP_FLAG_FETCH_RECENT || flag->fl_flag == NULL)
        return NULL; /* \Recent belongs to a session, not to the message */
    int type = flag->fl_flag->fl_type;
    if (type == MAILIMAP_FLAG_KEYWORD)
        return flag->fl_flag->fl_data.fl_keyword;
    if (type == MAILIMAP_FLAG_EXTENSION)
        return flag->fl_flag->fl_data.fl_extension;
    return (gsize)type < G_N_ELEMENTS(NAMES) ? NAMES[type] : NULL;
}

static void read_flags(const struct mailimap_msg_att_dynamic *dynamic, Answer *answer) {
    guint n = 0;
    clist *list = dynamic != NULL ? dynamic->att_list : NULL;
    for (clistiter *i = list != NULL ? clist_begin(list) : NULL; i != NULL && n < FLAGS_MOST;
         i = clist_next(i)) {
        const char *name = flag_name(clist_content(i));
        if (name != NULL && g_utf8_validate(name, -1, NULL))
            answer->flags[n++] = name;
    }
}

static void read_answer(const struct mailimap_msg_att *att, Answer *answer) {
    answer->internaldate_s = -1;
    for (clistiter *i = clist_begin(att->att_list); i != NULL; i = clist_next(i)) {
        const struct mailimap_msg_att_item *item = clist_content(i);
        if (item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC)
            read_flags(item->att_data.att_dyn, answer);
        if (item->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC)
            continue;
        const struct mailimap_msg_att_static *fact = item->att_data.att_static;
        if (fact->att_type == MAILIMAP_MSG_ATT_UID)
            answer->uid = fact->att_data.att_uid;
        else if (fact->att_type == MAILIMAP_MSG_ATT_RFC822_SIZE)
            answer->size_bytes = fact->att_data.att_rfc822_size;
        else if (fact->att_type == MAILIMAP_MSG_ATT_INTERNALDATE)
            answer->internaldate_s = date_to_unix(fact->att_data.att_internal_date);
    }
}

/* Where INTERNALDATE makes no sense the last hop's stamp is the next best (facts/email 1.5). */
static gint64 received_of(int fd) {
    enum { HEAD_BYTES = 64 << 10 };
    g_autofree char *head = g_malloc(HEAD_BYTES);
    ssize_t n = pread(fd, head, HEAD_BYTES, 0);
    return n > 0 ? mailbox_received_s(head, (gsize)n) : -1;
}

/* Courier answers for a message that was expunged meanwhile with one of its own making. */
static bool is_placeholder(const Fetch *fetch) {
    static const char START[] =
        "From: System Administrator <root@localhost>\r\nSubject: message unavailable\r\n\r\n";
    enum { PLACEHOLDER_MOST_BYTES = 256 };
    char head[sizeof START - 1];
    return fetch->fd >= 0 && fetch->n_bytes < PLACEHOLDER_MOST_BYTES &&
           pread(fetch->fd, head, sizeof head, 0) == sizeof head && memcmp(head, START, sizeof head) == 0;
}

static void deliver(Fetch *fetch, gsize index, const Answer *answer) {
    const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    if (fetch->fd >= 0 && fcntl(fetch->fd, F_ADD_SEALS, seals) != 0) {
        set_errno(fetch, "sealing a message");
        return;
    }
    bool is_whole = fetch->part != PART_HEADER && !fetch->is_too_big;
    MailboxMessage message = {
        .uid = answer->uid,
        .flags = answer->flags,
        .internaldate_s = answer->internaldate_s,
        .size_bytes = is_whole ? fetch->n_bytes : fetch->sizes[index],
        .is_oversize = !is_whole,
        .fd = fetch->fd,
    };
    if (message.internaldate_s < 0 && message.fd >= 0)
        message.internaldate_s = received_of(message.fd);
    fetch->states[index] = DONE;
    gint64 start_ms = clock_monotonic_ms();
    bool is_taken = fetch->receiver(&message, fetch->data, &fetch->error);
    if (fetch->imap->stream != NULL)
        tls_stream_extend(fetch->imap->stream, clock_monotonic_ms() - start_ms);
    if (!is_taken && fetch->error == NULL)
        g_set_error_literal(&fetch->error, MAILBOX_ERROR, MAILBOX_ERROR_STOPPED, "stopped");
}

/* libetpan's: the end of one answer. Answers that nobody asked for (flags changed by another client) have no
 * body. */
static void on_answer(struct mailimap_msg_att *att, void *context) {
    Fetch *fetch = context;
    Answer answer = {0};
    read_answer(att, &answer);
    gint64 index = find_index(fetch, answer.uid);
    if (index >= 0 && fetch->states[index] == WAITING && fetch->error == NULL) {
        if (fetch->part == PART_SIZES)
            fetch->sizes[index] = answer.size_bytes;
        else if (fetch->fd >= 0 && !is_placeholder(fetch))
            deliver(fetch, (gsize)index, &answer);
    }
    drop_body(fetch);
}

/* ---- one command
 * ------------------------------------------------------------------------------------------------ */

static struct mailimap_fetch_type *new_request(Part part) {
    struct mailimap_fetch_type *request = mailimap_fetch_type_new_fetch_att_list_empty();
    mailimap_fetch_type_new_fetch_att_list_add(request, mailimap_fetch_att_new_uid());
    if (part == PART_ALL || part == PART_HEADER) {
        mailimap_fetch_type_new_fetch_att_list_add(request, mailimap_fetch_att_new_flags());
        mailimap_fetch_type_new_fetch_att_list_add(request, mailimap_fetch_att_new_internaldate());
    }
    if (part != PART_BODY)
        mailimap_fetch_type_new_fetch_att_list_add(request, mailimap_fetch_att_new_rfc822_size());
    if (part != PART_SIZES) {
        struct mailimap_section *section =
            part == PART_HEADER ? mailimap_section_new_header() : mailimap_section_new(NULL);
        mailimap_fetch_type_new_fetch_att_list_add(request,
                                                   mailimap_fetch_att_new_body_peek_section(section));
    }
    return request;
}

/* The set of some messages, ascending, runs as "first:last". Tencent refuses descending sets (facts). */
static struct mailimap_set *new_set(const Fetch *fetch, const GArray *indices) {
    struct mailimap_set *set = mailimap_set_new_empty();
    for (guint i = 0; i < indices->len;) {
        guint64 first = fetch->uids[g_array_index(indices, guint, i)], last = first;
        for (i++; i < indices->len && fetch->uids[g_array_index(indices, guint, i)] == last + 1; i++)
            last++;
        mailimap_set_add_interval(set, (uint32_t)first, (uint32_t)last);
    }
    return set;
}

/* Runs one UID FETCH for the messages at indices (not empty); the result is libetpan's. */
static int run_command(Fetch *fetch, Part part, const GArray *indices) {
    Imap *imap = fetch->imap;
    fetch->part = part;
    fetch->most_bytes = part == PART_HEADER ? HEADER_MOST_BYTES : imap->options.max_message_bytes;
    fetch->is_too_big = false;
    mailimap_set_progress_callback(imap->session, on_body_progress, on_items_progress, fetch);
    mailimap_set_msg_att_handler(imap->session, on_answer, fetch);
    mailimap_set_msg_body_handler(imap->session, on_body, fetch);
    struct mailimap_set *set = new_set(fetch, indices);
    struct mailimap_fetch_type *request = new_request(part);
    clist *answers = NULL;
    imap_begin(imap);
    int result = mailimap_uid_fetch(imap->session, set, request, &answers);
    if (answers != NULL)
        mailimap_fetch_list_free(answers);
    mailimap_fetch_type_free(request);
    mailimap_set_free(set);
    drop_body(fetch);
    mailimap_set_progress_callback(imap->session, NULL, NULL, NULL);
    mailimap_set_msg_att_handler(imap->session, NULL, NULL);
    mailimap_set_msg_body_handler(imap->session, NULL, NULL);
    return result;
}

/* ---- the whole fetch
 * -------------------------------------------------------------------------------------------- */

static bool open_folder(Fetch *fetch, const char *folder, GError **error) {
    Imap *imap = fetch->imap;
    if (!imap_open(imap, NULL, error))
        return false;
    if (g_strcmp0(imap->selected, folder) != 0 && !imap_examine(imap, folder, error))
        return false;
    const gint64 *listed = g_hash_table_lookup(imap->uidvalidity_listed, folder);
    if (listed != NULL && *listed == imap->uidvalidity)
        return true;
    g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_CHANGED,
                "folder \"%s\" has other UIDs than when it was listed", folder);
    return false;
}

/* Translates the end of a command that failed. */
static bool fail_command(Fetch *fetch, int result, GError **error) {
    if (fetch->error != NULL) {
        imap_drop(fetch->imap);
        g_propagate_error(error, g_steal_pointer(&fetch->error));
        return false;
    }
    return imap_fail(fetch->imap, result, "UID FETCH", error);
}

/* Whether a command ended well; a receiver that said stop at the very last message counts as a failure too.
 */
static bool has_ended_well(const Fetch *fetch, int result) {
    return result == MAILIMAP_NO_ERROR && fetch->error == NULL;
}

static bool ask_sizes(Fetch *fetch, int *ret_result) {
    g_autoptr(GArray) indices = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < fetch->n_uids; i++) {
        g_array_append_val(indices, i);
        if (indices->len < SIZES_BATCH && i + 1 < fetch->n_uids)
            continue;
        *ret_result = run_command(fetch, PART_SIZES, indices);
        if (!has_ended_well(fetch, *ret_result))
            return false;
        g_array_set_size(indices, 0);
    }
    return true;
}

static bool is_oversize(const Fetch *fetch, guint index) {
    return fetch->sizes[index] > fetch->imap->options.max_message_bytes;
}

/* How many bodies the next command asks for. Fifty suit every provider (facts); over a long way they leave
 * most of the time to waiting, so the number doubles with each command that ended well. */
static guint batch_size(Imap *imap) {
    enum { BATCH_FIRST = 50 };
    if (imap->batch == 0)
        imap->batch = imap->options.batch != 0 ? imap->options.batch : BATCH_FIRST;
    return imap->batch;
}

static void grow_batch(Imap *imap) {
    enum { BATCH_GROWN = 800 };
    if (imap->options.batch == 0)
        imap->batch = MIN(imap->batch * 2, BATCH_GROWN);
}

/* Fetches bodies in batches, in order. */
static bool fetch_bodies(Fetch *fetch, int *ret_result) {
    g_autoptr(GArray) indices = g_array_new(FALSE, FALSE, sizeof(guint));
    guint64 n_bytes = 0;
    for (guint i = 0; i < fetch->n_uids; i++) {
        if (!is_oversize(fetch, i)) {
            g_array_append_val(indices, i);
            n_bytes += fetch->sizes[i];
        }
        bool is_full = indices->len >= batch_size(fetch->imap) || n_bytes >= BODIES_BATCH_BYTES;
        if (indices->len == 0 || (!is_full && i + 1 < fetch->n_uids))
            continue;
        *ret_result = run_command(fetch, PART_ALL, indices);
        if (!has_ended_well(fetch, *ret_result))
            return false;
        grow_batch(fetch->imap);
        g_array_set_size(indices, 0);
        n_bytes = 0;
    }
    return true;
}

static bool fetch_one(Fetch *fetch, Part part, guint index, int *ret_result) {
    g_autoptr(GArray) indices = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_val(indices, index);
    *ret_result = run_command(fetch, part, indices);
    return has_ended_well(fetch, *ret_result);
}

/* The header of each message that is too large: enough to answer its sender. */
static bool fetch_headers(Fetch *fetch, int *ret_result) {
    for (guint i = 0; i < fetch->n_uids; i++)
        if (is_oversize(fetch, i) && fetch->states[i] == WAITING &&
            !fetch_one(fetch, PART_HEADER, i, ret_result))
            return false;
    return true;
}

/* One message at a time; one that breaks the connection again is left out, or reported as oversize if it was
 * that. */
static bool fetch_carefully(Fetch *fetch, const char *folder, GError **error) {
    guint n_breaks = 0;
    for (guint i = 0; i < fetch->n_uids; i++) {
        if (fetch->states[i] != WAITING)
            continue;
        if (!open_folder(fetch, folder, error))
            return false;
        int result = MAILIMAP_NO_ERROR;
        if (fetch_one(fetch, is_oversize(fetch, i) ? PART_HEADER : PART_BODY, i, &result))
            continue;
        g_autoptr(GError) why = NULL;
        bool is_too_big = fetch->is_too_big, is_stopped = fetch->error != NULL;
        fail_command(fetch, result, &why);
        if (is_stopped || fetch->imap->session != NULL || ++n_breaks > CAREFUL_RECONNECTS_MOST) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        fetch->states[i] = LEFT_OUT;
        if (is_too_big)
            deliver(fetch, i, &(Answer){.uid = fetch->uids[i], .internaldate_s = -1});
    }
    return true;
}

static bool has_delivered(const Fetch *fetch) {
    for (gsize i = 0; i < fetch->n_uids; i++)
        if (fetch->states[i] == DONE)
            return true;
    return false;
}

static bool run(Fetch *fetch, const char *folder, GError **error) {
    bool was_open = fetch->imap->session != NULL;
    for (;;) {
        int result = MAILIMAP_NO_ERROR;
        if (!open_folder(fetch, folder, error))
            return false;
        if (ask_sizes(fetch, &result) && fetch_bodies(fetch, &result) && fetch_headers(fetch, &result))
            return true;
        g_autoptr(GError) why = NULL;
        bool is_too_big = fetch->is_too_big;
        fail_command(fetch, result, &why);
        /* a connection that idled since the last command may be dead: that is no news */
        if (was_open && !is_too_big && fetch->imap->session == NULL && mailbox_is_temporary(why) &&
            !has_delivered(fetch)) {
            was_open = false;
            continue;
        }
        if (is_too_big || result == MAILIMAP_ERROR_PROTOCOL ||
            g_error_matches(why, MAILBOX_ERROR, MAILBOX_ERROR_PROTOCOL))
            return fetch_carefully(fetch, folder, error);
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
}

bool imap_fetch(Mailbox *mailbox, const char *folder, const guint64 *uids, gsize n_uids,
                MailboxReceiver receiver, gpointer data, GError **error) {
    g_autofree guint8 *states = g_new0(guint8, n_uids);
    g_autofree guint64 *sizes = g_new0(guint64, n_uids);
    for (gsize i = 0; i < n_uids; i++)
        if (uids[i] == 0 || uids[i] > G_MAXUINT32 || (i > 0 && uids[i] <= uids[i - 1])) {
            g_set_error_literal(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS, "UIDs are 32 bits, ascending");
            return false;
        }
    Fetch fetch = {
        .imap = (Imap *)mailbox,
        .uids = uids,
        .n_uids = n_uids,
        .states = states,
        .sizes = sizes,
        .receiver = receiver,
        .data = data,
        .fd = -1,
    };
    bool ok = run(&fetch, folder, error);
    drop_body(&fetch);
    g_clear_error(&fetch.error);
    return ok;
}
