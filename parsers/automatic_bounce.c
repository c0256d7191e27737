#include "parsers/automatic_bounce.h"

#include <string.h>

#include "parsers/automatic.h"

#define REASON_MAX_CHARS 300

void automatic_bounce_free(BounceInfo *bounce) {
    if (bounce == NULL)
        return;
    g_free(bounce->recipient);
    g_free(bounce->status);
    g_free(bounce->class_name);
    g_free(bounce->reason);
    g_free(bounce);
}

static bool has_any_of(const char *text, const char *const *words, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (strstr(text, words[i]) != NULL)
            return true;
    return false;
}

#define HAS_ANY_OF(text, list) has_any_of(text, list, G_N_ELEMENTS(list))

char *automatic_bounce_fold(const char *text, gsize max_bytes) {
    gsize length = strnlen(text, max_bytes);
    char *out = g_malloc(length + 1), *to = out;
    for (const char *p = text; p < text + length; p++) {
        if (!g_ascii_isspace(*p))
            *to++ = g_ascii_tolower(*p);
        else if (to > out && to[-1] != ' ')
            *to++ = ' ';
    }
    *to = '\0';
    return out;
}

/* By which mail systems say that something was not delivered. */
static const char *const BOUNCE_WORDS[] = {
    "could not be delivered",
    "couldn't be delivered",
    "can not be delivered",
    "cannot be delivered",
    "can't be delivered",
    "could not be sent",
    "was not delivered",
    "were not delivered",
    "not be delivered",
    "has not been delivered",
    "undeliverable",
    "undelivered",
    "unable to deliver",
    "unable to be delivered",
    "delivery failed",
    "delivery to the following",
    "failed to deliver",
    "delivery has failed",
    "delivery failure",
    "failed permanently",
    "permanent fatal errors",
    "permanent error",
    "transient non-fatal",
    "permanent failure",
    "delivery error",
    "returned to sender",
    "bounce message",
    "qmail-send program",
    "following addresses",
    "did not reach",
    "following recipient",
    "following destination",
    "following error",
    "user unknown",
    "unknown user",
    "could not deliver",
    "couldn't deliver",
    "cannot deliver",
    "can't deliver",
    "not able to deliver",
    "mail system error",
    "transcript of session",
    "problem delivering",
    "delivery attempt",
    "delivery temporarily suspended",
    "delivery is delayed",
    "delivery delayed",
    "message has been delayed",
    "still trying",
    "rejected your message",
    "rejected the message",
    "was rejected",
    "has been rejected",
    "message was returned",
    "is being returned",
    "returned message",
    "message bounced",
    "mailbox full",
    "mailbox is full",
    "over quota",
    "quota exceeded",
    "no such user",
    "does not exist",
    "not exist",
    "recipient address rejected",
    "invalid recipient",
    "unrouteable address",
    "failed recipient",
    "failed address",
    "mail delivery fail",
    "message could not",
    "your message was not",
    "your mail could not",
    "your message to",
    "your email to",
    "error occurred while",
    "non-delivery",
    "nondelivery",
    "host unknown",
    "unknown host",
    "退信",
    "退回",
    "无法发送到",
    "投递失败",
    "未送达",
    "无法送达",
    "无法投递",
    "发送失败",
    "配信できませんでした",
    "送信できませんでした",
    "届けられませんでした",
    "宛先",
    "送れません",
    "エラー",
    "konnte nicht",
    "n'a pas pu",
    "no se pudo",
    "não pôde",
    "не может быть доставлено",
    "не доставлено",
    "non è stato possibile",
    "550 ",
    "554 ",
    "552 ",
    "553 ",
    "551 ",
};

bool automatic_bounce_has_words(const char *text) {
    return HAS_ANY_OF(text, BOUNCE_WORDS);
}

char *automatic_bounce_field(const char *text, const char *name) {
    gsize name_length = strlen(name);
    for (const char *p = text; p != NULL && *p != '\0';) {
        if (g_ascii_strncasecmp(p, name, name_length) == 0 && p[name_length] == ':') {
            GString *value = g_string_new(NULL);
            p += name_length + 1;
            do {
                gsize length = strcspn(p, "\n");
                g_string_append_len(value, p, (gssize)length);
                p += length + (p[length] == '\n');
            } while ((*p == ' ' || *p == '\t') && value->len < 4096);
            g_strstrip(value->str);
            return g_string_free(value, FALSE);
        }
        p = strchr(p, '\n');
        p = p == NULL ? NULL : p + 1;
    }
    return NULL;
}

