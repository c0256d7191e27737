/* The MIME tree → leaf parts with their bytes (private to parsers/message*.c). GMime finds the structure; the
 * bytes are slices of the message wherever no transfer encoding stands between. */
#pragma once

#include <gmime/gmime.h>

#include "parsers/message.h"

/* A text that a mail client shows as the message itself. */
typedef struct {
    guint part;        /* index into Message.parts */
    guint alternative; /* number of the multipart/alternative that it belongs to, or 0 */
    bool is_html;
    bool is_flowed; /* format=flowed (RFC 3676) */
    bool is_delsp;
    bool is_named; /* carries a file name: shown only where nothing else is */
} ShownText;

typedef struct {
    Message *message; /* parts and problems are appended */
    GArray *shown;    /* ShownText, of the message itself, in order */
    bool hint_gbk;    /* some part or header says that it uses GBK */
    bool is_report;   /* multipart/report somewhere at the top */
    gsize decoded_bytes;
    guint alternatives;
} MessageWalk;

/* Parses bytes and appends the leaves. message_depth: 0 for the message itself, 1 inside a message/rfc822, …
 * Returns the GMime message (its headers), which the caller unrefs; it must not outlive `data`. NULL where
 * the bytes hold no message at all. */
GMimeMessage *message_walk_bytes(MessageWalk *walk, GBytes *data, guint mime_depth, guint message_depth);

/* A part with empty strings for what is unknown; the type is found by content. Takes over data; name is
 * copied. */
MessagePart *message_part_new(const char *name, const char *content_type, GBytes *data);

/* The first value of a header of a part, as it stands in the message; NULL where there is none. Owned by the
 * object. */
const char *message_raw_header(GMimeObject *object, const char *name);
