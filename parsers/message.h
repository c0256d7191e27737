/* A message (RFC 5322, MIME) taken apart: headers decoded, leaf parts with their bytes, body, new text of a
 * reply. GMime does the structure; encoded words, base64 and charsets are ours where GMime 3.2.13 loses data
 * (facts/email.md 3.1-3.3). */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/problem.h"
#include "parsers/sniff.h"

typedef struct {
    char *name;         /* decoded file name, base name only, without controls; "" where none */
    char *content_type; /* lower case, "text/plain" */
    char *charset;      /* declared, or NULL */
    char *content_id;   /* without <>, or NULL */
    GBytes *data;       /* decoded from the transfer encoding; never NULL */
    FileType type;      /* by content */
    bool is_body;       /* a text part that a mail client shows as the message itself */
    bool is_inline_image;
    guint message_depth; /* 0: the message itself; 1: inside a message/rfc822; … */
    char *container;     /* "资料.zip" where it came out of an archive or winmail.dat, else NULL */
    const char *verdict; /* static: "used", "ignored", "encrypted", "damaged", "unsupported", "limit", "bomb";
                            set by who decides */
} MessagePart;

typedef enum { AUTOMATIC_NO, AUTOMATIC_BOUNCE, AUTOMATIC_REPLY, AUTOMATIC_LIST, AUTOMATIC_OWN } AutomaticKind;

typedef struct {
    char *recipient;  /* or NULL */
    char *status;     /* "5.1.1" or NULL */
    char *class_name; /* "hard", "soft" or "other" */
    char *reason;     /* or NULL */
} BounceInfo;

typedef struct {
    char *subject;         /* decoded, valid UTF-8, one line; "" where none */
    char *from;            /* address alone, "" where none or not one */
    char *from_name;       /* display name or "" */
    guint from_count;      /* mailboxes over all From headers: other than 1 needs a person */
    GPtrArray *to;         /* char*: addresses of To and Cc */
    char *message_id;      /* without <>, "" where none */
    char *in_reply_to;     /* first id without <>, or "" */
    GPtrArray *references; /* char*: ids without <> */
    gint64 date_s;         /* Date header in UTC seconds, or -1; CST means +0800 (facts/email.md 3.7) */
    int date_offset_s;     /* its offset from UTC */
    gint64 received_s;     /* topmost Received header, or -1 */
    GPtrArray *parts; /* MessagePart*: leaves, archives and winmail.dat unpacked, attached messages walked */
    char *body;       /* text that a person sees, valid UTF-8; "" where none */
    char *body_html;  /* HTML source of the body as UTF-8, or NULL: its tables are read from here */
    char *reply;      /* body without quotes, signature, disclaimers (facts/email.md 3.5) */
    char *quoted;     /* what was cut as quotation or forward, "" where nothing */
    char *signature;  /* what was cut as signature or disclaimer, "" */
    AutomaticKind automatic;
    BounceInfo *bounce;  /* for AUTOMATIC_BOUNCE, else NULL */
    GPtrArray *problems; /* Problem*: class reading */
} Message;

typedef struct {
    const char *own_address;   /* mail from it is AUTOMATIC_OWN; may be NULL */
    const char *own_id_domain; /* Message-IDs of our letters end in it; may be NULL */
    bool leaves_memory;        /* the process ends after this reading: what it took is not given back */
} MessageOptions;

/* Takes a message apart; always returns one (a hostile one is read as far as the limits go, the rest is a
 * problem). */
Message *message_parse(GBytes *data, const MessageOptions *options);
void message_free(Message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)

/* Splits an mbox (RFC 4155, also with CR or CRLF) into messages: GBytes* slices of data, From_ lines dropped.
 */
GPtrArray *message_split_mbox(GBytes *data);

/* An address as it may be used in SMTP and SQL: lower-case domain, ASCII, one @, no controls, spaces, <>,
 * comma, ≤ 254 octets. NULL if it is not such an address. The caller frees it. */
char *message_normalize_address(const char *address);
