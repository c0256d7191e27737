/* A mailbox: what the fetcher reads from. Two kinds ship: IMAP (imap.h) and files (mailbox_dir.h). */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define MAILBOX_ERROR mailbox_error_quark()
/* The domain of the errors below. */
GQuark mailbox_error_quark(void);

typedef enum {
    MAILBOX_ERROR_TEMPORARY, /* the server cannot now: later */
    MAILBOX_ERROR_PROTOCOL,  /* the server's answer makes no sense: later, on a new connection */
    MAILBOX_ERROR_CHANGED,   /* the folder's UIDs are other ones now: list again */
    MAILBOX_ERROR_LOGIN,     /* refused: a person must look */
    MAILBOX_ERROR_CLIENT,    /* the provider refuses this client (NetEase "Unsafe Login") */
    MAILBOX_ERROR_FOLDER,    /* no such folder */
    MAILBOX_ERROR_SETTINGS,  /* a setting is missing or wrong */
    MAILBOX_ERROR_STOPPED,   /* the receiver said so; its own error is passed on instead where it set one */
} MailboxError;

/* What to do about an error of a mailbox or its stream, one sentence; never NULL. */
const char *mailbox_remedy(const GError *error);

/* Whether trying again later may help without anybody's doing. */
bool mailbox_is_temporary(const GError *error);

/* Seconds that the server asked us to wait, named in the error's text ("Suggested Backoff Time: 299961
 * milliseconds"), at most ten minutes; 0 if it named none. */
guint mailbox_wait_s(const GError *error);

typedef struct {
    gint64 uidvalidity; /* 0 where the server gives none, or an illegal 0 */
    GArray *uids;       /* of guint64, ascending, each once */
    bool is_junk; /* the server, or its name, says that it holds junk: nobody there is answered (SPEC 4) */
    guint quota_percent; /* how full the mailbox is; 0: not known */
} MailboxListing;

void mailbox_listing_clear(MailboxListing *listing);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MailboxListing, mailbox_listing_clear)

/* One message as the server shows it. Everything is borrowed. */
typedef struct {
    guint64 uid;
    const char *const *flags; /* "\\Seen", "$Keyword" …; NULL-terminated */
    gint64 internaldate_s;    /* UTC seconds; -1: the server gave none that makes sense */
    guint64 size_bytes;       /* as the server says it, or of fd; 0: unknown */
    bool is_oversize;         /* larger than max_message_bytes: fd has the header only, or is -1 */
    int fd;                   /* sealed memfd with the raw bytes */
} MailboxMessage;

/* Takes one message; false stops the fetch. */
typedef bool (*MailboxReceiver)(const MailboxMessage *message, gpointer data, GError **error);

typedef struct Mailbox Mailbox;

/* Lists a folder (UTF-8 name) afresh. */
bool mailbox_list(Mailbox *self, const char *folder, MailboxListing *ret_listing, GError **error);

/* Fetches those of n_uids (ascending) that the folder as last listed still has, in any order, and passes each
 * to receiver at most once. One that cannot be had now (vanished, empty, unreadable answer) is left out, not
 * an error: compare what came. After an error, what came is good. */
bool mailbox_fetch(Mailbox *self, const char *folder, const guint64 *uids, gsize n_uids,
                   MailboxReceiver receiver, gpointer data, GError **error);

/* The folders in which mail for us may land: INBOX and, where they exist, those for junk, advertisements and
 * subscriptions (by SPECIAL-USE, RFC 6154, then by name). UTF-8 names; free with g_strfreev(). */
char **mailbox_folders(Mailbox *self, GError **error);

/* Waits until the folder, as last listed, has new mail, or wake_fd is readable. *ret_is_possible: false, and
 * nothing was waited for, where the mailbox cannot tell of news (then ask from time to time). */
bool mailbox_watch(Mailbox *self, const char *folder, int wake_fd, bool *ret_has_news, bool *ret_is_possible,
                   GError **error);

/* Logs in and looks at INBOX; returns one line that says what was found. Caller frees. */
char *mailbox_check(Mailbox *self, GError **error);

void mailbox_free(Mailbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mailbox, mailbox_free)

/* What a kind of mailbox implements: the functions above. */
typedef struct {
    bool (*list)(Mailbox *self, const char *folder, MailboxListing *ret_listing, GError **error);
    bool (*fetch)(Mailbox *self, const char *folder, const guint64 *uids, gsize n_uids,
                  MailboxReceiver receiver, gpointer data, GError **error);
    char **(*folders)(Mailbox *self, GError **error);
    bool (*watch)(Mailbox *self, const char *folder, int wake_fd, bool *ret_has_news, bool *ret_is_possible,
                  GError **error); /* NULL: not possible */
    char *(*check)(Mailbox *self, GError **error);
    void (*free)(Mailbox *self);
} MailboxClass;

struct Mailbox {
    const MailboxClass *class;
};

/* Sorts the uids, drops 0 and what stands twice. For implementations. */
void mailbox_sort_uids(GArray *uids);

/* The instant in the topmost Received field of a message (email: the last hop is ours), or -1. Looks at the
 * first 64 KiB. */
gint64 mailbox_received_s(const char *message, gsize length);
