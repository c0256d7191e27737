#include "gateway/io/mailbox_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/io/ipc.h"
#include "parsers/mail_date.h"
#include "parsers/message.h"

enum {
    MESSAGES_MOST = 1000000,
    HEAD_BYTES = 256 << 10, /* what is passed on of a message that is too large */
    FROM_LINE_MOST = 256,   /* bytes; longer ones are no From_ lines */
};

/* Where a message lies. */
typedef struct {
    guint64 uid;
    char *path;    /* of a file; NULL: in the mbox */
    GBytes *bytes; /* of the mbox */
    gint64 time_s;
} Entry;

typedef struct {
    Mailbox mailbox;
    char *path;
    guint64 max_message_bytes;
    GHashTable *entries; /* &Entry.uid → Entry, as last listed; NULL: not listed yet */
} Dir;

static void entry_free(gpointer data) {
    Entry *entry = data;
    g_free(entry->path);
    g_clear_pointer(&entry->bytes, g_bytes_unref);
    g_free(entry);
}

/* 63 bits, so that JSON and SQLite have it as a positive integer; never 0. */
static guint64 uid_of(const GChecksum *sum_in_progress) {
    GChecksum *sum = g_checksum_copy(sum_in_progress);
    guint8 digest[32];
    gsize length = sizeof digest;
    g_checksum_get_digest(sum, digest, &length);
    g_checksum_free(sum);
    guint64 uid = 0;
    for (gsize i = 0; i < sizeof uid; i++)
        uid = uid << 8 | digest[i];
    return MAX(uid >> 1, 1);
}

static void add_entry(GHashTable *entries, guint64 uid, char *path, GBytes *bytes, gint64 time_s) {
    Entry *entry = g_new0(Entry, 1);
    *entry = (Entry){uid, path, bytes, time_s};
    g_hash_table_replace(entries, &entry->uid, entry);
}

/* ---- files
 * ------------------------------------------------------------------------------------------------------ */

static void add_file(GHashTable *entries, char *path, const char *name, const struct stat *status) {
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *facts =
        g_strdup_printf("%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT ".%09ld", name, (gint64)status->st_size,
                        (gint64)status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
    g_checksum_update(sum, (const guchar *)facts, -1);
    add_entry(entries, uid_of(sum), path, NULL, status->st_mtim.tv_sec);
}

/* Adds the message files of one folder. prefix: what stands before their names in UIDs. */
static void scan_folder(GHashTable *entries, const char *folder, const char *prefix, bool is_maildir) {
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL &&
           g_hash_table_size(entries) < MESSAGES_MOST) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat status;
        bool is_message = name[0] != '.' && (is_maildir || g_str_has_suffix(name, ".eml"));
        if (!is_message || lstat(path, &status) != 0 || !S_ISREG(status.st_mode))
            continue;
        const char *flags = is_maildir ? strrchr(name, ':') : NULL;
        g_autofree char *base = flags != NULL ? g_strndup(name, (gsize)(flags - name)) : g_strdup(name);
        g_autofree char *relative = g_strconcat(prefix, base, NULL);
        add_file(entries, g_steal_pointer(&path), relative, &status);
    }
}

static void scan_below(GHashTable *entries, const char *folder) {
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *prefix = g_strconcat(name, "/", NULL);
        if (name[0] != '.' && g_file_test(path, G_FILE_TEST_IS_DIR))
            scan_folder(entries, path, prefix, false);
    }
}

/* ---- mbox
 * ------------------------------------------------------------------------------------------------------- */

/* The date of the From_ line that stands before a message, or -1: "From a@example.com Mon Jun 27 10:00:00
 * 2016". */
static gint64 from_line_s(const char *start, const char *message) {
    if (message == start || message[-1] != '\n')
        return -1;
    const char *end = message - 1;
    const char *before = memrchr(start, '\n', (gsize)(end - start));
    const char *line = before != NULL ? before + 1 : start;
    if (end - line > FROM_LINE_MOST || !g_str_has_prefix(line, "From "))
        return -1;
    const char *date = memchr(line + strlen("From "), ' ', (gsize)(end - line) - strlen("From "));
    if (date == NULL)
        return -1;
    g_autofree char *text = g_strndup(date, (gsize)(end - date));
    bool has_zone = strpbrk(text, "+-") != NULL;
    g_autofree char *dated =
        g_strconcat(g_strchomp(text), has_zone ? "" : " +0000", NULL); /* RFC 4155: UTC */
    gint64 time_s = -1;
    mail_date_parse(dated, &time_s, NULL);
    return time_s;
}

static bool scan_mbox(GHashTable *entries, const char *path, gint64 file_time_s, GError **error) {
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, error);
    if (file == NULL)
        return false;
    g_autoptr(GBytes) all = g_mapped_file_get_bytes(file);
    g_autoptr(GPtrArray) messages = message_split_mbox(all);
    const char *start = g_bytes_get_data(all, NULL);
    for (guint i = 0; i < messages->len && i < MESSAGES_MOST; i++) {
        GBytes *message = g_ptr_array_index(messages, i);
        gsize length = 0;
        const char *bytes = g_bytes_get_data(message, &length);
        if (length == 0)
            continue;
        g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
        g_checksum_update(sum, (const guchar *)bytes, (gssize)length);
        guint64 uid = uid_of(sum);
        while (g_hash_table_contains(entries, &uid)) { /* the same bytes once more */
            g_checksum_update(sum, (const guchar *)"+", 1);
            uid = uid_of(sum);
        }
        gint64 time_s = from_line_s(start, bytes);
        if (time_s < 0)
            time_s = mailbox_received_s(bytes, length);
        add_entry(entries, uid, NULL, g_bytes_ref(message), time_s >= 0 ? time_s : file_time_s);
    }
    return true;
}

