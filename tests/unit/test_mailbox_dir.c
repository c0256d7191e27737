/* Mailboxes of files: a folder, a Maildir, an mbox. */
#include "gateway/io/mailbox_dir.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/io/ipc.h"

enum { MAX_BYTES = 1 << 20, TIME_S = 1466992800 /* 2016-06-27T02:00:00Z */ };

typedef struct {
    char *path;
} Folder;

static void set_up(Folder *self, gconstpointer unused) {
    self->path = g_dir_make_tmp("fortnight-XXXXXX", NULL);
}

static void remove_tree(const char *path) {
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        remove_tree(child);
    }
    g_remove(path);
}

static void tear_down(Folder *self, gconstpointer unused) {
    remove_tree(self->path);
    g_free(self->path);
}

/* Writes a file below the folder, changed at TIME_S. */
static void put(const Folder *self, const char *name, const char *text) {
    g_autofree char *path = g_build_filename(self->path, name, NULL);
    g_autofree char *above = g_path_get_dirname(path);
    g_mkdir_with_parents(above, 0700);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    struct timespec times[2] = {{.tv_sec = TIME_S}, {.tv_sec = TIME_S}};
    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

static GArray *list(Mailbox *mailbox) {
    g_autoptr(GError) error = NULL;
    MailboxListing listing = {0};
    g_assert_true(mailbox_list(mailbox, "INBOX", &listing, &error));
    g_assert_no_error(error);
    g_assert_cmpint(listing.uidvalidity, ==, 1);
    for (guint i = 0; i < listing.uids->len; i++) {
        guint64 uid = g_array_index(listing.uids, guint64, i);
        g_assert_cmpuint(uid, <=, G_MAXINT64);
        g_assert_true(i == 0 || g_array_index(listing.uids, guint64, i - 1) < uid);
    }
    return listing.uids;
}

typedef struct {
    guint n, n_oversize;
    gint64 last_time_s;
    GString *all; /* bodies, each with "|" after it */
} Took;

static bool take(const MailboxMessage *message, gpointer data, GError **error) {
    Took *took = data;
    g_autoptr(GBytes) bytes = ipc_map(message->fd, MAX_BYTES, error);
    g_assert_nonnull(bytes);
    took->n++;
    took->n_oversize += message->is_oversize;
    took->last_time_s = message->internaldate_s;
    g_assert_true(message->is_oversize || message->size_bytes == g_bytes_get_size(bytes));
    g_string_append_len(took->all, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes));
    g_string_append_c(took->all, '|');
    return true;
}

static Took fetch(Mailbox *mailbox, const GArray *uids) {
    g_autoptr(GError) error = NULL;
    Took took = {.all = g_string_new(NULL)};
    g_assert_true(
        mailbox_fetch(mailbox, "INBOX", (const guint64 *)(void *)uids->data, uids->len, take, &took, &error));
    g_assert_no_error(error);
    return took;
}

static void test_folder(Folder *self, gconstpointer unused) {
    put(self, "a.eml", "Subject: a\n\nA");
    put(self, "below/b.eml", "Subject: b\n\nB");
    put(self, "notes.txt", "no message");
    put(self, ".hidden.eml", "no message");
    put(self, "empty.eml", "");
    put(self, "too/deep/c.eml", "no message");
    g_autofree char *link = g_build_filename(self->path, "link.eml", NULL);
    g_assert_cmpint(symlink("/etc/hostname", link), ==, 0);
    g_autoptr(Mailbox) mailbox = mailbox_dir_new(self->path, MAX_BYTES);
    g_autoptr(GArray) uids = list(mailbox);
    g_assert_cmpuint(uids->len, ==, 3);
    Took took = fetch(mailbox, uids);
    g_assert_cmpuint(took.n, ==, 2); /* the empty one cannot be had */
    g_assert_cmpint(took.last_time_s, ==, TIME_S);
    g_assert_nonnull(strstr(took.all->str, "Subject: a\n\nA|"));
    g_assert_nonnull(strstr(took.all->str, "Subject: b\n\nB|"));
    g_string_free(took.all, TRUE);

    g_autoptr(GArray) again = list(mailbox);
    g_assert_cmpmem(again->data, again->len * sizeof(guint64), uids->data, uids->len * sizeof(guint64));
    put(self, "a.eml", "Subject: a\n\nchanged");
    g_autoptr(GArray) changed = list(mailbox);
    g_assert_cmpuint(changed->len, ==, 3);
    g_assert_false(memcmp(changed->data, uids->data, uids->len * sizeof(guint64)) == 0);
}

