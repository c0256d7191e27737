/* Orders in mail (SPEC 4): the first word of a subject or a line, in Chinese, English or pinyin, in
 * traditional characters, full width and any case, with the slips that people make. What an order may do, and
 * for whom, is decided elsewhere (gateway/core/command.h). */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* Characters of a one-time code: none that looks like another. */
#define COMMAND_CODE_LETTERS "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#define COMMAND_CODE_LENGTH  8

/* {"command":{"name","argument"}} of one line, or NULL where it is no order. is_reply: it answers a letter,
 * so that words like 通过 mean something. A line that is a one-time code, alone or after 确认, is the order
 * "confirm" with the code as argument. New reference. */
json_t *command_read(const char *line, bool is_reply);

/* A one-time code as it was made ("K7WM3XQP") from what a person typed: "k7wm-3xqp", full width, with blanks.
 * NULL: it is none. The caller frees it. */
char *command_code(const char *text);

/* True of "1 归属 护理学院学生会", "2：通过": an entry's number and what becomes of it, which
 * gateway/core/review.h reads. */
bool command_is_numbered(const char *line);
