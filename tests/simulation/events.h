/* What happens in three years, drawn from a seed: who sends when, who takes back, what breaks. Times are
 * those of the real world, in UTC seconds. */
#pragma once

#include "gateway/core/model.h"

enum { YEARS_ORGANIZATIONS = 200, YEARS_SECTIONS = 5, YEARS_QUESTIONS = 1500, YEARS_MINUTES = 5000 };

typedef enum {
    HAPPENS_REPORT,   /* a report lies in the mailbox: org, period, value: the figure that it states */
    HAPPENS_WITHDRAW, /* org, period: taken back by mail */
    HAPPENS_EXEMPT,   /* org, period */
    HAPPENS_SUSPEND,  /* org, value: 1 suspended, 0 resumed */
    HAPPENS_HOLD,     /* org, value: 1 a mail of it waits for a person, 0 settled */
    HAPPENS_QUESTION, /* value: id; a log lies in the mailbox that tells of it */
    HAPPENS_ANSWER,   /* value: id; a log says that it is answered */
    HAPPENS_UP,       /* value: the gateway runs or not */
    HAPPENS_MAILBOX,  /* value: the mailbox can be read or not */
    HAPPENS_SERVER,   /* value: letters can leave or not */
    HAPPENS_CLOCK,    /* value: seconds that the gateway's clock is ahead */
    HAPPENS_RESTART,
    HAPPENS_NOTHING /* a moment at which the gateway looks */
} Happening;

typedef struct {
    gint64 at_s;
    Happening kind;
    gint64 org;
    guint period; /* index into the periods */
    gint64 value;
    gint64 asked_s; /* of a question */
} Event;

/* All events between two instants in order of time, with the second before and after each, and YEARS_MINUTES
 * random minutes. periods: GPtrArray of Period*. The caller frees the array. */
GArray *events_draw(guint32 seed, const GPtrArray *periods, gint64 from_s, gint64 to_s);