/* Reading a mail in another program moves and renames its file, and changes nothing for us. */
static void test_maildir(Folder *self, gconstpointer unused) {
    put(self, "new/1466992800.1.host", "Subject: one\n\n1");
    put(self, "cur/1466992801.2.host:2,", "Subject: two\n\n2");
    put(self, "tmp/1466992802.3.host", "not delivered yet");
    g_autoptr(Mailbox) mailbox = mailbox_dir_new(self->path, MAX_BYTES);
    g_autoptr(GArray) uids = list(mailbox);
    g_assert_cmpuint(uids->len, ==, 2);
    g_autofree char *from = g_build_filename(self->path, "new/1466992800.1.host", NULL);
    g_autofree char *to = g_build_filename(self->path, "cur/1466992800.1.host:2,S", NULL);
    g_assert_cmpint(g_rename(from, to), ==, 0);

    Took gone = fetch(mailbox, uids); /* by the listing from before */
    g_assert_cmpuint(gone.n, ==, 1);
    g_string_free(gone.all, TRUE);
    g_autoptr(GArray) after = list(mailbox);
    g_assert_cmpmem(after->data, after->len * sizeof(guint64), uids->data, uids->len * sizeof(guint64));
    Took took = fetch(mailbox, after);
    g_assert_cmpuint(took.n, ==, 2);
    g_string_free(took.all, TRUE);
}

static void test_mbox(Folder *self, gconstpointer unused) {
    static const char MBOX[] = "From a@example.com Mon Jun 27 10:00:00 2016\n"
                               "Subject: one\n\nsame\n\n"
                               "From b@example.com no date at all 99:99:99 2016\n"
                               "Received: by mx; Mon, 27 Jun 2016 12:00:00 +0800\nSubject: two\n\n2\n\n"
                               "From c@example.com Mon Jun 27 11:00:00 2016\n"
                               "Subject: one\n\nsame\n\n";
    put(self, "box", MBOX);
    g_autofree char *path = g_build_filename(self->path, "box", NULL);
    g_autoptr(Mailbox) mailbox = mailbox_dir_new(path, MAX_BYTES);
    g_autoptr(GArray) uids = list(mailbox);
    g_assert_cmpuint(uids->len, ==, 3); /* the same bytes twice are two messages */
    gint64 sum_s = 0;
    for (guint i = 0; i < uids->len; i++) {
        g_autoptr(GArray) one = g_array_new(FALSE, FALSE, sizeof(guint64));
        g_array_append_val(one, g_array_index(uids, guint64, i));
        Took took = fetch(mailbox, one);
        g_assert_cmpuint(took.n, ==, 1);
        sum_s += took.last_time_s;
        g_string_free(took.all, TRUE);
    }
    /* 10:00Z and 11:00Z of the From_ lines, 04:00Z of the Received */
    g_assert_cmpint(sum_s, ==, (gint64)3 * 1466985600 + (10 + 11 + 4) * 3600);
}

static void test_oversize(Folder *self, gconstpointer unused) {
    g_autofree char *large = g_strnfill(700 << 10, 'x');
    put(self, "large.eml", large);
    put(self, "small.eml", "Subject: s\n\n");
    g_autoptr(Mailbox) mailbox = mailbox_dir_new(self->path, 600 << 10);
    g_autoptr(GArray) uids = list(mailbox);
    Took took = fetch(mailbox, uids);
    g_assert_cmpuint(took.n, ==, 2);
    g_assert_cmpuint(took.n_oversize, ==, 1);
    g_assert_cmpuint(took.all->len, <, 300 << 10); /* its first 256 KiB */
    g_string_free(took.all, TRUE);
}

