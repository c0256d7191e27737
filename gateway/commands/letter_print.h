/* A letter as it would leave now, for looking at: rendered from the current state, never stored or sent. */
#pragma once

#include <stdio.h>

#include "gateway/commands/context.h"

/* True of "text", "html" and "eml"; else says so on standard error. */
bool letter_print_has_format(const char *command, const char *format);

/* Writes the letter to out. facts: what the templates shall see (a sample), which is taken over, and nothing
 * is enclosed; NULL: the state at at_s, with all enclosures (in mail; text and HTML tell of them). The exit
 * status. */
int letter_print(const Context *context, const Letter *letter, json_t *facts, const char *format, gint64 at_s,
                 FILE *out);
