/* What the reader's warm parent does once, so that no child has to: character sets, library tables, the code
 * paths of an ordinary mail. */
#pragma once

#include "parsers/form.h"

/* Opens the character sets of Chinese and Western mail and reads a few small mails of its own with these
 * forms, and a PDF in the program that can. To be called before the sandbox closes. Starts no thread. */
void reader_warm(const FormSet *forms);
