/* A rendered letter as the bytes that go through SMTP and into the outbox (RFC 5322, MIME). The same input
 * gives the same bytes: a second sending is the same letter. */
#pragma once

#include "gateway/core/letter_render.h"

typedef struct {
    const char *file_name;    /* as the reader shall see it, UTF-8 */
    const char *content_type; /* "application/vnd.openxmlformats-officedocument.wordprocessingml.document" */
    const char *content_id;   /* inline image that the HTML shows as cid:…; NULL: an attachment */
    GBytes *data;             /* text (text/calendar, text/csv) is taken as it is, with a charset of UTF-8 */
} LetterAttachment;

typedef struct {
    const char *from_address, *from_name; /* name may be NULL */
    const char *to_address, *to_name;     /* one recipient; name may be NULL */
    const LetterText *text;
    const char *message_id;      /* without <>: "letter.42@example.edu.cn"; the same for every sending */
    const char *in_reply_to;     /* Message-ID without <> of the mail that it answers, or NULL */
    const GPtrArray *references; /* char*: ids without <> of that mail's References, or NULL */
    const char *fortnight_id;    /* X-Fortnight-Id: how we know our own mail again */
    gint64 date_s;
    GTimeZone *zone;  /* of the Date header */
    bool is_reply;    /* Auto-Submitted: auto-replied; else auto-generated (RFC 3834 5) */
    bool is_repeated; /* the outcome of an earlier sending is unknown (SPEC 8.5): marked so */
    const LetterAttachment *attachments;
    guint n_attachments;
} LetterEnvelope;

/* multipart/alternative of text and HTML; with inline images the HTML in multipart/related; with attachments
 * all in multipart/mixed. UTF-8 in base64 or quoted-printable, CRLF, lines of at most 998 octets, none of the
 * facts can add a header. FORTNIGHT_ERROR_INPUT if an address or the Message-ID is unusable. */
GBytes *letter_mime_render(const LetterEnvelope *envelope, GError **error);
