/* A mailbox behind IMAP4rev1 (RFC 3501), by libetpan. */
#pragma once

#include "gateway/io/mailbox.h"
#include "gateway/io/secret.h"
#include "gateway/io/tls_stream.h"

typedef struct {
    TlsStreamOptions stream; /* its timeout_ms is that of every command, not counting payload */
    const char *user;
    bool uses_xoauth2; /* password is an access token */
    guint64 max_message_bytes;
    guint batch; /* bodies in one command, 1 … IMAP_BATCH_MOST; 0: grows while the server keeps up */
} ImapOptions;

enum { IMAP_BATCH_MOST = 1000 };

/* Nothing is connected before the first use; a connection stays open until it fails or the mailbox is freed.
 * Strings are copied, password is owned. */
Mailbox *imap_new(const ImapOptions *options, Secret *password);
