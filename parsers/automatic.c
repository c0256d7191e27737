#include "parsers/automatic.h"

#include <string.h>

#include "parsers/automatic_bounce.h"
#include "parsers/charset.h"
#include "parsers/encoded_word.h"

#define TEXT_LOOKED_AT_BYTES (64u << 10) /* of one part; what a system has to say stands at the top */

#define HAS_ANY_OF(text, list)    has_any_of(text, list, G_N_ELEMENTS(list))
#define HAS_PREFIX_OF(text, list) has_prefix_of(text, list, G_N_ELEMENTS(list))

static bool has_any_of(const char *text, const char *const *words, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (strstr(text, words[i]) != NULL)
            return true;
    return false;
}

static bool has_prefix_of(const char *text, const char *const *words, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (g_str_has_prefix(text, words[i]))
            return true;
    return false;
}

/* What the decision rests on. Texts are lower case with single blanks. */
typedef struct {
    const Message *message;
    GMimeObject *headers;
    char *subject, *body, *sender;
    char *report; /* the message's own text and its delivery-status parts, as they are */
    bool has_null_sender, has_status_part, has_disposition_part, has_feedback_part, has_returned_part;
} Evidence;

static char *header_of(const Evidence *evidence, const char *name) {
    const char *raw = message_raw_header(evidence->headers, name);
    if (raw == NULL)
        return NULL;
    g_autofree char *text = encoded_word_decode(raw, -1, false);
    return g_ascii_strdown(text, -1);
}

static void append_part(GString *report, const MessagePart *part) {
    gsize length;
    const void *bytes = g_bytes_get_data(part->data, &length);
    if (length == 0)
        return;
    g_autofree char *text =
        charset_to_utf8(bytes, MIN(length, TEXT_LOOKED_AT_BYTES), part->charset, false, NULL);
    g_autofree char *clean = charset_clean(text, -1);
    g_string_append_c(report, '\n');
    g_string_append(report, clean);
}

/* Where a system begins to quote the mail that it returns; NULL where it does not. */
static const char *returned_mail(const char *text) {
    static const char *const MARKS[] = {
        "--- Below this line is a copy of the message.",
        "------ This is a copy of the message",
        "----- Original message",
        "----- Message header follows",
        "----- Unsent message follows",
        "--- Original message",
        "--- original message",
        "----- Returned message follows",
        "----- Unsent message below",
        "--- The header of the original",
        "--- Undelivered message follows",
        "Original message follows",
        "The original message",
        "------ Original Message",
        "----- Your original message",
        "Your original message",
        "--- Enclosed is a copy",
        "------ This is a copy of your message",
        "--- Attachment is a copy of the message",
        "-----Original Message-----",
        "Below is a copy of",
        "Original Headers:",
        "Received: from ",
        "Included is a copy of the message header",
    };
    const char *first = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(MARKS); i++) {
        const char *found = strstr(text, MARKS[i]);
        if (found != NULL && found > text && (first == NULL || found < first))
            first = found;
    }
    return first;
}

static void gather(Evidence *evidence) {
    const Message *message = evidence->message;
    g_autoptr(GString) report = g_string_new(NULL);
    const char *returned = returned_mail(message->body);
    gsize own_length = returned != NULL ? (gsize)(returned - message->body) : strlen(message->body);
    g_string_append_len(report, message->body, (gssize)MIN(own_length, TEXT_LOOKED_AT_BYTES));
    for (guint i = 0; i < message->parts->len; i++) {
        const MessagePart *part = g_ptr_array_index(message->parts, i);
        if (part->message_depth > 0) {
            evidence->has_returned_part = true;
            continue;
        }
        const char *type = part->content_type;
        if (strcmp(type, "message/delivery-status") == 0 ||
            strcmp(type, "message/global-delivery-status") == 0) {
            evidence->has_status_part = true;
            append_part(report, part);
        } else if (strcmp(type, "message/disposition-notification") == 0) {
            evidence->has_disposition_part = true;
            append_part(report, part);
        } else if (strcmp(type, "message/feedback-report") == 0) {
            evidence->has_feedback_part = true;
            append_part(report, part);
        } else if (strcmp(type, "text/rfc822-headers") == 0 || strcmp(type, "message/rfc822") == 0) {
            evidence->has_returned_part = true;
        }
    }
    evidence->has_returned_part |= returned != NULL;
    evidence->report = g_string_free(g_steal_pointer(&report), FALSE);
    evidence->subject = automatic_bounce_fold(message->subject, 1000);
    evidence->body = automatic_bounce_fold(evidence->report, TEXT_LOOKED_AT_BYTES);
    g_autofree char *sender = g_strconcat(message->from, " ", message->from_name, NULL);
    evidence->sender = automatic_bounce_fold(sender, 1000);
    g_autofree char *path = header_of(evidence, "Return-Path");
    evidence->has_null_sender =
        path != NULL &&
        (strcmp(path, "<>") == 0 || *path == '\0' || g_str_has_prefix(path, "<mailer-daemon") ||
         strcmp(path, "<#@[]>") == 0 || strcmp(path, "mailer-daemon") == 0);
}

