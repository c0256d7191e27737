/* One raw text → one typed value (SPEC 3.4): the same for fields, table cells and corrections by mail. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "parsers/form.h"

typedef struct {
    GDate reference; /* the day nearest to which a missing year is meant; invalid where unknown */
} ValueContext;

typedef enum {
    VALUE_ABSENT, /* blank, a fill-in line, a placeholder */
    VALUE_GOOD,
    VALUE_BAD /* something stands there that is no such value */
} ValueVerdict;

/* What instant (UTC seconds, -1 where unknown) means as a context in that zone. */
ValueContext value_context_at(gint64 instant_s, GTimeZone *zone);

/* Reads raw as field's type. Good: ret_value gets a new reference (integer, string, boolean or
 * {"start","end"}), ret_certainty 0..1 how literal it was. Absent and bad leave both untouched; both may be
 * NULL where only the verdict matters. */
ValueVerdict value_parse(const Field *field, const char *raw, const ValueContext *context, json_t **ret_value,
                         double *ret_certainty);

/* The value's one line for sentences to people; the caller frees it. */
char *value_to_text(const json_t *value);

/* What is recorded of a text: without outer white space, fill-in lines and the label's colon; lines trimmed.
 * The caller frees it. */
char *value_trim(const char *raw);

/* The beginning of raw for a sentence to a person: its first line, at most VALUE_EXCERPT_CHARACTERS of it,
 * then "…" where something was left out. Never cut inside a character. The caller frees it. */
#define VALUE_EXCERPT_CHARACTERS 30
char *value_excerpt(const char *raw);
