/* How letters leave: one letter to one recipient at a time. Two implementations: SMTP, and a directory of
 * .eml files (tests, dry runs, the demo without servers). */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "gateway/io/smtp_reply.h"

typedef struct {
    SmtpOutcome outcome;
    guint code;          /* of the server's last reply, 0 where it gave none */
    guint retry_after_s; /* see SmtpVerdict */
    char *reply;         /* the server's last reply in full, or what happened, UTF-8, one line; owned */
} TransportResult;

void transport_result_clear(TransportResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TransportResult, transport_result_clear)

typedef struct Transport Transport;

/* What an implementation provides; Transport is the first member of its own struct. */
typedef struct {
    void (*send)(Transport *transport, const char *from, const char *to, GBytes *letter,
                 TransportResult *ret_result);
    bool (*check)(Transport *transport, char **ret_detail, char **ret_remedy);
    void (*free)(Transport *transport);
} TransportOps;

struct Transport {
    const TransportOps *ops;
};

/* By settings {"kind": "smtp" | "directory", …}; see smtp.h and transport_directory_new().
 * FORTNIGHT_ERROR_CONFIGURATION. */
Transport *transport_new(const json_t *settings, GError **error);
void transport_free(Transport *transport);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Transport, transport_free)

/* {"path"}: an existing directory. Each letter becomes NUMBER-TIME-RECIPIENT.eml, whole or not at all,
 * numbers rising. */
Transport *transport_directory_new(const json_t *settings, GError **error);

/* Sends a letter (RFC 5322, CRLF). Unsafe addresses and letters that are not fit for SMTP are refused before
 * anything is opened: recipient_refused, account (sender) and content_refused. ret_result is always filled;
 * clear it. */
void transport_send(Transport *transport, const char *from, const char *to, GBytes *letter,
                    TransportResult *ret_result);

/* Only logs in. *ret_detail: what was found; *ret_remedy: what to do where it returns false, else ""; the
 * caller frees both. */
bool transport_check(Transport *transport, char **ret_detail, char **ret_remedy);

/* True if an address can stand in MAIL FROM and RCPT TO: ASCII, no controls, white space, <>, comma, quotes,
 * backslash; one @ with something on both sides; a domain of letters, digits, dots and hyphens; at most 254
 * octets (RFC 5321 4.5.3.1.3). */
bool transport_address_is_safe(const char *address);

/* True if bytes can go through DATA as they are: every line ends in CRLF, no CR or LF alone, no NUL, lines of
 * at most 998 octets (RFC 5322 2.1.1), a header and an empty line. Else *ret_reason (static). */
bool transport_letter_is_safe(GBytes *letter, const char **ret_reason);
