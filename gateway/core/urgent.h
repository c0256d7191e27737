/* The urgent channel (SPEC 1, 4): what raises the alarm, and who is told when. Pure.
 *
 * Keys of letters: urgent/ID/N/ADDRESS, N the number of the repetition (0: first); urgent_notice/ID/ADDRESS.
 */
#pragma once

#include "gateway/core/view.h"

#define URGENT_REPEAT_S    3600
#define URGENT_REPEATS_MAX 5

/* True where words mark something as urgent: "紧急：…", "[urgent]". False where they deny it ("不紧急",
 * "紧急情况： 无"), suppose it ("如有紧急情况"), leave it empty ("紧急情况：") or only name a thing
 * ("紧急联系人"). text: a subject, or the new text of a body without quotes; only its first lines are looked
 * at. */
bool urgent_in_words(const char *text);

/* The same for a subject: that of an answer ("Re: 紧急") is what somebody else wrote. */
bool urgent_in_subject(const char *subject);

/* True where a form's field for urgent matters says that there is one: not "无", "暂无", "没有紧急情况" … */
bool urgent_in_field(const char *value);

/* What a message raises the alarm about: the field's value, or subject and new text; NULL: nothing. parse:
 * one JSON object of SPEC 3.4. The caller frees it. */
char *urgent_of_parse(const json_t *parse);

/* Appends the letters that unsettled matters owe now: to supervisor, coordinator and leader at once, repeated
 * hourly; never moved by quiet hours. */
void urgent_plan(const View *view, gint64 now_s, GPtrArray *letters);

/* The next repetition of a matter, or G_MAXINT64. */
gint64 urgent_next_instant(const UrgentMatter *matter, gint64 now_s);

/* True while a letter's matter is not settled. */
bool urgent_letter_is_due(const View *view, const Letter *letter);

/* The drafts of the public notice to coordinator and leader: facts and handling. GPtrArray of Letter*, owned
 * by the caller. */
GPtrArray *urgent_notices(const View *view, const UrgentMatter *matter, const char *handling, gint64 now_s);