static bool is_address_char(char c) {
    return g_ascii_isalnum(c) || strchr("!#$%&'*+/=?^_`{|}~.-", c) != NULL;
}

/* The address around the @ at `at`, or NULL. */
static char *address_at(const char *text, const char *at) {
    const char *start = at, *end = at + 1;
    while (start > text && start[-1] != '\0' && is_address_char(start[-1]))
        start--;
    while (g_ascii_isalnum(*end) || *end == '-' || *end == '.' || *end == '_')
        end++;
    while (end > at + 1 && !g_ascii_isalnum(end[-1]))
        end--;
    while (start < at && strchr("'./", *start) != NULL)
        start++;
    if (start == at || end == at + 1 || end - start > 254)
        return NULL;
    return g_strndup(start, (gsize)(end - start));
}

/* "rfc822;a@b", "<a@b> (name)", "rfc822;<a@b>" → the address */
static char *address_in(const char *value) {
    const char *at = value == NULL ? NULL : strchr(value, '@');
    return at == NULL ? NULL : address_at(value, at);
}

/* "leader%40example.com" after BouncedRcpt= in the footer of NetEase's bounces. */
static char *netease_recipient(const char *html) {
    const char *mark = html == NULL ? NULL : strstr(html, "BouncedRcpt=");
    if (mark == NULL)
        return NULL;
    mark += strlen("BouncedRcpt=");
    g_autofree char *escaped = g_strndup(mark, strcspn(mark, "&\"' >\n"));
    g_autofree char *plain = g_uri_unescape_string(escaped, NULL);
    return address_in(plain);
}

static bool is_party(const Message *message, const char *address) {
    if (g_ascii_strcasecmp(address, message->from) == 0)
        return true;
    g_autofree char *lower = g_ascii_strdown(address, -1);
    return g_str_has_prefix(lower, "postmaster@") || g_str_has_prefix(lower, "mailer-daemon@") ||
           g_str_has_prefix(lower, "abuse@") || g_str_has_prefix(lower, "support@") ||
           g_str_has_prefix(lower, "mailerdaemon@");
}

static bool is_own(const Message *message, const char *address) {
    for (guint i = 0; i < message->to->len; i++)
        if (g_ascii_strcasecmp(address, g_ptr_array_index(message->to, i)) == 0)
            return true;
    return false;
}

/* The first address of the text that is neither the system's nor ours; else ours. */
static char *recipient_in_text(const Message *message, const char *text) {
    const guint ADDRESSES_LOOKED_AT = 50;
    g_autofree char *fallback = NULL;
    const char *p = text;
    for (guint i = 0; i < ADDRESSES_LOOKED_AT && (p = strchr(p, '@')) != NULL; i++, p++) {
        g_autofree char *address = address_at(text, p);
        if (address == NULL || strchr(address, '.') == NULL || is_party(message, address))
            continue;
        if (!is_own(message, address))
            return g_steal_pointer(&address);
        if (fallback == NULL)
            fallback = g_steal_pointer(&address);
    }
    return g_steal_pointer(&fallback);
}

static char *find_recipient(const Message *message, const char *text, const char *failed_header) {
    static const char *const FIELDS[] = {"Final-Recipient",     "Original-Recipient", "X-Actual-Recipient",
                                         "X-Failed-Recipients", "X-Failed-Recipient", "Failed-Recipient",
                                         "Original-Rcpt-To",    "Removal-Recipient"};
    for (gsize i = 0; i < G_N_ELEMENTS(FIELDS); i++) {
        g_autofree char *value = automatic_bounce_field(text, FIELDS[i]);
        char *address = address_in(value);
        if (address != NULL)
            return address;
        if (i == 0 && (address = address_in(failed_header)) != NULL)
            return address;
    }
    char *address = netease_recipient(message->body_html);
    if (address == NULL) { /* a report quoted inside another one */
        g_autofree char *value = automatic_bounce_field(message->body, FIELDS[0]);
        address = address_in(value);
    }
    return address != NULL ? address : recipient_in_text(message, text);
}

/* "5.1.1" at p: class 4 or 5, subject and detail up to three digits (RFC 3463 2). Length, or 0. */
static gsize status_length(const char *p) {
    if ((*p != '4' && *p != '5') || p[1] != '.')
        return 0;
    gsize i = 2, digits = 0;
    while (g_ascii_isdigit(p[i]) && digits < 3)
        i++, digits++;
    if (digits == 0 || p[i] != '.')
        return 0;
    i++;
    for (digits = 0; g_ascii_isdigit(p[i]) && digits < 3; digits++)
        i++;
    return digits > 0 && !g_ascii_isdigit(p[i]) && p[i] != '.' ? i : 0;
}

