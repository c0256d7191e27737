/* Numbers of automatic lists in the formats of Word (ECMA-376-1 17.18.59) and OpenDocument. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* value in a format ("decimal", "chineseCounting", "lowerLetter", "upperRoman", "decimalEnclosedCircle" …);
 * an unknown format or a value that it cannot show comes out in decimal. The caller frees the result. */
char *numerals_format(gint64 value, const char *format);
