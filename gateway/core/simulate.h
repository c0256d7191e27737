/* Replays time: every letter that plan() would decide from..to, event by event (SPEC 7, `simulate`). */
#pragma once

#include "gateway/core/view.h"

/* Something that happens meanwhile: a submission arrives. */
typedef struct {
    gint64 at_s;
    Submission *submission; /* copied when it happens */
} SimulatedEvent;

typedef struct {
    gint64 at_s;    /* when it was decided */
    Letter *letter; /* owned */
    bool sent;      /* false: its reason was gone when its time came, see cancelled_reason */
    char *cancelled_reason;
} SimulatedLetter;
void simulated_letter_free(SimulatedLetter *letter);

/* Letters in order of time; GPtrArray of SimulatedLetter*, owned by it. The view is used up: letters and
 * submissions are recorded in it. events: SimulatedEvent in order of time, or NULL. Bounded by
 * SIMULATE_STEPS_MAX instants. */
#define SIMULATE_STEPS_MAX 100000
GPtrArray *simulate(View *view, const GArray *events, gint64 from_s, gint64 to_s);