static bool is_daemon(const Evidence *evidence) {
    static const char *const NAMES[] = {
        "mailer-daemon",
        "mailerdaemon",
        "mailer_daemon",
        "mail-daemon",
        "maildaemon",
        "mdaemon",
        "postmaster",
        "post_master",
        "post-master",
        "mailadmin",
        "mail delivery",
        "maildelivery",
        "mail deliverer",
        "delivery subsystem",
        "delivery system",
        "mail administrator",
        "system administrator",
        "email delivery",
        "mail system",
        "mailsystem",
        "bounce",
        "delivery service",
        "e-mail system",
        "message delivery",
        "系统退信",
        "邮件系统",
        "邮箱管理",
        "退信",
    };
    return HAS_ANY_OF(evidence->sender, NAMES);
}

static bool has_bounce_subject(const Evidence *evidence) {
    static const char *const WORDS[] = {
        "failure notice",
        "delivery failure",
        "undeliver",
        "delivery status notification",
        "returned mail",
        "delivery fail",
        "mail fail",
        "mail system error",
        "delivery notification",
        "non-delivery",
        "nondeliver",
        "non delivery",
        "returned to sender",
        "could not be delivered",
        "couldn't be delivered",
        "cannot be delivered",
        "unable to deliver",
        "not delivered",
        "delivery error",
        "delivery delayed",
        "delayed mail",
        "message delayed",
        "error sending",
        "bounced",
        "delivery report",
        "can't deliver",
        "cannot deliver",
        "mail error",
        "user unknown",
        "failed delivery",
        "failed mail",
        "failed:",
        "message status",
        "mail delivery",
        "message delivery",
        "delivery problem",
        "delivery incomplete",
        "rejected",
        "returned message",
        "undelivered",
        "unknown recipient",
        "could not be sent",
        "dsn",
        "warning: could not send",
        "permanent error",
        "nondelivery",
        "email not delivered",
        "message you sent",
        "your message to",
        "failure delivery",
        "mail returned",
        "error mail",
        "退信",
        "投递失败",
        "未送达",
        "无法送达",
        "无法投递",
        "发送失败",
        "退回",
        "unzustellbar",
        "zustellung",
        "non remis",
        "non remise",
        "échec",
        "no entregado",
        "devuelto",
        "não entregue",
        "mancato recapito",
        "недостав",
        "送信エラー",
        "配信エラー",
        "配信不能",
        "エラー通知",
        "届け",
    };
    return HAS_ANY_OF(evidence->subject, WORDS);
}

