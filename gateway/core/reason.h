/* Why a letter is owed, or not: one sentence for `explain`, `simulate` and dry runs, in the programme's
 * language. All of them stand in one table. */
#pragma once

#include <glib.h>

typedef enum {
    REASON_STAGE,
    REASON_SUMMARY,
    REASON_PREVIEW,
    REASON_REVIEW_NOTICE,
    REASON_URGENT,
    REASON_URGENT_NOTICE,
    REASON_QUESTIONS_PASSED,
    REASON_QUESTIONS_NUDGED,
    REASON_QUESTIONS_OVERDUE,
    REASON_INQUIRY,
    REASON_INQUIRY_COPY,
    REASON_EXPLANATION,
    REASON_SECTION_DIGEST,
    REASON_SECTION_LATER,
    REASON_ADVISOR_DIGEST,
    REASON_RETURNED,
    REASON_ANNOUNCE,
    REASON_DUTY,
    REASON_DUTY_COPY,
    REASON_ACK,
    REASON_ACK_CHANGED,
    REASON_ACK_SAME,
    REASON_ACK_UNKNOWN,
    REASON_DEFECT,
    REASON_ANSWER,
    REASON_REPLY,
    REASON_ASKED,
    REASON_PINNED,
    REASON_DRIFT,
    /* why a letter is no longer due */
    REASON_GONE_OBLIGATION,
    REASON_GONE_PERIOD,
    REASON_GONE_ORGANIZATION,
    REASON_GONE_DUE_PASSED,
    REASON_GONE_DUE_MOVED,
    REASON_GONE_SUBMITTED,
    REASON_GONE_EXEMPT,
    REASON_GONE_SUSPENDED,
    REASON_GONE_NOT_OWED,
    REASON_GONE_EXPIRED,
    REASON_GONE_SILENT,
    REASON_GONE_REVIEWED,
    REASON_GONE_QUESTIONS,
    REASON_GONE_URGENT,
    REASON_GONE_DIGEST,
    REASON_GONE_DUTY,
    REASON_GONE_PREVIEW,
    REASONS
} ReasonCode;

/* The sentence of a code, "zh" or "en"; NULL-terminated pairs of a name and the text that stands for {name}.
 * The caller frees it. */
char *reason_text(ReasonCode code, const char *language, ...) G_GNUC_NULL_TERMINATED;
