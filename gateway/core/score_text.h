/* Scores in words and as JSON: every point with fact, value, weight, cap, and the message and revision that
 * it comes from (`fortnight explain score`, the page, the workbook). Language "zh" or "en". */
#pragma once

#include "gateway/core/scores.h"

/* 7821 → "78.21", to the formula's decimals where they lose nothing; -500 → "-5.00". The caller frees it. */
char *score_points_text(gint64 points_e2);

/* One sentence on a rule's line: "按时提交：20.00 分。是，每项 20 分；邮件 12 第 1 版。" The caller frees it.
 */
char *score_line_text(const ScoreRule *rule, const ScoreLine *line, const char *language);

/* {rule, fact, state, state_text, value, of, per, points, points_text, weight, cap, capped, message_id,
 * revision, submission_id, obligation (of what said so), source, text, because (text without rule and
 * points)}: numbers as numbers, what is not known as null. value is that of the fact itself. New reference.
 */
json_t *score_line_json(const ScoreRule *rule, const ScoreLine *line, const char *language);

/* The lines of a result, and where a bound of the formula changed it a last one {rule, points, text}. New
 * reference. */
json_t *score_trace_json(const ScoreFormula *formula, const GPtrArray *rules, const ScoreResult *result,
                         const char *language);

/* The sentences of the same: char*, for an organization's or (person not NULL) a person's period. First the
 * result, then a sentence a rule. The caller owns the array. */
GPtrArray *score_explain(const ScoreBook *book, const Period *period, const Organization *organization,
                         const ScorePerson *person, const char *language);

/* Over the periods of a term: the result, then a sentence a period, then the sum of every rule. */
GPtrArray *score_explain_term(const ScoreBook *book, const GPtrArray *periods,
                              const Organization *organization, const ScorePerson *person,
                              const char *language);
