/* What a successor needs to know of a programme on one page: who is who, what is owed and when, how it is
 * scored, who is on the roster, what is open. */
#pragma once

#include "gateway/core/view.h"

/* {programme, programme_id, obligation, language, at_text, mailbox,
 *  people [{role, name, address, phone, section}],
 *  obligations [{title, form, next [{key, due_text}], reminders_text, overdue_text, summary_text}],
 *  rules [{title, text}] of scores, terms [{title, first, last}],
 *  organizations [{name, section, team, leader, liaison, address, phone, state_text}], count, call_count
 * (nobody's address is known), exempt [{name, obligation, period, reason}], missing [{title, period, names}]:
 * of periods that are over within the last 62 days, those who still owe, reviews [{number, text, from,
 * since_text}], questions [{text, organization, asked_text, state}], urgents [{text, organization,
 * since_text, code}], has_open}. New reference. */
json_t *handover_facts(const View *view, const char *language, gint64 now_s);
