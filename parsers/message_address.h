/* Mailboxes of From, To and Cc (RFC 5322 3.4) as real programs write them. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *name;    /* display name, decoded, or "" */
    char *address; /* as written, without <>; holds an @ */
} Mailbox;

/* The mailboxes of one header value, at most ADDRESSES_MAX; an entry without an @ is left out. raw: as it
 * stands in the message. hint_gbk as in charset_to_utf8(). Returns a GPtrArray of Mailbox* that owns them. */
#define ADDRESSES_MAX 1000
GPtrArray *message_addresses_parse(const char *raw, bool hint_gbk);
