/* Labels of forms: what people taught, and what was met that nobody listed (SPEC 3). */
#pragma once

#include "gateway/store/store.h"

typedef struct {
    const char *form, *field; /* keys; a column is "table.column" */
    const char *label;        /* as it stands in documents */
    const char *normal;       /* its normal form, made by the caller */
} StoreLabel;

/* Remembers a label; one that was taught for another field of the form means this one from now on. */
bool store_label_teach(Store *store, const StoreLabel *label, gint64 now_s, GError **error);

/* Forgets a label by its normal form; ret_was_known false where it was not there. */
bool store_label_forget(Store *store, const char *form, const char *normal, bool *ret_was_known,
                        GError **error);

/* A label was met that nobody listed: remembered with the instant of the first time. */
bool store_label_met(Store *store, const char *form, const char *normal, gint64 now_s, GError **error);

/* The liaison was told of all that were met so far. */
bool store_labels_told(Store *store, gint64 now_s, GError **error);

/* [{"form","field","label","learnt_s"}], by form and field; new reference. */
json_t *store_labels_learnt(Store *store, GError **error);

/* What the stored readings hold that nobody listed, the most frequent first, at most limit:
 * [{"form","label","field" (guessed) or null,"count","message" (an example's id)}]; new reference. */
json_t *store_labels_strange(Store *store, guint limit, GError **error);
