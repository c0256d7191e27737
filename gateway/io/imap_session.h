/* What the files of the IMAP mailbox share; nobody else includes this. */
#pragma once

#include <libetpan/libetpan.h>

#include "gateway/io/imap.h"

typedef struct {
    Mailbox mailbox;
    ImapOptions options;
    Secret *password;
    mailimap *session;              /* NULL: not connected */
    TlsStream *stream;              /* borrowed from session */
    guint batch;                    /* bodies in the next command */
    char *selected;                 /* folder of the session, UTF-8; NULL: none */
    gint64 uidvalidity;             /* of the selected folder */
    GHashTable *uidvalidity_listed; /* folder → gint64 *: as last listed */
    GHashTable *junk;               /* names of folders that hold junk; NULL: not asked yet in this session */
    bool is_quota_mute;             /* it could not be told how full the mailbox is: not asked again */
    GHashTable *wire_names;         /* folder → name on the wire, for names that are not modified UTF-7 */
} Imap;

/* What an answer may hold beside payload: a listing of a million messages takes 8 MB. */
enum { IMAP_ANSWER_BYTES = 16 << 20 };

/* Connects and logs in where that has not been done. *ret_is_new (may be NULL): whether this call connected.
 */
bool imap_open(Imap *self, bool *ret_is_new, GError **error);

/* Drops the connection without a word; to be called after every error that imap_is_broken(). */
void imap_drop(Imap *self);

/* Whether the connection cannot be used any more after this result of libetpan. */
bool imap_is_broken(const Imap *self, int result);

/* Translates a result of libetpan; `what` is the command, e.g. "FETCH". Drops a broken connection. Always
 * false. */
bool imap_fail(Imap *self, int result, const char *what, GError **error);

/* Starts a command of the session: its deadline, and IMAP_ANSWER_BYTES. */
void imap_begin(Imap *self);

/* Whether the server has named this capability, such as "IDLE". */
bool imap_has(const Imap *self, const char *capability);

/* EXAMINEs a folder (again). */
bool imap_examine(Imap *self, const char *folder, GError **error);

/* Whether a folder holds junk, by its SPECIAL-USE attribute (asked once a session) or its name. */
bool imap_is_junk(Imap *self, const char *folder, bool *ret_is_junk, GError **error);

/* How full the mailbox is, in percent of its limit (RFC 9208); 0: the server does not say. An answer that is
 * no IMAP drops the connection, and it is not asked again. */
guint imap_quota_percent(Imap *self);

/* Implementations of MailboxClass that have a file of their own. */
bool imap_fetch(Mailbox *mailbox, const char *folder, const guint64 *uids, gsize n_uids,
                MailboxReceiver receiver, gpointer data, GError **error);
char **imap_folders(Mailbox *mailbox, GError **error);
bool imap_watch(Mailbox *mailbox, const char *folder, int wake_fd, bool *ret_has_news, bool *ret_is_possible,
                GError **error);