static char *status_in(const char *text) {
    for (const char *p = text; (p = strpbrk(p, "45")) != NULL; p++) {
        if (p > text && (g_ascii_isalnum(p[-1]) || p[-1] == '.'))
            continue;
        gsize length = status_length(p);
        if (length > 0)
            return g_strndup(p, length);
    }
    return NULL;
}

/* The first SMTP reply code of class 4 or 5 that stands as one ("550 5.1.1 …", "550-", "(550"), or 0. */
static guint reply_code_in(const char *text) {
    for (const char *p = text; (p = strpbrk(p, "45")) != NULL; p++) {
        if (p > text && (g_ascii_isalnum(p[-1]) || strchr(".-@/:+=", p[-1]) != NULL))
            continue;
        if (p[1] >= '0' && p[1] <= '7' && g_ascii_isdigit(p[2]) &&
            (p[3] == ' ' || p[3] == '-' || p[3] == ':' || p[3] == ')'))
            return (guint)(p[0] - '0') * 100 + (guint)(p[1] - '0') * 10 + (guint)(p[2] - '0');
    }
    return 0;
}

/* The address or its host does not exist, now and for ever. */
static const char *const DEAD_WORDS[] = {
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "no such person",
    "no such mailbox",
    "no such address",
    "no such account",
    "no such email",
    "no mailbox here",
    "no mailbox by that name",
    "no account by that name",
    "no user exists",
    "user does not exist",
    "user doesn't exist",
    "user not exist",
    "user not found",
    "user is unknown",
    "user is not found",
    "user isn't found",
    "user isn't exist",
    "account does not exist",
    "account doesn't exist",
    "account that you tried to reach does not exist",
    "address does not exist",
    "address doesn't exist",
    "mailbox does not exist",
    "mailbox doesn't exist",
    "mailbox not found",
    "mailbox unknown",
    "mailbox unavailable or access denied",
    "mailbox could not be found",
    "recipient unknown",
    "unknown recipient",
    "recipient not found",
    "recipient does not exist",
    "recipient doesn't exist",
    "recipient not exist",
    "recipient notfound",
    "recipient address rejected: unknown",
    "recipient address rejected: invalid",
    "invalid recipient",
    "invalid mailbox",
    "invalid user",
    "invalid address",
    "invalid final delivery",
    "unknown address",
    "unknown local",
    "unknown account",
    "unknown or illegal alias",
    "unknown e-mail",
    "unknown email",
    "bad destination",
    "bad address",
    "not a valid recipient",
    "not a valid user",
    "not a valid mailbox",
    "isn't a valid",
    "not listed in",
    "not our customer",
    "not known here",
    "not found in directory",
    "no longer valid",
    "not exist here",
    "unrouteable address",
    "unroutable address",
    "undeliverable address",
    "not a known user",
    "unknown virtual",
    "address unknown",
    "address error",
    "address wasn't found",
    "address not found",
    "address couldn't be found",
    "wasn't found at",
    "does not have an account",
    "doesn't have a ",
    "not have an account",
    "dosn't exist",
    "does not exist on",
    "that address does not exist",
    "email address could not be found",
    "recipientnotfound",
    "resolver.adr.recip",
    "resolver.adr.exrecipnotfound",
    "destination addresses were unknown",
    "not listed in domino directory",
    "not listed in public name",
    "there is no user",
    "there is no such",
    "this user doesn't have",
    "this address no longer",
    "this email address does not exist",
    "utilisateur inconnu",
    "empfänger unbekannt",
    "用户不存在",
    "收件人不存在",
    "地址不存在",
    "邮箱不存在",
    "帐户不存在",
    "账户不存在",
    "帐号不存在",
    "账号不存在",
    "用户未找到",
    "找不到收件人",
    "无此用户",
    "不存在",
    "見つかりません",
    "宛先不明",
    "host unknown",
    "unknown host",
    "host not found",
    "domain not found",
    "no such domain",
    "domain does not exist",
    "domain doesn't exist",
    "domain is not reachable",
    "name or service not known",
    "nxdomain",
    "illegal host",
    "unresolvable",
    "no such host",
    "host or domain name not found",
    "domain name not found",
    "unknown domain",
    "domain isn't found",
    "invalid domain",
    "cannot resolve",
    "couldn't find any host",
    "domain must exist",
    "no matches to nameserver",
    "no smtp service",
    "not accepting network messages",
    "dns lookup failure: host",
    "may not exist",
    "does not exist",
    "doesn't exist",
    "does not accept mail",
    "doesn't accept mail",
    "null mx",
    "not accept any mail",
    "not accepting mail",
    "smtp protocol returned a permanent error",
    "mailbox unavailable",
    "inactive email address",
    "has moved",
    "user moved",
    "address changed",
    "has been replaced",
    "no longer works here",
    "no longer with",
};

