/* References of our own letters that a mail bears: eight hexadecimal digits, "[1A2B3C4D]" in a subject, "编号
 * 1A2B3C4D" in a footer that is quoted. They say what a mail answers whose client dropped In-Reply-To. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "parsers/message.h"

#define REFERENCE_LENGTH 8

/* {"said": those of its own text, "thread": those of subject and quotation}, each a list in lower case, in
 * the order in which they stand; NULL: none. New reference. */
json_t *reference_read(const Message *message);

/* True where a mail answers one of our letters: by In-Reply-To (that of any letter), or by a reference in
 * brackets or behind its word. */
bool reference_is_answer(const Message *message);