static bool has_reply_subject(const Evidence *evidence) {
    static const char *const BEGINNINGS[] = {
        "自动回复",
        "自動回覆",
        "自動回復",
        "自动答复",
        "自動答覆",
        "自动应答",
        "auto-reply",
        "autoreply",
        "auto reply",
        "automatic reply",
        "auto response",
        "auto-response",
        "out of office",
        "out-of-office",
        "out of the office",
        "automatische antwort",
        "abwesenheitsnotiz",
        "abwesend",
        "réponse automatique",
        "absence du bureau",
        "respuesta automática",
        "resposta automática",
        "risposta automatica",
        "automatisch antwoord",
        "automatiskt svar",
        "autosvar",
        "automatisk svar",
        "автоответ",
        "автоматический ответ",
        "自動返信",
        "自動応答",
        "vacation reply",
        "on vacation",
        "away from my mail",
        "[auto-reply]",
        "(auto-reply)",
        "[自动回复]",
        "【自动回复】",
        "已读:",
        "已读：",
        "已讀:",
        "已讀：",
        "read:",
    };
    const char *subject = evidence->subject;
    static const char *const PREFIXES[] = {"re:", "re：", "回复:", "回复：", "答复:", "答复：", "aw:", "fw:"};
    for (guint i = 0; i < 3; i++) {
        for (gsize j = 0; j < G_N_ELEMENTS(PREFIXES); j++) {
            if (g_str_has_prefix(subject, PREFIXES[j]))
                subject += strlen(PREFIXES[j]);
            while (*subject == ' ')
                subject++;
        }
    }
    if (g_str_has_prefix(subject, "read:") || g_str_has_prefix(subject, "已读") ||
        g_str_has_prefix(subject, "已讀"))
        return strstr(evidence->body, "已读") != NULL || strstr(evidence->body, "was read") != NULL ||
               strstr(evidence->body, "已讀") != NULL;
    return HAS_PREFIX_OF(subject, BEGINNINGS);
}

/* All recipients of a delivery report got the mail: a receipt, not a failure (RFC 3464 2.3.3). */
static bool is_delivered(const Evidence *evidence) {
    g_autofree char *action = automatic_bounce_field(evidence->report, "Action");
    return action != NULL &&
           (g_ascii_strncasecmp(action, "delivered", 9) == 0 ||
            g_ascii_strncasecmp(action, "relayed", 7) == 0 ||
            g_ascii_strncasecmp(action, "expanded", 8) == 0) &&
           strstr(evidence->body, "action: failed") == NULL &&
           strstr(evidence->body, "action:failed") == NULL;
}

/* Abuse reports of services that do not use RFC 5965. */
static bool is_complaint(const Evidence *evidence) {
    static const char *const BEGINNINGS[] = {"complaint about message from", "abuse report", "spam complaint",
                                             "email feedback report", "[abuse report]"};
    return HAS_PREFIX_OF(evidence->subject, BEGINNINGS) && evidence->has_returned_part;
}

/* Bounces as JSON, as mail services of the cloud send them to a subscribed mailbox. */
static bool is_notification(const Evidence *evidence) {
    static const char *const KINDS[] = {"type\":\"bounce\"", "type\":\"complaint\"", "type\": \"bounce\"",
                                        "type\": \"complaint\""};
    return *evidence->body == '{' && HAS_ANY_OF(evidence->body, KINDS);
}

static bool is_bounce(const Evidence *evidence) {
    if (evidence->has_feedback_part || is_complaint(evidence) || is_notification(evidence))
        return true;
    if (evidence->has_status_part)
        return !is_delivered(evidence);
    if (evidence->has_disposition_part)
        return false;
    if (message_raw_header(evidence->headers, "X-Failed-Recipients") != NULL)
        return true;
    bool is_from_system = is_daemon(evidence), has_subject = has_bounce_subject(evidence);
    if (!is_from_system && !evidence->has_null_sender && !has_subject)
        return false; /* nearly all mail: its text is not searched */
    bool has_words = automatic_bounce_has_words(evidence->body);
    if (is_from_system)
        return has_subject || has_words;
    if (evidence->has_null_sender)
        return (has_subject && (has_words || evidence->has_returned_part)) ||
               (has_words && evidence->has_returned_part && !has_reply_subject(evidence));
    return has_subject && has_words && evidence->has_returned_part && evidence->message->references->len == 0;
}

