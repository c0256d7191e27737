#include "gateway/io/smtp_reply.h"

#include <string.h>

static const char *const outcome_names[SMTP_OUTCOMES] = {
    [SMTP_SENT] = "sent",
    [SMTP_RETRY_SOON] = "retry_soon",
    [SMTP_RETRY_NEXT_DAY] = "retry_next_day",
    [SMTP_TEMPORARY] = "temporary",
    [SMTP_UNSURE] = "unsure",
    [SMTP_CONTENT_REFUSED] = "content_refused",
    [SMTP_RECIPIENT_REFUSED] = "recipient_refused",
    [SMTP_TOO_LARGE] = "too_large",
    [SMTP_ACCOUNT] = "account",
};

#define ANY 0 /* as code: whatever the digits are */

/* First match wins: special before general. Tokens are looked for anywhere in the line, in any case. */
static const struct {
    guint code;
    const char *token;
    SmtpOutcome outcome;
    guint retry_after_s;
} rules[] = {
    /* NetEase (Coremail): help_spam_16 */
    {451, "DT:SPM", SMTP_RETRY_SOON, 120}, /* "wait two minutes": once, the keeper counts */
    {ANY, "DT:SPM", SMTP_CONTENT_REFUSED, 0},
    {ANY, "DT:SUM", SMTP_ACCOUNT, 0},
    {ANY, "HL:IHU", SMTP_ACCOUNT, 0},
    {ANY, "HL:IPB", SMTP_ACCOUNT, 0},
    {ANY, "MI:SPB", SMTP_ACCOUNT, 0},
    {ANY, "MI:NHD", SMTP_ACCOUNT, 0}, /* EHLO name missing or random: configuration */
    {ANY, "MI:IMF", SMTP_ACCOUNT, 0},
    {451, "MI:SFQ", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {ANY, "MI:SFQ", SMTP_RETRY_NEXT_DAY, 0},
    {ANY, "MI:STC", SMTP_RETRY_NEXT_DAY, 0},
    {ANY, "RP:TRC", SMTP_RETRY_NEXT_DAY, 0},
    {ANY, "RP:QRC", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {ANY, "RP:RCL", SMTP_RETRY_SOON,
     SMTP_RETRY_S}, /* "too many recipients": ours has one, so the window is meant */
    {ANY, "MI:DMC", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {421, "HL:", SMTP_RETRY_SOON, SMTP_RETRY_S}, /* REP, ICC, IFC, MEP */
    {ANY, "Mail from must equal", SMTP_ACCOUNT, 0},
    {ANY, "NULL sender is not allowed", SMTP_ACCOUNT, 0},
    {ANY, "authentication is required", SMTP_ACCOUNT, 0},
    {ANY, "IP is rejected", SMTP_ACCOUNT, 0},
    {ANY, "too much fail authentication", SMTP_ACCOUNT, 0}, /* a 451, but each further try makes it worse */
    {ANY, "User has no permission", SMTP_ACCOUNT, 0},
    /* QQ, Tencent exmail */
    {ANY, "frequency limited", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {ANY, "too much recipient", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {ANY, "Mail content denied", SMTP_CONTENT_REFUSED, 0},
    {ANY, "Suspected spam", SMTP_CONTENT_REFUSED, 0},
    {ANY, "Illegal Attachment", SMTP_CONTENT_REFUSED, 0},
    {ANY, "Message too large", SMTP_TOO_LARGE, 0},
    {ANY, "exceeded mailsize limit", SMTP_TOO_LARGE, 0},
    {ANY, "message size exceeds", SMTP_TOO_LARGE, 0}, /* Postfix, Exim */
    {ANY, "maximum allowed size", SMTP_TOO_LARGE, 0},
    {ANY, "5.3.4", SMTP_TOO_LARGE, 0}, /* RFC 3463: message too big for system */
    /* recipients */
    {550, "Invalid User", SMTP_RECIPIENT_REFUSED, 0},
    {550, "User not found", SMTP_RECIPIENT_REFUSED, 0},
    {550, "Mailbox not found", SMTP_RECIPIENT_REFUSED, 0},
    {550, "User suspended", SMTP_RECIPIENT_REFUSED, 0},
    {ANY, "is a deactivated mailbox", SMTP_RECIPIENT_REFUSED, 0},
    {552, "quota", SMTP_RECIPIENT_REFUSED, 0},
    {552, "5.2.2", SMTP_RECIPIENT_REFUSED, 0}, /* RFC 3463: mailbox full */
    {ANY, "5.1.1", SMTP_RECIPIENT_REFUSED, 0}, /* RFC 3463: bad destination mailbox address */
    /* login (RFC 4954) */
    {535, "", SMTP_ACCOUNT, 0},
    {534, "", SMTP_ACCOUNT, 0},
    {530, "", SMTP_ACCOUNT, 0},
    {538, "", SMTP_ACCOUNT, 0},
};

/* A permanent refusal that no token explains: by where it came. */
static const SmtpOutcome by_stage[] = {
    [SMTP_STAGE_CONNECT] = SMTP_ACCOUNT,      [SMTP_STAGE_LOGIN] = SMTP_ACCOUNT,
    [SMTP_STAGE_MAIL] = SMTP_ACCOUNT,         [SMTP_STAGE_RCPT] = SMTP_RECIPIENT_REFUSED,
    [SMTP_STAGE_DATA] = SMTP_CONTENT_REFUSED, [SMTP_STAGE_DOT] = SMTP_CONTENT_REFUSED,
};

const char *smtp_outcome_name(SmtpOutcome outcome) {
    return outcome_names[outcome];
}

bool smtp_outcome_from_name(const char *name, SmtpOutcome *ret_outcome) {
    for (int i = 0; i < SMTP_OUTCOMES; i++)
        if (g_strcmp0(name, outcome_names[i]) == 0) {
            *ret_outcome = (SmtpOutcome)i;
            return true;
        }
    return false;
}

SmtpVerdict smtp_reply_classify(SmtpStage stage, guint code, const char *line) {
    if (code >= 200 && code < 300)
        return stage == SMTP_STAGE_DOT ? (SmtpVerdict){SMTP_SENT, 0}
                                       : (SmtpVerdict){SMTP_TEMPORARY, SMTP_RETRY_S};
    if (code < 400 || code > 599)
        return (SmtpVerdict){SMTP_TEMPORARY, SMTP_RETRY_S};
    g_autofree char *text = g_ascii_strdown(line ? line : "", -1);
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autofree char *token = g_ascii_strdown(rules[i].token, -1);
        if ((rules[i].code == ANY || rules[i].code == code) && strstr(text, token))
            return (SmtpVerdict){rules[i].outcome, rules[i].retry_after_s};
    }
    if (code < 500)
        return (SmtpVerdict){SMTP_RETRY_SOON, SMTP_RETRY_S};
    return (SmtpVerdict){by_stage[stage], 0};
}
