/* What leaders read in one minute (SPEC 6), as JSON. Generic: which fields are totals, which tables hold
 * questions, comes from the form's definition, never from C. What may be absent is false.
 *
 * programme, obligation {id, title}, period {key, first, last, span_text, due, due_text}, at_text, language
 * final (bool: the due instant has passed)
 * section: the only section that it is about; false: all
 * counts {expected, received, on_time, late, missing, exempt, with_problems, open_questions, urgent_open,
 *   urgent_settled} and {received_percent, on_time_percent}: whole numbers, of those expected;
 *   received_change_text: against the period before, false where nothing came then
 * review {pending, approved, returned, has_pending, pending_list [{name}] (the first ten),
 *   pending_more}: by section heads; false where none is
 *   asked
 * missing [{org_id, name, section, contact, phone, call}]: in the roster's order; call: no address known
 * late [{org_id, name, late_text, received_text, message_id}]: the latest last
 * problems [{org_id, name, count, texts [text], message_id}]
 * totals [{key, label, value, previous, change, change_text, has_previous, reported_by, percent, sources}]:
 *   every count or number field that anybody gave in this period or the one before;
 *   percent of the largest, for a bar; sources [{message_id, org, value}]
 * open_questions [{org, section, question, asked_text, age_text, age_hours, state, state_text, message_id}]:
 *   asked more than 24 hours ago and not settled, oldest first, 200 at most
 * urgent [{org, text, received_text, is_open, settled_text, handling, message_id}]: raised in the period or
 *   still open, these first
 * repeated [{question, count, organizations, answer}]: asked more than once in the period, the same in words
 *   or by a person's word
 * lists [{key, title, count, rows [{org, text, message_id}]}]: other tables (cases, articles …), 50 rows each
 * organizations [{org_id, name, section, team, state, state_text, received_text, late_text, revision,
 *   problems, by_hand, message_id, approval_text ("未审核" …)}]
 * sections, teams [{name, expected, received, on_time, late, missing}]: as the roster groups its
 * organizations; empty where there is but one group exempt [{name, reason}] */
#pragma once

#include "gateway/core/view.h"

/* New reference. previous-period totals come from the view where its submissions are loaded. period must be
 * one of the obligation. */
json_t *summary_model(const View *view, const Obligation *obligation, const Period *period,
                      const char *language, gint64 now_s);

/* The same of one section's organizations and their questions alone. */
json_t *summary_model_of_section(const View *view, const Obligation *obligation, const Period *period,
                                 const char *section, const char *language, gint64 now_s);
