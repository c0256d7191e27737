/* The period of a submission: stated in the form, else in the subject; and what other places say about it. */
#pragma once

#include "parsers/reading_sources.h"

/* Adds "period_source" ("form", "subject"), "period" where only the subject states a range, and
 * "period_said": what the form's words, the subject, the document's title and the file's name say
 * (parsers/period_words.h), each with its "source". subject may be NULL. */
void reading_period_add(json_t *out, const Source *source, const char *subject, const ValueContext *context);
