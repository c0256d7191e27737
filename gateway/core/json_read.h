/* JSON as our own processes write it → jansson's values, several times as fast as jansson reads it: a
 * reader's answer of 7 KB is most of what the keeper does for a message. Only the plain shape is read here
 * (no white space between values, no \u escapes, no exponents, moderate depth); everything else, errors among
 * it, is left to jansson. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* What json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL) returns. */
json_t *json_read(const char *text, gsize length);
