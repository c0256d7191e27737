/* Whether the head of its section has looked at a report (SPEC 1): states, and how a head's answer is read. A
 * report that is not approved counts; it is marked. Pure. */
#pragma once

#include "gateway/core/view.h"

typedef enum {
    APPROVAL_NOT_ASKED, /* nobody reviews it: no digest to section heads, or no head of its section */
    APPROVAL_PENDING,   /* 未审核 */
    APPROVAL_APPROVED,  /* 已审核 */
    APPROVAL_RETURNED   /* 已退回 */
} ApprovalState;

/* "" for APPROVAL_NOT_ASKED; "未审核", "not reviewed" … (static). */
const char *approval_text(ApprovalState state, const char *language);
/* "not_asked", "pending", "approved", "returned" (static). */
const char *approval_name(ApprovalState state);

/* The head of a section who can be written to, or NULL. Belongs to the programme. */
const RolePerson *approval_head(const Programme *programme, const char *section);

/* The state of a submission to an obligation. */
ApprovalState approval_state(const View *view, const Obligation *obligation, const Submission *submission);

/* Whether section heads review what is sent for an obligation: its digest goes to them. */
bool approval_is_asked(const Obligation *obligation);

/* One sentence of a head's answer: 通过 / 通过 1 3 / 退回 2：理由 / approve / return 2: reason. */
typedef struct {
    Verdict verdict;
    GArray *numbers; /* guint, as in the letter; empty: those that the letter shows */
    char *rest;      /* what follows the numbers: the reason of a return; may name an organization; "" */
} ApprovalWord;

/* Reads an answer's own text, line by line: GPtrArray of ApprovalWord*, owned by the caller; empty where it
 * says neither. Lines without a word of their own continue the reason of the last return. */
GPtrArray *approval_read(const char *reply);
