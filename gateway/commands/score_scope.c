#include "gateway/commands/score_scope.h"

#include <stdio.h>
#include <string.h>

#include "gateway/core/period.h"

void score_scope_clear(ScoreScope *scope) {
    g_free(scope->name);
    g_clear_pointer(&scope->book, score_book_free);
    g_clear_pointer(&scope->periods, g_ptr_array_unref);
    *scope = (ScoreScope){0};
}

/* One period of the scored obligation. */
static int take_period(const Context *context, const char *text, ScoreScope *scope) {
    const ScoreFormula *formula = context->config->scores;
    g_autofree char *name = !text || strchr(text, '/') ? g_strdup(text ? text : formula->obligation)
                                                       : g_strdup_printf("%s/%s", formula->obligation, text);
    const Obligation *obligation;
    Period *period = NULL;
    int status = context_period(context, name, &obligation, &period);
    if (status != CONTEXT_GO_ON)
        return status;
    g_ptr_array_add(scope->periods, period);
    scope->name = g_strdup(period->key);
    if (strcmp(obligation->id, formula->obligation) == 0)
        return CONTEXT_GO_ON;
    fprintf(stderr, "fortnight: scores are given for \"%s\" only\n", formula->obligation);
    return EXIT_USAGE;
}

static void take_term(const Context *context, const char *text, const ScoreTerm *term, ScoreScope *scope) {
    g_clear_pointer(&scope->periods, g_ptr_array_unref);
    scope->periods = score_periods(context->config->programme, term, context->now_s);
    scope->term = true;
    scope->name = g_strdup(text);
}

/* The contents of these periods, and of the one before the first, which a change is told against. */
static int load(Context *context, const ScoreScope *scope) {
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    const Programme *programme = context->config->programme;
    const Obligation *obligation = programme_obligation(programme, context->config->scores->obligation);
    g_autoptr(Period) before =
        scope->periods->len ? period_previous(programme, obligation, scope->periods->pdata[0]) : NULL;
    if (before)
        g_ptr_array_add(keys, before->key);
    for (guint i = 0; i < scope->periods->len; i++)
        g_ptr_array_add(keys, ((Period *)scope->periods->pdata[i])->key);
    g_ptr_array_add(keys, NULL);
    return context_load_view(context, &(SnapshotScope){.periods = (const char *const *)keys->pdata,
                                                       .with_content = true,
                                                       .with_people = true});
}

int score_scope_open(Context *context, const char *text, ScoreScope *scope) {
    const ScoreFormula *formula = context->config->scores;
    if (!formula) {
        fputs("fortnight: no scores are configured; etc/README.md explains the group \"scores\"\n", stderr);
        return EXIT_USAGE;
    }
    scope->periods = g_ptr_array_new_with_free_func((GDestroyNotify)period_free);
    scope->now_s = context->now_s;
    const ScoreTerm *term = text ? score_formula_term(formula, text) : NULL;
    int status = CONTEXT_GO_ON;
    if (term || g_strcmp0(text, "all") == 0)
        take_term(context, text, term, scope);
    else
        status = take_period(context, text, scope);
    if (status == CONTEXT_GO_ON)
        status = context_open_store(context, STORE_READ);
    if (status == CONTEXT_GO_ON)
        status = load(context, scope);
    if (status == CONTEXT_GO_ON)
        scope->book = score_book_new(context->view, context->now_s);
    return status;
}
