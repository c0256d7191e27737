/* The state that a decision may look at (gateway/core/model.h: Snapshot), read in one go. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/store.h"

typedef struct {
    const char *const
        *periods;      /* NULL-terminated period keys: only submissions and letters of these; NULL: of all */
    bool with_content; /* fields, tables and problems of submissions too (else NULL) */
    bool with_people;  /* beside the periods: receipts and activity exports that scores are joined with, with
                          contents; needs with_content */
} SnapshotScope;

/* Reads one consistent state. organizations: all that are not merged away. submissions: current, not
 * withdrawn, in scope, those without a period only where periods is NULL. letter_keys: letters in scope, and
 * all without a period except acks, corrections and defects (these are never planned). pending: mail that is
 * not recorded or is in review, whose sender or named organization is known. Measured with 10,000
 * organizations: gateway/store/README.md. */
bool store_snapshot(Store *store, const Programme *programme, const SnapshotScope *scope,
                    Snapshot **ret_snapshot, GError **error);
