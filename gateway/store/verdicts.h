/* What section heads say of reports (SPEC 1): every word is kept, the last one on the current revision
 * counts. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/store.h"

typedef struct {
    gint64 submission_id;
    guint revision; /* the one that was looked at */
    Verdict verdict;
    const char *reason;     /* why it was returned, or NULL */
    const char *by_address; /* of the section head */
    gint64 message_id;      /* that said so */
} StoreVerdict;

/* Keeps a verdict; it stands for the submission as long as that revision, or the same read again, is current.
 */
bool store_verdict_add(Store *store, const StoreVerdict *verdict, gint64 now_s, GError **error);
