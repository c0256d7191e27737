/* What a document shows differently each time it is opened: formulas such as TODAY(), fields such as DATE or
 * FILENAME. What is stored of them, or what a converter made of them, is not surely what their author saw.
 * Page numbers and what merely repeats the document's own properties or text are no such fields. */
#pragma once

#include <stdbool.h>

#include "parsers/document.h"

/* True where a formula of a sheet (or a piece of one) calls a function whose result changes with the moment,
 * the file or the program. */
bool volatile_is_formula(const char *formula, gsize length);

/* True where a field of Word (ECMA-376-1 17.16.5) shows the moment, the file or whoever opens it.
 * instruction: it, or at least its first word. */
bool volatile_is_field(const char *instruction);

/* True where what changes is a noticeable part of the document: a date printed below a letter is none. */
bool volatile_is_much(const Document *document);
