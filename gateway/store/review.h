/* What needs a person (待人工处理): one entry a reason and message, open until somebody decides (SPEC 2). */
#pragma once

#include "gateway/store/store.h"

typedef struct {
    gint64 id, message_id;
    char *code;                /* reason as a word: "unknown_sender", "encrypted", "reader_crash" … */
    char *text;                /* the plain reason for the liaison */
    gint64 opened_s, closed_s; /* closed_s 0: open */
    char *outcome;             /* what was decided and by whom, NULL while open */
} StoreReview;

void store_review_free(StoreReview *review);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreReview, store_review_free)

/* Opens an entry; one that is open for the same message and code is kept instead (ret_new false). ret_id,
 * ret_new may be NULL. */
bool store_review_open(Store *store, gint64 message_id, const char *code, const char *text, gint64 now_s,
                       gint64 *ret_id, bool *ret_new, GError **error);

/* Closes one entry (_NOT_FOUND where it is not open), or all that a message has open (none is no error). */
bool store_review_close(Store *store, gint64 id, const char *outcome, gint64 now_s, GError **error);
bool store_review_close_message(Store *store, gint64 message_id, const char *outcome, gint64 now_s,
                                GError **error);

/* One entry, open or not; _NOT_FOUND. */
StoreReview *store_review_get(Store *store, gint64 id, GError **error);

/* How many entries a message has open. */
bool store_review_count_open(Store *store, gint64 message_id, guint *ret_count, GError **error);

/* Entries, oldest first, at most limit: open ones or all; opened at or after since_s (for the hourly digest).
 * StoreReview* in an owning array. */
bool store_review_list(Store *store, bool open_only, gint64 since_s, guint limit, GPtrArray **ret_reviews,
                       GError **error);
