/* What each line of a mail's text is to a reply: new text, quotation, the mark above one, a signature
 * (private to parsers/reply*.c). */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    LINE_EMPTY,
    LINE_TEXT,
    LINE_QUOTE,       /* "> …", "Name> …" */
    LINE_RULE,        /* dashes, underscores, … and nothing else, no + */
    LINE_DASHES,      /* "--": above a signature (RFC 3676 4.3) */
    LINE_ATTRIBUTION, /* "On … wrote:", "在 … 写道：", over one to four lines */
    LINE_ORIGINAL,    /* "-----Original Message-----" */
    LINE_FORWARD,     /* "---------- Forwarded message ----------" */
    LINE_HEADER,      /* From: Sent: To: Subject: of a quoted message */
    LINE_SIGNATURE,   /* "Sent from my …", "发自我的…" */
    LINE_DISCLAIMER   /* first line of one */
} LineKind;

typedef struct {
    const char *start;
    gsize length; /* without the line end */
    LineKind kind;
    bool is_chinese;   /* of an attribution: programs that write it quote below without marks */
    bool is_form_like; /* "label: value" whose label is no phone, mailbox or address */
    bool is_contact;   /* a phone, mailbox, web or street address, with or without its label */
    bool is_name;      /* as short as a person's name, perhaps with a phone behind it */
} ReplyLine;

/* The lines of text, classified; free with g_array_unref(). The lines point into text. */
GArray *reply_lines_read(const char *text);
