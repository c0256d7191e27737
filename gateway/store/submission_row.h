/* Private to gateway/store: a Submission from a row, shared by submissions.c and snapshot.c. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/sql.h"

#define SUBMISSION_COLUMNS                                                                                   \
    "SELECT s.id, r.message, s.org_id, s.form, s.obligation, s.period, r.number, s.received_s, "             \
    "r.received_s, s.on_time,"                                                                               \
    " r.origin, r.n_problems, s.verdict, s.verdict_reason, s.verdict_s, r.digest"
#define SUBMISSION_TABLES                                                                                    \
    " FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current "
#define SUBMISSION_WITHOUT_CONTENT SUBMISSION_COLUMNS SUBMISSION_TABLES
#define SUBMISSION_WITH_CONTENT                                                                              \
    SUBMISSION_COLUMNS ", c.fields, c.tables, c.problems" SUBMISSION_TABLES                                  \
                       "LEFT JOIN revision_content c ON c.revision = r.id "

/* The row that the query stands on; with content where the query is SUBMISSION_WITH_CONTENT. The caller owns
 * it.
 */
Submission *submission_from_row(SqlRows *row);
