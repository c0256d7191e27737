/* What a person decides on review entries, by command or by answering the notice (SPEC 2, 4): "3 归属
 * 护理学院学生会 2016-06-27", "4：通过", "5 拒绝 重复", assign, accept, reject. Pure. */
#pragma once

#include "gateway/core/view.h"

typedef enum { REVIEW_ASSIGN, REVIEW_ACCEPT, REVIEW_REJECT } ReviewVerb;

typedef struct {
    gint64 id; /* of the entry */
    ReviewVerb verb;
    char *argument; /* organization and period, or the reason; "" where none is given */
} ReviewOrder;

void review_order_free(ReviewOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReviewOrder, review_order_free)

/* The orders in the lines of a reply, at most REVIEW_ORDERS_MAX: ReviewOrder* in an owning array. Lines that
 * hold none are passed over. */
#define REVIEW_ORDERS_MAX 100
GPtrArray *review_orders_parse(const char *text);

/* "护理学院学生会" or "护理学院学生会 2016-06-27": the organization by name or alias, and the period's key
 * (or NULL). False where it names none, or several: *ret_why says so in that language. The caller frees both
 * strings. */
bool review_resolve(const View *view, const char *argument, const char *language, gint64 *ret_org_id,
                    char **ret_period, char **ret_why);

/* True where a person's yes settles an entry of this code by recording the form for the organization that it
 * names; else it only says that the matter was dealt with. */
bool review_records_form(const char *code);
