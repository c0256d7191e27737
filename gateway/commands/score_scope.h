/* What `scores` and `explain score` speak of: a period or a term, with the view that it needs. */
#pragma once

#include "gateway/commands/context.h"
#include "gateway/core/scores.h"

typedef struct {
    char *name;         /* period key or term id */
    bool term;          /* several periods together */
    GPtrArray *periods; /* Period* */
    ScoreBook *book;    /* over context->view */
    gint64 now_s;
} ScoreScope;

void score_scope_clear(ScoreScope *scope);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ScoreScope, score_scope_clear)

/* text: a period ("2016-06-27"), a configured term's id, "all", or NULL: the period that is running or was
 * due last. Opens the store and loads what scores need. The scope must be cleared before the context.
 * CONTEXT_GO_ON or an exit status. */
int score_scope_open(Context *context, const char *text, ScoreScope *ret_scope);

/* `explain score`: the sentences, or with --json the trace, of the organization with that name, or the person
 * with that account or name, in a period or term. Exit status. */
int score_explain_print(Context *context, const char *name, const char *scope);
