/* What an SMTP server's refusal means for us: providers' codes are classified by their tokens first, then by
 * digits and by where in the dialogue they came (facts/email.md 2.3). One table; no I/O. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* What the keeper does next. */
typedef enum {
    SMTP_SENT,           /* the server took the letter over; not the same as delivered */
    SMTP_RETRY_SOON,     /* slow down: again after retry_after_s, then at growing distances */
    SMTP_RETRY_NEXT_DAY, /* the day's quota is used up: hold everything until after midnight of the provider
                          */
    SMTP_TEMPORARY, /* network or server trouble before the letter was handed over: again after retry_after_s
                     */
    SMTP_UNSURE, /* the connection was lost after the final dot: perhaps delivered, same Message-ID again at
                    most once */
    SMTP_CONTENT_REFUSED,   /* these bytes will never be taken: a person, never the same again */
    SMTP_RECIPIENT_REFUSED, /* this address does not work: mark it, tell the operator */
    SMTP_TOO_LARGE,         /* the letter must shrink */
    SMTP_ACCOUNT,           /* login, sender or reputation: stop all sending, alert by another channel */
    SMTP_OUTCOMES
} SmtpOutcome;

/* How far the dialogue had come. */
typedef enum {
    SMTP_STAGE_CONNECT, /* name, connection, TLS, greeting, EHLO, STARTTLS */
    SMTP_STAGE_LOGIN,
    SMTP_STAGE_MAIL,
    SMTP_STAGE_RCPT,
    SMTP_STAGE_DATA,
    SMTP_STAGE_DOT /* the letter is under way */
} SmtpStage;

typedef struct {
    SmtpOutcome outcome;
    guint retry_after_s; /* for retry_soon and temporary, else 0 */
} SmtpVerdict;

#define SMTP_RETRY_S 900 /* RFC 5321 4.5.4.1 asks for 30 minutes; providers' windows are 15 */

/* "sent", "retry_soon", …, as stored and sent over IPC. */
const char *smtp_outcome_name(SmtpOutcome outcome);
bool smtp_outcome_from_name(const char *name, SmtpOutcome *ret_outcome);

/* Classifies a reply: code of three digits (200..599), line its text (any case, valid UTF-8 or not). Other
 * codes are temporary. */
SmtpVerdict smtp_reply_classify(SmtpStage stage, guint code, const char *line);
