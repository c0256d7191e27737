/* What the operator is told: conditions that a person has to end (SPEC 4: stall, full disk, login refused,
 * quota), each once. Pure: the keeper says what holds and since when. */
#pragma once

#include "gateway/core/view.h"

typedef enum {
    ALERT_MAILBOX_LOGIN,         /* the server refuses us, or the settings cannot work */
    ALERT_MAILBOX_UNREACHABLE,   /* no answer, for long */
    ALERT_MAILBOX_QUOTA,         /* nearly full: soon it takes no mail */
    ALERT_TRANSPORT_LOGIN,       /* letters cannot leave: refused */
    ALERT_TRANSPORT_UNREACHABLE, /* letters cannot leave: no answer, for long */
    ALERT_DISK,                  /* nearly full: soon intake stops */
    ALERT_STALLED,               /* mail lies archived and is not read */
    ALERT_CODES
} AlertCode;

/* "mailbox.login" … (static): as the letter and the log name it. */
const char *alert_code_name(AlertCode code);

/* A condition that holds. */
typedef struct {
    AlertCode code;
    gint64 since_s;     /* found first, without a break since then */
    guint times;        /* found so often, at least 1 */
    const char *detail; /* the server's words, figures; or NULL */
} AlertCondition;

/* The letter to the operator (where there is none, the liaison): once for each time that a condition begins,
 * a refused login once a day; not before it has held long or often enough to be more than a hiccup. NULL: not
 * yet, decided already, or nobody to tell. Quiet hours and the silent first contact do not hold it back. The
 * caller owns it. */
Letter *alert_decide(const View *view, const AlertCondition *condition, gint64 now_s);

/* A letter to the operator; facts: code, cause and remedy in his language, detail as it came or NULL; takes
 * key over. NULL (and key freed) where nobody is to be told, or the key was decided. */
Letter *alert_letter_new(const View *view, char *key, const char *code, const char *cause, const char *detail,
                         const char *remedy, gint64 since_s, gint64 now_s);

/* "zh" or "en": in which language the operator is told. */
const char *alert_language(const Programme *programme);
