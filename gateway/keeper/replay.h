/* The archive read again with today's forms, labels and parsers (SPEC 2.4, 7): what would change, and the
 * change itself as revisions of origin "replay". No letter follows. */
#pragma once

#include "gateway/io/progress.h"
#include "gateway/keeper/keeper.h"

typedef struct {
    gint64 since_s;     /* messages received at or after it */
    bool apply;         /* write what changed; the keeper is then open for writing */
    Progress *progress; /* or NULL */
} ReplayOptions;

/* Reads every archived message that was recorded or waits for a person, through readers of its own. The
 * keeper needs configuration, store, archive and view. New reference:
 * {"messages","same","changed","failed","lost","applied","changes":[{"message","organization","obligation","period","state",
 * "fields":[{"field","label","old","new"}]}]}. lost: a form that is not found any more; it is named in
 * changes and never applied. */
json_t *replay_run(Keeper *keeper, const ReplayOptions *options, GError **error);
