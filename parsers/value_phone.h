/* Telephone numbers as people write them: "138 0001 2743", "+86-138…", "（0411）86110000转12", two in one
 * cell. */
#pragma once

#include <glib.h>

/* The numbers in text, at most PHONE_MAX, as char* in their normal form: 11 digits for a Chinese mobile,
 * "area-number" or "area-number-extension" for a landline ("010-55500000"), plain digits for a number without
 * area, "+CC…" for a foreign one. Empty where there is none. Free with g_ptr_array_unref(). */
#define PHONE_MAX 4
GPtrArray *phone_parse(const char *text);
