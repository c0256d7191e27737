/* Where a submission can come from: each readable attachment, the body's new text, a forwarded text. */
#pragma once

#include "parsers/conversion.h"
#include "parsers/document.h"
#include "parsers/form.h"
#include "parsers/match.h"
#include "parsers/message.h"

typedef struct {
    Document *document;
    Match *match;      /* the form that it is, or NULL */
    MessagePart *part; /* of an attachment, borrowed; NULL: body */
    bool is_forward;   /* from the quoted part of the body */
    bool is_converted; /* read from what a converter made of it */
} Source;

/* Reads every source of a message and matches it. Verdicts of parts are set; what could not be read is
 * appended to problems; conversions may be NULL. Returns Source*, attachments first; free with
 * g_ptr_array_unref(). */
GPtrArray *reading_sources(const FormSet *set, Message *message, const ValueContext *context,
                           Conversions *conversions, GPtrArray *problems);

/* One document that came without a message; the same contract. NULL where nothing could be read. */
Source *reading_source_of(const FormSet *set, GBytes *data, FileType type, const char *name,
                          const ValueContext *context, Conversions *conversions, GPtrArray *problems,
                          const char **ret_verdict);
void source_free(Source *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Source, source_free)

/* The source whose form counts: the best attachment, else the body, else the forwarded text; NULL where none
 * holds a form. */
const Source *reading_best(const GPtrArray *sources);
