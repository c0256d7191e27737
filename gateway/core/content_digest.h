/* Whether two submissions say the same, without having both in memory: a SHA-256 over form, values and
 * tables, whatever their order and wherever they were found. */
#pragma once

#include "gateway/core/model.h"

#define CONTENT_DIGEST_HEX_BYTES 65 /* with the NUL */

/* Fills submission->digest from its content, where it has none yet. A submission without content gets none.
 */
void content_digest_set(Submission *submission);

/* As 64 hexadecimal digits. */
void content_digest_format(const Submission *submission, char ret_hex[CONTENT_DIGEST_HEX_BYTES]);

/* Takes over what content_digest_format() wrote; anything else (or NULL): the submission has none. */
void content_digest_read(Submission *submission, const char *hex);