static void test_errors(Folder *self, gconstpointer unused) {
    g_autofree char *nowhere = g_build_filename(self->path, "nowhere", NULL);
    g_autoptr(Mailbox) mailbox = mailbox_dir_new(nowhere, MAX_BYTES);
    g_autoptr(GError) error = NULL;
    MailboxListing listing = {0};
    g_assert_false(mailbox_list(mailbox, "INBOX", &listing, &error));
    g_assert_error(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS);
    g_clear_error(&error);
    g_assert_false(mailbox_list(mailbox, "Junk", &listing, &error));
    g_assert_error(error, MAILBOX_ERROR, MAILBOX_ERROR_FOLDER);
    g_clear_error(&error);
    g_assert_null(mailbox_check(mailbox, &error));
    g_assert_nonnull(error);
    g_assert_null(listing.uids);
}

static bool take_none(const MailboxMessage *message, gpointer data, GError **error) {
    return false;
}

static void test_stop(Folder *self, gconstpointer unused) {
    put(self, "a.eml", "Subject: a\n\n");
    g_autoptr(Mailbox) mailbox = mailbox_dir_new(self->path, MAX_BYTES);
    g_autoptr(GArray) uids = list(mailbox);
    g_autoptr(GError) error = NULL;
    g_assert_false(mailbox_fetch(mailbox, "INBOX", (const guint64 *)(void *)uids->data, uids->len, take_none,
                                 NULL, &error));
    g_assert_error(error, MAILBOX_ERROR, MAILBOX_ERROR_STOPPED);
}

static void test_received(void) {
    static const struct {
        const char *message;
        gint64 want_s;
    } CASES[] = {
        {"Received: from a by b; Mon, 27 Jun 2016 10:00:00 +0800\r\nSubject: x\r\n\r\n", TIME_S},
        {"Return-Path: <a@example.com>\nreceived: from a\n\tby b;\n\tMon, 27 Jun 2016 10:00:00 +0800 "
         "(CST)\n\n",
         TIME_S},
        {"Subject: x\n\nReceived: from a by b; Mon, 27 Jun 2016 10:00:00 +0800\n", -1}, /* in the body */
        {"Received: from a by b\nReceived: by c; Mon, 27 Jun 2016 10:00:00 +0800\n\n",
         -1}, /* the topmost has none */
        {"Received: x; yesterday\n\n", -1},
        {"Received:", -1},
        {"", -1},
        {"\n", -1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++)
        g_assert_cmpint(mailbox_received_s(CASES[i].message, strlen(CASES[i].message)), ==, CASES[i].want_s);
}

static void test_wait(void) {
    static const struct {
        const char *text;
        guint want_s;
    } CASES[] = {
        {"BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds", 300},
        {"Suggested Backoff Time: 99999999999999999999 milliseconds", 600},
        {"Suggested Backoff Time: soon", 0},
        {"NO busy", 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = g_error_new_literal(MAILBOX_ERROR, MAILBOX_ERROR_TEMPORARY, CASES[i].text);
        g_assert_cmpuint(mailbox_wait_s(error), ==, CASES[i].want_s);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add("/mailbox_dir/folder", Folder, NULL, set_up, test_folder, tear_down);
    g_test_add("/mailbox_dir/maildir", Folder, NULL, set_up, test_maildir, tear_down);
    g_test_add("/mailbox_dir/mbox", Folder, NULL, set_up, test_mbox, tear_down);
    g_test_add("/mailbox_dir/oversize", Folder, NULL, set_up, test_oversize, tear_down);
    g_test_add("/mailbox_dir/errors", Folder, NULL, set_up, test_errors, tear_down);
    g_test_add("/mailbox_dir/stop", Folder, NULL, set_up, test_stop, tear_down);
    g_test_add_func("/mailbox/received", test_received);
    g_test_add_func("/mailbox/wait", test_wait);
    return g_test_run();
}
