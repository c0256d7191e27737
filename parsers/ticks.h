/* Symbol fonts: what a code of Wingdings and its like means (facts/email.md 4.3). */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define TICK_CHECKED   0x2611u
#define TICK_UNCHECKED 0x2610u

/* True for Wingdings, Wingdings 2, Webdings, Symbol …: fonts in which letters are pictures. */
bool ticks_is_symbol_font(const char *font);

/* The character that a code of a symbol font stands for: U+2611, U+2610 or another; codes may be 0xF0xx or
 * 0xxx. An unknown code of the private area comes back as it is, an unknown letter too. */
gunichar ticks_from_symbol(const char *font, gunichar code);

/* A copy of text in which characters of a symbol font are replaced. */
char *ticks_convert(const char *font, const char *text, gsize length);
