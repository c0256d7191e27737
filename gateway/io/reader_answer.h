/* What a reader's child says, checked as if it were hostile: it may have been taken over by the mail that it
 * read. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* All lines of a message; a mail with the text of every part stays far below, an mbox of thousands of mails
 * too. */
enum { READER_ANSWER_BYTES_MAX = 32 << 20 };

/* Reads a child's answer, {"lines":[…]} and perhaps "wishes" (converter_host.h), from a sealed memfd (stays
 * the caller's): valid JSON, nothing else in it, at least one line, each of a known kind and about this file;
 * the wishes are an array. NULL where it breaks the rules; else a new reference, and ret_text the text that
 * it was read from. */
json_t *reader_answer_take(int fd, const json_t *file, GBytes **ret_text);
