/* Words by which mail programs of many languages mark quotations and signatures (private to
 * parsers/reply*.c). All functions take one line: lower case, no-break spaces as blanks, outer blanks
 * removed. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum { HEADER_NONE, HEADER_FROM, HEADER_DATE, HEADER_OTHER } HeaderLabel;

/* Marks above an original: "-----Original Message-----", "---- 回复的原邮件 ----". */
bool reply_words_is_original(const char *line);
/* Marks above a forwarded message: "---------- Forwarded message ----------", "Begin forwarded message:". */
bool reply_words_is_forward(const char *line);
/* "Wrote" in some language; *ret_is_chinese is set for the Chinese ones. */
bool reply_words_has_wrote(const char *line, bool *ret_is_chinese);
/* Begins as an attribution does: "on ", "le ", "在", a digit, … */
bool reply_words_begins_attribution(const char *line);
/* The label of a header line of a quoted message: "from: …", "*sent:* …", "发件人：…", "| 主题 | …". */
HeaderLabel reply_words_header(const char *line);
/* "Sent from my iPhone", "发自我的企业微信". */
bool reply_words_is_device_signature(const char *line);
/* The first line of a disclaimer. */
bool reply_words_is_disclaimer(const char *line);
/* "电话: …", "e-mail: …": a label that stands in signatures too. */
bool reply_words_is_contact(const char *line);

/* True if a line names an office ("联络员", "指导老师", …) rather than a person: on a form it heads a group
 * of fields. */
bool reply_words_is_office(const char *line);
