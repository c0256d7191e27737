/* fortnight explain score: where each point comes from. */
#include <stdio.h>
#include <string.h>

#include "gateway/commands/score_scope.h"
#include "gateway/core/roster.h"
#include "gateway/core/score_text.h"

/* One person by account, else by a name that only one has. */
static const ScorePerson *person_named(const ScoreBook *book, const char *name, guint *ret_found) {
    const GPtrArray *people = score_book_people(book);
    const ScorePerson *found = NULL;
    *ret_found = 0;
    for (guint i = 0; i < people->len; i++) {
        const ScorePerson *person = people->pdata[i];
        if (*person->account && g_ascii_strcasecmp(person->account, name) == 0) {
            *ret_found = 1;
            return person;
        }
        if (strcmp(person->name, name) == 0) {
            ++*ret_found;
            found = person;
        }
    }
    return *ret_found == 1 ? found : NULL;
}

static json_t *trace_of(const ScoreScope *scope, const Organization *organization, const ScorePerson *person,
                        const char *language) {
    const ScoreFormula *formula = score_book_formula(scope->book);
    const GPtrArray *rules = person ? formula->person_rules : formula->rules;
    json_t *periods = json_array();
    gint64 total_e2 = 0;
    guint scored = 0;
    for (guint i = 0; i < scope->periods->len; i++) {
        const Period *period = scope->periods->pdata[i];
        ScoreResult result;
        if (!(person ? score_book_person(scope->book, period, person, &result)
                     : score_book_period(scope->book, period, organization, &result))) {
            json_array_append_new(periods,
                                  json_pack("{s:s, s:n, s:[]}", "period", period->key, "score", "trace"));
            continue;
        }
        scored++;
        total_e2 += result.points_e2;
        json_array_append_new(periods, json_pack("{s:s, s:f, s:o}", "period", period->key, "score",
                                                 (double)result.points_e2 / SCORE_POINT_UNIT, "trace",
                                                 score_trace_json(formula, rules, &result, language)));
    }
    json_t *score = scored ? json_real((double)score_combined(formula, total_e2, scored) / SCORE_POINT_UNIT)
                           : json_null();
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:o}", "name", person ? person->name : organization->name,
                     "organization", organization->name, "formula", formula->version, "scored",
                     (json_int_t)scored, "score", score, "periods", periods);
}

static int print(const Context *context, const ScoreScope *scope, const char *name) {
    g_autofree char *normal = roster_normal_name(name);
    const GPtrArray *named = view_named(context->view, normal);
    guint found = 0;
    const ScorePerson *person = named ? NULL : person_named(scope->book, name, &found);
    if ((named && named->len > 1) || (!named && !person)) {
        fprintf(stderr,
                "fortnight explain: %s organization or person is called \"%s\"; `fortnight scores%s` lists "
                "them\n",
                named || found > 1 ? "more than one" : "no", name, named ? "" : " --persons");
        return EXIT_ATTENTION;
    }
    const Organization *organization = person ? person->organization : named->pdata[0];
    const char *language = context->config->programme->language;
    if (context->json) {
        json_t *trace = trace_of(scope, organization, person, language);
        context_print_json(trace);
        json_decref(trace);
        return EXIT_DONE;
    }
    g_autoptr(GPtrArray) sentences =
        scope->term ? score_explain_term(scope->book, scope->periods, organization, person, language)
                    : score_explain(scope->book, scope->periods->pdata[0], organization, person, language);
    for (guint i = 0; i < sentences->len; i++)
        puts(sentences->pdata[i]);
    return EXIT_DONE;
}

int score_explain_print(Context *context, const char *name, const char *scope_text) {
    g_auto(ScoreScope) scope = {0};
    int status = score_scope_open(context, scope_text, &scope);
    return status == CONTEXT_GO_ON ? print(context, &scope, name) : status;
}
