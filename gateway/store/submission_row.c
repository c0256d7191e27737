#include "gateway/store/submission_row.h"

#include "gateway/core/content_digest.h"

enum { COLUMNS_WITHOUT_CONTENT = 16 };

Submission *submission_from_row(SqlRows *row) {
    Submission *submission = g_new0(Submission, 1);
    submission->id = sqlite3_column_int64(row, 0);
    submission->message_id = sqlite3_column_int64(row, 1);
    submission->org_id = sqlite3_column_int64(row, 2);
    submission->form = sql_text(row, 3);
    submission->obligation = sql_text(row, 4);
    submission->period = sql_text(row, 5);
    submission->revision = (guint)sqlite3_column_int64(row, 6);
    submission->received_s = sqlite3_column_int64(row, 7);
    submission->revised_s = sqlite3_column_int64(row, 8);
    submission->on_time = sqlite3_column_int(row, 9) != 0;
    submission->by_hand = g_strcmp0((const char *)sqlite3_column_text(row, 10), "hand") == 0;
    submission->n_problems = (guint)sqlite3_column_int64(row, 11);
    verdict_from_name((const char *)sqlite3_column_text(row, 12), &submission->verdict);
    submission->verdict_reason = sql_text(row, 13);
    submission->verdict_s = sqlite3_column_int64(row, 14);
    content_digest_read(submission, (const char *)sqlite3_column_text(row, 15));
    if (sqlite3_column_count(row) > COLUMNS_WITHOUT_CONTENT) {
        submission->fields = sql_json(row, 16);
        submission->tables = sql_json(row, 17);
        submission->problems = sql_json(row, 18);
    }
    return submission;
}