/* The mail was not wanted or came too early: the address may well live. A full box is looked for before
 * (FULL_WORDS). */
static const char *const LIVING_WORDS[] = {
    "mailbox size limit",
    "too large",
    "too big",
    "message size",
    "size limit",
    "exceeds maximum",
    "max message size",
    "spam",
    "blacklist",
    "blocklist",
    "block list",
    "black list",
    "rbl",
    "blocked",
    "reputation",
    "dmarc",
    "dkim",
    "spf",
    "reverse dns",
    "ptr record",
    "no ptr",
    "rdns",
    "helo",
    "policy",
    "prohibited",
    "virus",
    "malware",
    "phish",
    "greylist",
    "graylist",
    "try again",
    "temporar",
    "timed out",
    "timeout",
    "time out",
    "connection refused",
    "connection reset",
    "too many",
    "rate limit",
    "throttl",
    "deferred",
    "expired",
    "retry time",
    "inactive",
    "disabled",
    "suspended",
    "deactivated",
    "not active",
    "locked",
    "access denied",
    "relay",
    "authentication",
    "not permitted",
    "not authorized",
    "not allowed",
    "forwarding loop",
    "mail loop",
    "too many hops",
    "hop count",
    "loops back",
    "content rejected",
    "message content",
    "message rejected",
    "undesired",
    "refused",
    "banned",
    "security",
    "空间",
    "超过",
    "垃圾",
    "拒绝",
    "超时",
    "频率",
    "禁用",
    "冻结",
};

/* The box is full: it will have room again. */
static const char *const FULL_WORDS[] = {
    "mailbox full",
    "mailbox is full",
    "mailbox exceeded",
    "mailbox has exceeded",
    "over quota",
    "overquota",
    "quota exceed",
    "exceeded quota",
    "exceeds quota",
    "exceeded storage",
    "disk quota",
    "mail quota",
    "quota violation",
    "storage limit",
    "not enough space",
    "no space left",
    "account is full",
    "inbox is full",
    "out of storage",
    "full mailbox",
    "maildir over",
    "mailfolder is full",
    "容量",
    "空间不足",
    "已满",
    "insufficient system storage",
};

/* The refusal came at another step than naming the recipient, so it is about the sender, the host or the
 * content. */
static const char *const OTHER_STEP_WORDS[] = {
    "end of data",
    "data command",
    "mail from command",
    "after mail from",
    "reply to mail from",
    "ehlo command",
    "helo command",
    "sender address",
    "sender domain",
    "your domain",
    "after pipelined data",
    "in reply to data",
    "smtp error from remote mail server after data",
};

/* The address was accepted and the letter then refused: a filter, whatever its words. */
static const char *const AFTER_DATA_WORDS[] = {
    "after end of data", "in reply to end of data", ">>> data <<<",
    ">>> . <<<",         "smtp command data",       "in reply to data command",
};

static bool is_dead_status(const char *status) {
    static const char *const DEAD[] = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4", "4.1.1"};
    for (gsize i = 0; i < G_N_ELEMENTS(DEAD); i++)
        if (strcmp(status, DEAD[i]) == 0)
            return true;
    return false;
}

/* True if a status names a cause of its own (x.0.0, 5.5.0 and the like say nothing). */
static bool is_telling_status(const char *status) {
    return g_str_has_prefix(status + 1, ".2.") || g_str_has_prefix(status + 1, ".3.") ||
           g_str_has_prefix(status + 1, ".7.") || g_str_has_prefix(status + 1, ".6.") ||
           strcmp(status, "5.1.7") == 0 || strcmp(status, "5.1.8") == 0;
}

