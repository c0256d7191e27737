/* The facts of a letter as JSON for its templates, taken from the current state when it is sent. Strings are
 * in the letter's language, plain text (the template escapes). Names ending in _text are for people, the
 * others for machines. What may be absent is false.
 *
 * every letter
 *   kind, language, key, reference (short id), now_text
 *   programme {id, title}, from {name, address}, to {name, address}
 *   help {name, address, phone}: the liaison, whom to ask
 *   retention_text: one line, what is stored and how long
 *   organization {id, name, section, team}
 *   obligation {id, title}
 *   period {key, first, last, span_text, due, due_text}
 * ack, correction
 *   form_title, received_text, on_time (bool), late (bool), late_text ("3天2小时")
 *   settles (bool: it belongs to a period), period_reason (why this period)
 *   revision, is_revision, is_identical, is_copy (to the registered contact), sender, by_hand, unknown_sender
 *   fields [{key, label, value, source, doubtful}]: found fields, in the form's order
 *   tables [{key, label, count, columns [label], rows [{cells [text]}], more}]: at most FACTS_TABLE_ROWS
 * rows, more: how many were left out problems [{number, text, label, how}], problem_count, has_problems
 *   changes [{label, old, new}], has_changes: against the previous revision
 *   trend {rows [{label, value, previous, change_text}]}: against the last period; set by who encloses, or
 *   false
 *   unread [{text}], has_unread: lines of a reply that were not understood
 * defect
 *   code, reason_text, remedy_text, subject, received_text, parts [{name, verdict}], form_title
 * reminder
 *   stage ("T-1d"), days_left, days_left_text, due_today (bool), form_title, prefill [{key, label, value}],
 *   review {pending, total} (of a section head who owes a review; else false)
 * overdue
 *   stage, days_late, late_text, since_text, form_title, is_copy (bool), copy_role ("advisor"),
 *   contact_name, review
 * summary
 *   is_preview (to the liaison, who answers 发送), held_names (whom it goes to then),
 *   summary {…}: the model of summary.h, with has_NAME for each of its lists
 * review_notice
 *   count, items [{number (of the entry: what a reply names), message_id, code, text, remedy_text, from,
 *   subject, since_text, organization}],
 *   held [{organization, since_text}], has_held: mail that has waited for 24 hours
 *   labels [{number, form, label, form_title, met (how often), field_title (what it was taken for, or
 *   false)}], has_labels: in Letter.facts, so that an answer by number finds them
 * operator_alert
 *   code, cause_text, remedy_text, since_text: all given by the keeper in Letter.facts
 * question_passed, overdue_questions, inquiry
 *   questions [{number, id, text, organization, section, asked_text, age_text, until_text}], count
 *   question_passed: is_nudge; inquiry: is_copy (to the supervisor), head_name, explanation_text (what the
 *   section head answered; false: it is still asked)
 * section_digest, advisor_digest
 *   section (of the head; false for advisors), is_later (what came after the section's digest), is_open (the
 *   due instant is still to come), counts {expected, received, missing, late, with_problems, pending}
 *   reports [{number (what an answer names), org_id, name, section, received_text, late_text, figures_text,
 *   problem_count, has_problems, problems [text], approval ("pending" …), approval_text, is_pending,
 *   is_approved, is_returned, return_reason}], missing [{name, contact, phone}], exempt [{name}],
 * has_reports, has_missing, has_exempt, has_pending (something waits for the head's word) returned
 *   form_title, reason_text, head_name, section
 * urgent, urgent_notice
 *   text (what was reported), sender, reporter (the organization), received_text, seen_text, code
 *   urgent: repeat (0 …), is_repeat; urgent_notice: handling_text, settled_text
 * pinned_notice
 *   count, clusters [{number, id, question, count, wordings [{text}], has_wordings, answer, sources [{name,
 *   message_id}], has_sources, ids}]: questions asked more than once in the period, the most often first
 *   proposals [{members [{id, question, count}], numbers ("3 5"), words}]: those that a person may join
 *   has_clusters, has_proposals
 * command_answer
 *   title_text (one line, the subject), lines [{text}], has_lines, how_text (what to do next), subject,
 *   received_text: all given by who decides it, in Letter.facts; code_text, until_text: the one-time code of
 * an order that waits, set when the letter is made
 * announce
 *   span_text, tasks [{obligation, title, count, is_review, periods [key], dates [text]}]
 * duty
 *   title, when_text, person_name, is_copy (to the coordinator)
 */
#pragma once

#include "gateway/core/view.h"

#define FACTS_TABLE_ROWS 20 /* an ack shows a table's first rows: enough to recognise it */

/* "1A2B3C4D": how a letter is named in its subject and footer, of its Message-ID. Who does not have the
 * letter cannot know it. The caller frees it. */
#define LETTER_REFERENCE_DIGITS 8
char *letter_reference(const char *message_id);

/* New reference, never NULL. What only the moment of decision knew (the submission's values, sender, reason)
 * stands in letter->facts, which overrides what is derived here. */
json_t *letter_facts(const View *view, const Letter *letter, gint64 now_s);

/* Facts of an ack that intake and replay put into Letter.facts: fields, tables, problems … of a submission in
 * the form's order. New reference. previous: the revision before, or NULL. */
json_t *letter_facts_of_submission(const Programme *programme, const Submission *submission,
                                   const Submission *previous, const char *language);

/* An organization's own trend for its ack: {rows [{label, value, previous, change_text}]}, the first
 * FACTS_TREND_ROWS number fields that both submissions give, in the form's order; false where there is none.
 * New reference. */
#define FACTS_TREND_ROWS 6
json_t *letter_facts_trend(const Programme *programme, const Submission *now, const Submission *before,
                           const char *language);