/* ---- the mailbox
 * ------------------------------------------------------------------------------------------------ */

static bool scan(Dir *self, GError **error) {
    g_autoptr(GHashTable) entries = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, entry_free);
    struct stat status;
    if (stat(self->path, &status) != 0) {
        g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS, "\"%s\": %s", self->path,
                    g_strerror(errno));
        return false;
    }
    g_autofree char *new_path = g_build_filename(self->path, "new", NULL);
    g_autofree char *cur_path = g_build_filename(self->path, "cur", NULL);
    if (!S_ISDIR(status.st_mode)) {
        g_autoptr(GError) why = NULL;
        if (!scan_mbox(entries, self->path, status.st_mtim.tv_sec, &why)) {
            g_set_error_literal(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS, why->message);
            return false;
        }
    } else if (g_file_test(new_path, G_FILE_TEST_IS_DIR) && g_file_test(cur_path, G_FILE_TEST_IS_DIR)) {
        scan_folder(entries, new_path, "", true);
        scan_folder(entries, cur_path, "", true);
    } else {
        scan_folder(entries, self->path, "", false);
        scan_below(entries, self->path);
    }
    g_clear_pointer(&self->entries, g_hash_table_unref);
    self->entries = g_steal_pointer(&entries);
    return true;
}

static bool refuse_other_folders(const char *folder, GError **error) {
    if (g_ascii_strcasecmp(folder, "INBOX") == 0)
        return true;
    g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_FOLDER,
                "a mailbox of files has no folder \"%s\", only INBOX", folder);
    return false;
}

static bool dir_list(Mailbox *mailbox, const char *folder, MailboxListing *ret_listing, GError **error) {
    Dir *self = (Dir *)mailbox;
    if (!refuse_other_folders(folder, error) || !scan(self, error))
        return false;
    GArray *uids = g_array_sized_new(FALSE, FALSE, sizeof(guint64), g_hash_table_size(self->entries));
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, self->entries);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_array_append_val(uids, *(guint64 *)key);
    mailbox_sort_uids(uids);
    *ret_listing = (MailboxListing){.uidvalidity = 1, .uids = uids};
    return true;
}

/* The bytes of an entry as a memfd; -1 where they cannot be read any more, which is not an error. */
static int read_entry(const Entry *entry, guint64 max_bytes, guint64 *ret_size_bytes, GError **error) {
    g_autoptr(GBytes) bytes = NULL;
    if (entry->path != NULL) {
        g_autoptr(GMappedFile) file = g_mapped_file_new(entry->path, FALSE, NULL);
        if (file == NULL)
            return -1;
        bytes = g_mapped_file_get_bytes(file);
    } else {
        bytes = g_bytes_ref(entry->bytes);
    }
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    if (length == 0)
        return -1;
    *ret_size_bytes = length;
    return ipc_memfd("message", data, length > max_bytes ? MIN(length, HEAD_BYTES) : length, error);
}

static bool dir_fetch(Mailbox *mailbox, const char *folder, const guint64 *uids, gsize n_uids,
                      MailboxReceiver receiver, gpointer data, GError **error) {
    static const char *const NO_FLAGS[] = {NULL};
    Dir *self = (Dir *)mailbox;
    if (!refuse_other_folders(folder, error) || (self->entries == NULL && !scan(self, error)))
        return false;
    for (gsize i = 0; i < n_uids; i++) {
        const Entry *entry = g_hash_table_lookup(self->entries, &uids[i]);
        guint64 size_bytes = 0;
        g_autoptr(GError) why = NULL;
        int fd = entry != NULL ? read_entry(entry, self->max_message_bytes, &size_bytes, &why) : -1;
        if (why != NULL) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        if (fd < 0)
            continue;
        MailboxMessage message = {
            .uid = uids[i],
            .flags = NO_FLAGS,
            .internaldate_s = entry->time_s,
            .size_bytes = size_bytes,
            .is_oversize = size_bytes > self->max_message_bytes,
            .fd = fd,
        };
        bool is_taken = receiver(&message, data, &why);
        close(fd);
        if (!is_taken) {
            if (why != NULL)
                g_propagate_error(error, g_steal_pointer(&why));
            else
                g_set_error_literal(error, MAILBOX_ERROR, MAILBOX_ERROR_STOPPED, "stopped");
            return false;
        }
    }
    return true;
}

static char **dir_folders(Mailbox *mailbox, GError **error) {
    static const char *const ONLY[] = {"INBOX", NULL};
    return g_strdupv((char **)ONLY);
}

static char *dir_check(Mailbox *mailbox, GError **error) {
    Dir *self = (Dir *)mailbox;
    return scan(self, error)
               ? g_strdup_printf("%s, %u messages", self->path, g_hash_table_size(self->entries))
               : NULL;
}

static void dir_free(Mailbox *mailbox) {
    Dir *self = (Dir *)mailbox;
    g_clear_pointer(&self->entries, g_hash_table_unref);
    g_free(self->path);
    g_free(self);
}

Mailbox *mailbox_dir_new(const char *path, guint64 max_message_bytes) {
    static const MailboxClass class = {dir_list, dir_fetch, dir_folders, NULL, dir_check, dir_free};
    Dir *self = g_new0(Dir, 1);
    self->mailbox.class = &class;
    self->path = g_strdup(path);
    self->max_message_bytes = max_message_bytes;
    return &self->mailbox;
}
