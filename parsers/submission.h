/* A match → the submission of SPEC 3.4: fields, tables, and what is wrong with it. */
#pragma once

#include "parsers/match.h"

/* {"form","org","period","fields","tables"} of a match, with "unmatched" [label] and "guessed"
 * [{"field","label"}] where there are any; new reference. Appends to problems what the match noted, what is
 * missing or out of range, and which rules fail (SPEC 3.2), each worded in the programme's language. where:
 * name of the part, for problems that have no place of their own. */
json_t *submission_build(const FormSet *set, const Match *match, const char *where, GPtrArray *problems);

/* {"key":{"value","raw","source","confidence"}} and {"table":[…]} are checked again, for a submission that a
 * person corrected: appends missing, range, contradiction and sum. */
void submission_check(const FormSet *set, const Form *form, const json_t *fields, const json_t *tables,
                      const char *where, GPtrArray *problems);

/* Names each value of the match (of document) that stands in text which changes when the file is opened: a
 * date of filling in that is =TODAY() is not surely the day on which it was filled in. Appends losses with a
 * field. */
void submission_doubts(const FormSet *set, const Match *match, const Document *document, GPtrArray *problems);

/* Compares two submissions of one form and appends a contradiction for each field that both state differently
 * (SPEC 3: the attachment wins over the body). */
void submission_contradictions(const FormSet *set, const Match *used, const Match *other,
                               GPtrArray *problems);

/* Every place that was considered: [{"field","label","raw","source","confidence","verdict","chosen"}] and the
 * labels that mean nothing; new reference. */
json_t *submission_explain(const Match *match);
