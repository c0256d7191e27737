/* What others wrote, made harmless for the place where it will stand: plain text, HTML, one header line. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    MUSTACHE_TEXT,  /* controls and invisible characters dropped, further lines indented */
    MUSTACHE_HTML,  /* the same, & < > " ' as entities, a line break as <br> */
    MUSTACHE_HEADER /* one line without runs of white space */
} MustacheEscape;

/* Appends text (UTF-8; broken bytes become U+FFFD), escaped. Dropped everywhere: C0 and C1 controls but TAB
 * and LF, bidi controls, zero-width and tag characters (facts/email.md 5.4), which make one name look like
 * another. */
void mustache_escape(GString *out, const char *text, MustacheEscape escape);

/* One visible line of at most max_chars characters (0: no limit), an ellipsis where it was cut. NULL is "".
 * The caller frees it. */
char *mustache_clean_line(const char *text, glong max_chars);
