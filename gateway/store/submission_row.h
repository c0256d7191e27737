/* Private to gateway/store: a Submission from a row, shared by submissions.c and snapshot.c. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/sql.h"

/* Without content (fields, tables, problems). */
#define SUBMISSION_COLUMNS                                                                                   \
    "SELECT s.id, r.message, s.org_id, s.form, s.obligation, s.period, r.number, s.received_s, "             \
    "r.received_s, s.on_time,"                                                                               \
    " r.origin, r.n_problems"
#define SUBMISSION_CONTENT ", r.fields, r.tables, r.problems"
#define SUBMISSION_TABLES                                                                                    \
    " FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current "

/* The row that the query stands on; with content where the query has SUBMISSION_CONTENT. The caller owns it.
 */
Submission *submission_from_row(SqlRows *row);