static bool has_reply_header(const Evidence *evidence) {
    static const char *const FIELDS[] = {"X-Autoreply",      "X-Autorespond",      "X-Autoresponder",
                                         "X-Autoreply-From", "X-Auto-Reply-From",  "X-Mail-Autoreply",
                                         "X-Vacation",       "X-Autoreply-Domain", "Vacation"};
    for (gsize i = 0; i < G_N_ELEMENTS(FIELDS); i++) {
        g_autofree char *value = header_of(evidence, FIELDS[i]);
        if (value != NULL && strcmp(value, "no") != 0)
            return true;
    }
    g_autofree char *submitted = header_of(evidence, "Auto-Submitted");
    if (submitted != NULL && *submitted != '\0' && !g_str_has_prefix(submitted, "no"))
        return true;
    static const char *const PRECEDENCES[] = {"Precedence", "X-Precedence"};
    for (gsize i = 0; i < G_N_ELEMENTS(PRECEDENCES); i++) {
        g_autofree char *value = header_of(evidence, PRECEDENCES[i]);
        if (value != NULL && (strstr(value, "auto_reply") != NULL || strstr(value, "auto-reply") != NULL))
            return true;
    }
    return false;
}

/* Texts that services put into answers of their own, at the very top of the letter. */
static bool has_reply_text(const Evidence *evidence) {
    static const char *const BEGINNINGS[] = {
        "这是来自qq邮箱的假期自动回复邮件",
        "这是来自qq邮箱的自动回复",
        "您好，我最近正在休假中，无法亲自回复您的邮件",
        "您好，我已经收到您的邮件。我将在阅读后，尽快给您回复",
        "您好，您的邮件我已收到，我会尽快回复",
        "这是一封自动回复",
        "这是自动回复",
        "此邮件为自动回复",
        "本邮件为自动回复",
        "本邮件由系统自动",
        "【自动回复】",
        "[自动回复]",
        "（自动回复）",
        "自动回复：",
        "自动回复:",
        "this is an automatic reply",
        "this is an automated reply",
        "this is an automated response",
        "this is an automatically generated reply",
        "this is an auto-reply",
        "this is an autoreply",
        "i am currently out of the office",
        "i'm currently out of the office",
        "i am out of the office",
        "i am on vacation",
        "i will be out of the office",
    };
    const char *body = evidence->body;
    while (*body == ' ')
        body++;
    return HAS_PREFIX_OF(body, BEGINNINGS);
}

static bool is_list(const Evidence *evidence) {
    static const char *const FIELDS[] = {"List-Id", "List-Post", "X-Auto-Response-Suppress",
                                         "X-Mailing-List"};
    for (gsize i = 0; i < G_N_ELEMENTS(FIELDS); i++)
        if (message_raw_header(evidence->headers, FIELDS[i]) != NULL)
            return true;
    g_autofree char *precedence = header_of(evidence, "Precedence");
    return precedence != NULL && (strcmp(precedence, "bulk") == 0 || strcmp(precedence, "junk") == 0 ||
                                  strcmp(precedence, "list") == 0);
}

static bool is_own(const Message *message, const MessageOptions *options) {
    if (options == NULL)
        return false;
    if (options->own_address != NULL && g_ascii_strcasecmp(message->from, options->own_address) == 0)
        return true;
    const char *at = strrchr(message->message_id, '@');
    return options->own_id_domain != NULL && at != NULL &&
           g_ascii_strcasecmp(at + 1, options->own_id_domain) == 0;
}

void automatic_classify(Message *message, const MessageWalk *walk, GMimeMessage *source,
                        const MessageOptions *options) {
    if (is_own(message, options)) {
        message->automatic = AUTOMATIC_OWN;
        return;
    }
    Evidence evidence = {.message = message, .headers = GMIME_OBJECT(source)};
    gather(&evidence);
    if (is_bounce(&evidence)) {
        message->automatic = AUTOMATIC_BOUNCE;
        g_autofree char *failed = header_of(&evidence, "X-Failed-Recipients");
        message->bounce = automatic_bounce_read(message, evidence.report, failed);
    } else if (evidence.has_status_part || evidence.has_disposition_part || has_reply_header(&evidence) ||
               has_reply_subject(&evidence) || has_reply_text(&evidence)) {
        message->automatic = AUTOMATIC_REPLY;
    } else if (is_list(&evidence)) {
        message->automatic = AUTOMATIC_LIST;
    }
    g_free(evidence.subject);
    g_free(evidence.body);
    g_free(evidence.sender);
    g_free(evidence.report);
}