static const char *classify(const char *diagnosis, const char *whole, const char *status) {
    bool is_dead = HAS_ANY_OF(diagnosis, DEAD_WORDS), is_living = HAS_ANY_OF(diagnosis, LIVING_WORDS);
    if (HAS_ANY_OF(diagnosis, FULL_WORDS))
        return "soft";
    if (status != NULL && is_dead_status(status) && is_dead && !HAS_ANY_OF(diagnosis, OTHER_STEP_WORDS))
        return "hard";
    if (HAS_ANY_OF(diagnosis, OTHER_STEP_WORDS) ||
        (HAS_ANY_OF(whole, AFTER_DATA_WORDS) && strstr(whole, ">>> rcpt") == NULL) ||
        (status != NULL && (strcmp(status, "5.1.7") == 0 || strcmp(status, "5.1.8") == 0)))
        return "other";
    if (status != NULL && is_dead_status(status) && !is_living && *status == '5')
        return "hard";
    if (status != NULL && *status == '4')
        return "soft";
    if (status != NULL && is_telling_status(status) && !is_dead)
        return g_str_has_prefix(status, "5.2.2") || g_str_has_prefix(status, "5.2.1") ? "soft" : "other";
    if (is_dead)
        return "hard";
    if (is_living)
        return "other";
    if (HAS_ANY_OF(whole, FULL_WORDS))
        return "soft";
    return HAS_ANY_OF(whole, DEAD_WORDS) && !HAS_ANY_OF(whole, OTHER_STEP_WORDS) ? "hard" : "other";
}

/* The line that says why: Diagnostic-Code, or the first line with a reply code. */
static char *find_reason(const char *text) {
    char *diagnosis = automatic_bounce_field(text, "Diagnostic-Code");
    if (diagnosis != NULL && *diagnosis != '\0')
        return diagnosis;
    g_free(diagnosis);
    for (const char *p = text; *p != '\0';) {
        gsize length = strcspn(p, "\n");
        g_autofree char *line = g_strndup(p, MIN(length, 1000));
        if (reply_code_in(line) >= 400 || strstr(line, "退信原因") != NULL) {
            const char *next = p + length + (p[length] == '\n');
            g_autofree char *more =
                g_strndup(next, MIN(strcspn(next, "\n"), 500)); /* replies of several lines */
            bool is_next_recipient = strchr(more, '@') != NULL && reply_code_in(more) >= 400;
            return g_strconcat(g_strstrip(line), is_next_recipient ? NULL : " ", more, NULL);
        }
        p += length + (p[length] == '\n');
    }
    return NULL;
}

/* What stands about a recipient in a text without codes: from its line to the next recipient's. The caller
 * frees it. */
static char *text_near(const char *text, const char *recipient) {
    const guint LINES_MAX = 8;
    const char *start = recipient == NULL ? NULL : strstr(text, recipient);
    if (start == NULL)
        return g_strdup(text);
    const char *end = start + strcspn(start, "\n");
    for (guint i = 0; i < LINES_MAX && *end != '\0'; i++) {
        gsize length = strcspn(end + 1, "\n");
        g_autofree char *line = g_strndup(end + 1, length);
        if (strchr(line, '@') != NULL && strstr(line, recipient) == NULL)
            break;
        end += 1 + length;
    }
    return g_strndup(start, (gsize)(end - start));
}

BounceInfo *automatic_bounce_read(const Message *message, const char *text, const char *failed_header) {
    const gsize LOOKED_AT_BYTES = 64 << 10;
    BounceInfo *bounce = g_new0(BounceInfo, 1);
    bounce->recipient = find_recipient(message, text, failed_header);
    bounce->reason = find_reason(text);
    g_autofree char *whole = automatic_bounce_fold(text, LOOKED_AT_BYTES);
    g_autofree char *near =
        bounce->reason != NULL ? g_strdup(bounce->reason) : text_near(text, bounce->recipient);
    g_autofree char *diagnosis = automatic_bounce_fold(near, LOOKED_AT_BYTES);
    g_autofree char *field = automatic_bounce_field(text, "Status");
    bounce->status = status_in(diagnosis);
    if (bounce->status == NULL && field != NULL)
        bounce->status = status_in(field);
    bounce->class_name = g_strdup(classify(diagnosis, whole, bounce->status));
    if (bounce->reason != NULL) {
        g_autofree char *valid = g_utf8_make_valid(bounce->reason, -1);
        g_strdelimit(valid, "\r\n\t", ' ');
        g_free(bounce->reason);
        bounce->reason = g_utf8_substring(valid, 0, MIN(g_utf8_strlen(valid, -1), REASON_MAX_CHARS));
    }
    return bounce;
}
