/* The whole way of one file: bytes → message or document → submission + problems → JSON lines of SPEC 3.4.
 * A pure function of bytes, forms and options. */
#pragma once

#include "parsers/conversion.h"
#include "parsers/form.h"
#include "parsers/message.h"

typedef struct {
    const FormSet *forms;
    MessageOptions message;
    bool with_text;           /* adds "text" and "grids" (corpora contract) */
    bool with_attachments;    /* adds "attachments": the files of a mail that are not its form, see below */
    bool with_explanation;    /* adds "explain": where each value was found, what was rejected */
    Conversions *conversions; /* what a converter made of legacy parts, or shall make; NULL: there is none */
    gint64 received_s; /* when the server received it, or -1: then Date, then the topmost Received; resolves
                          missing years */
} ReadingOptions;

/* "attachments": [{"name","type","bytes","data" (base64)}]: documents and pictures that came as files, those
 * in archives too; no pictures of signatures, not the document that the form was found in. Together at most
 * READING_ATTACHMENTS_BYTES: what is beyond, and what is of another kind, has no "data". */
#define READING_ATTACHMENTS_BYTES (20u << 20) /* with base64 one answer stays below 32 MiB */

/* Reads one file; `file` is its name as given. Returns a GPtrArray of json_t* (one for a message or bare
 * document, one for each message of an mbox), never empty; free with g_ptr_array_unref(). */
GPtrArray *reading_parse(GBytes *data, const char *file, const ReadingOptions *options);
