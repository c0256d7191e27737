#include "gateway/io/imap.h"

#include <string.h>

#include "gateway/io/imap_session.h"

enum { LOGOUT_TIMEOUT_MS = 2000 }; /* politeness towards a server that limits connections, no more */

/* ---- folders
 * ---------------------------------------------------------------------------------------------------- */

/* UID SEARCH ALL: neither UIDNEXT nor flags are to be trusted, and text search less (facts). */
static GArray *search_all(Imap *self, GError **error) {
    enum { UIDS_MOST = 5000000 };
    clist *found = NULL;
    struct mailimap_search_key *key = mailimap_search_key_new_all();
    imap_begin(self);
    int result = mailimap_uid_search(self->session, NULL, key, &found);
    mailimap_search_key_free(key);
    if (result != MAILIMAP_NO_ERROR) {
        imap_fail(self, result, "UID SEARCH", error);
        return NULL;
    }
    GArray *uids = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (clistiter *i = found != NULL ? clist_begin(found) : NULL; i != NULL && uids->len < UIDS_MOST;
         i = clist_next(i)) {
        guint64 uid = *(const uint32_t *)clist_content(i);
        g_array_append_val(uids, uid);
    }
    if (found != NULL)
        mailimap_search_result_free(found);
    mailbox_sort_uids(uids);
    return uids;
}

static bool list_once(Imap *self, const char *folder, MailboxListing *ret_listing, bool *ret_is_new,
                      GError **error) {
    bool is_junk = false;
    if (!imap_open(self, ret_is_new, error) || !imap_is_junk(self, folder, &is_junk, error) ||
        !imap_examine(self, folder, error))
        return false;
    GArray *uids = search_all(self, error);
    if (uids == NULL)
        return false;
    g_hash_table_replace(self->uidvalidity_listed, g_strdup(folder),
                         g_memdup2(&self->uidvalidity, sizeof self->uidvalidity));
    *ret_listing = (MailboxListing){.uidvalidity = self->uidvalidity, .uids = uids, .is_junk = is_junk};
    if (g_ascii_strcasecmp(folder, "INBOX") == 0)
        ret_listing->quota_percent = imap_quota_percent(self);
    return true;
}

static bool imap_list(Mailbox *mailbox, const char *folder, MailboxListing *ret_listing, GError **error) {
    Imap *self = (Imap *)mailbox;
    g_autoptr(GError) first = NULL;
    bool is_new = false;
    if (list_once(self, folder, ret_listing, &is_new, &first))
        return true;
    /* a connection that idled since the last poll may be dead: that is no news */
    if (!is_new && self->session == NULL && mailbox_is_temporary(first))
        return list_once(self, folder, ret_listing, NULL, error);
    g_propagate_error(error, g_steal_pointer(&first));
    return false;
}

static char *imap_check(Mailbox *mailbox, GError **error) {
    Imap *self = (Imap *)mailbox;
    imap_drop(self); /* a login is what is asked for */
    MailboxListing listing = {0};
    if (!list_once(self, "INBOX", &listing, NULL, error))
        return NULL;
    char *text =
        g_strdup_printf("%s:%u, %s, logged in, %u messages in INBOX", self->options.stream.host,
                        self->options.stream.port, tls_stream_protocol(self->stream), listing.uids->len);
    mailbox_listing_clear(&listing);
    return text;
}

static void imap_free(Mailbox *mailbox) {
    Imap *self = (Imap *)mailbox;
    if (self->session != NULL && tls_stream_failure(self->stream) == NULL) {
        tls_stream_begin(self->stream, LOGOUT_TIMEOUT_MS, IMAP_ANSWER_BYTES);
        mailimap_logout(self->session);
    }
    imap_drop(self);
    secret_free(self->password);
    g_hash_table_unref(self->uidvalidity_listed);
    g_hash_table_unref(self->wire_names);
    g_free((char *)self->options.stream.host);
    g_free((char *)self->options.stream.ca_file);
    g_free((char *)self->options.user);
    g_free(self);
}

Mailbox *imap_new(const ImapOptions *options, Secret *password) {
    static const MailboxClass class = {imap_list,  imap_fetch, imap_folders,
                                       imap_watch, imap_check, imap_free};
    Imap *self = g_new0(Imap, 1);
    self->mailbox.class = &class;
    self->options = *options;
    self->options.stream.host = g_strdup(options->stream.host);
    self->options.stream.ca_file = g_strdup(options->stream.ca_file);
    self->options.user = g_strdup(options->user);
    self->password = password;
    self->uidvalidity_listed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    self->wire_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return &self->mailbox;
}
