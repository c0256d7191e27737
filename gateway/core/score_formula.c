#include "gateway/core/score_formula.h"

#include <math.h>
#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/error.h"
#include "gateway/core/roster.h"
#include "gateway/core/suggest.h"

#define NUMBER_MAX    1e6 /* weights, caps and bounds: beyond, it is a typing mistake */
#define VERSION_CHARS 12  /* 48 bits: two formulas of one programme never meet in them */
#define SUGGEST_MAX   4   /* more slips than this make another word */

/* --- memory
 * -------------------------------------------------------------------------------------------------- */

static void fact_free(ScoreFact *fact) {
    if (fact == NULL)
        return;
    g_free(fact->name);
    g_free(fact->key);
    g_free(fact->column);
    g_free(fact->title_zh);
    g_free(fact->title_en);
    g_free(fact->where_column);
    g_free(fact->where_text);
    if (fact->where_words != NULL)
        g_ptr_array_unref(fact->where_words);
    g_free(fact);
}

static void rule_free(ScoreRule *rule) {
    g_free(rule->title_zh);
    g_free(rule->title_en);
    fact_free(rule->fact);
    fact_free(rule->of);
    g_free(rule);
}

static void term_free(ScoreTerm *term) {
    g_free(term->id);
    g_free(term->title_zh);
    g_free(term->title_en);
    g_free(term);
}

static void reduction_free(ScoreReduction *reduction) {
    fact_free(reduction->fact);
    g_free(reduction);
}

void score_formula_free(ScoreFormula *formula) {
    if (formula == NULL)
        return;
    ScorePeople *people = &formula->people;
    char *const texts[] = {
        people->form,      people->table,         people->account,        people->name,
        people->group,     people->activity_form, people->activity_table, people->activity_account,
        formula->title_zh, formula->title_en,     formula->obligation,    formula->version};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_ptr_array_unref(formula->rules);
    g_ptr_array_unref(formula->person_rules);
    g_ptr_array_unref(formula->terms);
    g_ptr_array_unref(formula->awards.reductions);
    g_free(formula);
}

static ScoreFormula *formula_empty(void) {
    ScoreFormula *formula = g_new0(ScoreFormula, 1);
    formula->rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    formula->person_rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    formula->terms = g_ptr_array_new_with_free_func((GDestroyNotify)term_free);
    formula->awards.reductions = g_ptr_array_new_with_free_func((GDestroyNotify)reduction_free);
    return formula;
}

/* --- reading settings
 * ------------------------------------------------------------------------------------------ */

/* Where the reader stands: what a mistake is told with. */
typedef struct {
    const Programme *programme;
    const json_t *form; /* of the scored obligation */
    ScoreFormula *formula;
    char **place;
    GError **error;
} Reader;

static bool fail(const Reader *reader, char *place, char *message) {
    g_set_error_literal(reader->error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, message);
    g_free(message);
    if (reader->place != NULL)
        *reader->place = place;
    else
        g_free(place);
    return false;
}

static const char *text_of(const json_t *json, const char *key) {
    return json_string_value(json_object_get(json, key));
}

/* A number of the configuration in units of 1/scale; exact, or refused: what is rounded in silence cannot be
 * explained. */
static bool take_number(const Reader *reader, const json_t *json, const char *key, const char *place,
                        int scale, gint64 otherwise, gint64 *ret_value) {
    const json_t *value = json_object_get(json, key);
    double scaled = json_number_value(value) * scale;
    *ret_value = otherwise;
    if (value == NULL)
        return true;
    if (!json_is_number(value) || !isfinite(scaled) || fabs(scaled) > NUMBER_MAX * scale)
        return fail(reader, g_strdup_printf("%s.%s", place, key),
                    g_strdup_printf("must be a number between -%.0f and %.0f", NUMBER_MAX, NUMBER_MAX));
    if (fabs(scaled - round(scaled)) > 1e-6 * scale)
        return fail(
            reader, g_strdup_printf("%s.%s", place, key),
            g_strdup_printf("has more decimals than are counted; the finest step is %.10g", 1.0 / scale));
    *ret_value = llround(scaled);
    return true;
}

static void take_title(const json_t *json, char **ret_zh, char **ret_en) {
    const json_t *title = json_object_get(json, "title");
    *ret_zh = g_strdup(text_of(title, "zh"));
    *ret_en = g_strdup(text_of(title, "en"));
}

/* --- facts
 * --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    ScoreFactKind kind;
    const char *zh, *en;
} named_facts[] = {
    {"received", SCORE_FACT_RECEIVED, "已交", "received"},
    {"on_time", SCORE_FACT_ON_TIME, "按时提交", "on time"},
    {"late", SCORE_FACT_LATE, "迟交", "late"},
    {"missing", SCORE_FACT_MISSING, "未交", "missing"},
    {"complete", SCORE_FACT_COMPLETE, "填写完整", "complete"},
    {"late_days", SCORE_FACT_LATE_DAYS, "迟交天数", "days late"},
    {"problems", SCORE_FACT_PROBLEMS, "待核对项", "points to check"},
    {"people", SCORE_FACT_PEOPLE, "工作人员数", "people"},
    {"people.registered", SCORE_FACT_REGISTERED, "已登记账号人数", "people with an account"},
    {"people.active", SCORE_FACT_ACTIVE, "活跃人数", "active people"},
};

static const json_t *member_named(const json_t *list, const char *key) {
    gsize i;
    json_t *item;
    json_array_foreach(list, i, item)
        if (strcmp(definition_key(item), key) == 0)
            return item;
    return NULL;
}

static const json_t *people_table(const Reader *reader) {
    const ScorePeople *people = &reader->formula->people;
    return people->form != NULL
               ? definition_table(definition_form(reader->programme, people->form), people->table)
               : NULL;
}

static const json_t *activity_table(const Reader *reader) {
    const ScorePeople *people = &reader->formula->people;
    return people->activity_form != NULL
               ? definition_table(definition_form(reader->programme, people->activity_form),
                                  people->activity_table)
               : NULL;
}

static void set_titles(ScoreFact *fact, const json_t *definition, const json_t *column) {
    for (int en = 0; en < 2; en++) {
        const char *language = en ? "en" : "zh";
        char *title = column != NULL
                          ? g_strdup_printf(en ? "%s: %s" : "%s·%s", definition_title(definition, language),
                                            definition_title(column, language))
                          : g_strdup(definition_title(definition, language));
        *(en ? &fact->title_en : &fact->title_zh) = title;
    }
}

/* A column of the activity export: of the organization's people, or of a person. */
static bool resolve_activity(const Reader *reader, ScoreFact *fact, const char *column) {
    const json_t *table = activity_table(reader),
                 *definition = member_named(definition_columns(table), column);
    if (definition == NULL || !definition_is_number(definition))
        return false;
    fact->kind = SCORE_FACT_ACTIVITY;
    fact->column = g_strdup(column);
    set_titles(fact, table, definition);
    return true;
}

/* A fact of the report's own form. */
static bool resolve_form(const Reader *reader, ScoreFact *fact) {
    g_auto(GStrv) parts = g_strsplit(fact->name, ".", 2);
    const json_t *field = member_named(definition_fields(reader->form), fact->name);
    const json_t *table = member_named(definition_tables(reader->form), parts[0] != NULL ? parts[0] : "");
    if (field != NULL) {
        fact->kind = definition_is_number(field) ? SCORE_FACT_NUMBER : SCORE_FACT_FILLED;
        fact->key = g_strdup(fact->name);
        set_titles(fact, field, NULL);
        return true;
    }
    if (table == NULL)
        return false;
    const json_t *column = parts[1] != NULL ? member_named(definition_columns(table), parts[1]) : NULL;
    if (parts[1] != NULL && (column == NULL || !definition_is_number(column)))
        return false;
    fact->kind = column != NULL ? SCORE_FACT_SUM : SCORE_FACT_ROWS;
    fact->key = g_strdup(parts[0]);
    fact->column = g_strdup(parts[1]);
    set_titles(fact, table, column);
    return true;
}

/* What a problem's code is called (SPEC 3.4); another code or class stays as it is. */
static void name_problem(ScoreFact *fact) {
    static const struct {
        const char *code, *zh, *en;
    } codes[] = {
        {"missing", "漏填项", "items left out"},
        {"contradiction", "前后矛盾的数据", "figures that contradict"},
        {"sum", "合计不符的数据", "sums that do not agree"},
        {"jump", "与上期相差过大的数据", "figures that jumped"},
        {"range", "超出范围的数据", "figures out of range"},
        {"invalid", "无法识别的内容", "values that cannot be read"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        if (strcmp(codes[i].code, fact->key) == 0) {
            fact->title_zh = g_strdup(codes[i].zh);
            fact->title_en = g_strdup(codes[i].en);
            return;
        }
    fact->title_zh = g_strdup_printf("待核对项（%s）", fact->key);
    fact->title_en = g_strdup_printf("points to check (%s)", fact->key);
}

static bool resolve_named(const Reader *reader, ScoreFact *fact, bool is_person) {
    for (gsize i = 0; i < G_N_ELEMENTS(named_facts); i++) {
        ScoreFactKind kind = named_facts[i].kind;
        if (strcmp(named_facts[i].name, fact->name) != 0)
            continue;
        if (is_person || (kind >= SCORE_FACT_PEOPLE && people_table(reader) == NULL) ||
            (kind == SCORE_FACT_ACTIVE && activity_table(reader) == NULL))
            return false;
        fact->kind = kind;
        fact->title_zh = g_strdup(named_facts[i].zh);
        fact->title_en = g_strdup(named_facts[i].en);
        return true;
    }
    if (is_person || !g_str_has_prefix(fact->name, "problems.") || fact->name[strlen("problems.")] == '\0')
        return false;
    fact->kind = SCORE_FACT_PROBLEMS;
    fact->key = g_strdup(fact->name + strlen("problems."));
    name_problem(fact);
    return true;
}

static void keep_nearest(const char *word, const char *candidate, guint *best, char **nearest) {
    guint slips = suggest_distance(word, candidate);
    if (slips >= *best)
        return;
    *best = slips;
    g_free(*nearest);
    *nearest = g_strdup(candidate);
}

/* "there is no fact …; did you mean …?" */
static char *unknown_fact(const Reader *reader, const char *name, bool is_person) {
    g_autofree char *nearest = NULL;
    guint best = SUGGEST_MAX;
    gsize i, c;
    json_t *item, *column;
    for (i = 0; !is_person && i < G_N_ELEMENTS(named_facts); i++)
        keep_nearest(name, named_facts[i].name, &best, &nearest);
    json_array_foreach(is_person ? NULL : definition_fields(reader->form), i, item)
        keep_nearest(name, definition_key(item), &best, &nearest);
    json_array_foreach(is_person ? NULL : definition_tables(reader->form), i, item) {
        keep_nearest(name, definition_key(item), &best, &nearest);
        json_array_foreach(definition_columns(item), c, column) {
            g_autofree char *both = g_strdup_printf("%s.%s", definition_key(item), definition_key(column));
            keep_nearest(name, both, &best, &nearest);
        }
    }
    json_array_foreach(definition_columns(activity_table(reader)), i, item) {
        g_autofree char *full = g_strconcat(is_person ? "" : "people.", definition_key(item), NULL);
        keep_nearest(name, full, &best, &nearest);
    }
    return nearest != NULL ? g_strdup_printf("there is no fact \"%s\"; did you mean \"%s\"?", name, nearest)
                           : g_strdup_printf("there is no fact \"%s\"; %s", name,
                                             is_person ? "a person's facts are the number columns of the "
                                                         "activity export, and active"
                                                       : "etc/README.md lists them");
}

/* The table whose rows `where` picks from. */
static const json_t *table_of_where(const Reader *reader, const ScoreFact *fact) {
    switch (fact->kind) {
    case SCORE_FACT_ROWS:
    case SCORE_FACT_SUM:
        return member_named(definition_tables(reader->form), fact->key);
    case SCORE_FACT_PEOPLE:
    case SCORE_FACT_REGISTERED:
    case SCORE_FACT_ACTIVE:
    case SCORE_FACT_ACTIVITY:
        return people_table(reader);
    default:
        return NULL;
    }
}

static bool take_where(const Reader *reader, const json_t *where, const char *place, ScoreFact *fact) {
    if (where == NULL)
        return true;
    const char *column = text_of(where, "column");
    const json_t *table = table_of_where(reader, fact);
    if (table == NULL)
        return fail(reader, g_strdup_printf("%s.where", place),
                    g_strdup_printf("\"%s\" is no list of rows to pick from", fact->name));
    if (column == NULL || member_named(definition_columns(table), column) == NULL)
        return fail(reader, g_strdup_printf("%s.where.column", place),
                    g_strdup_printf("the list \"%s\" has no column \"%s\"", definition_key(table),
                                    column != NULL ? column : ""));
    fact->where_column = g_strdup(column);
    fact->where_words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) text = g_string_new(NULL);
    gsize i;
    json_t *word;
    json_array_foreach(json_object_get(where, "has"), i, word) {
        g_autofree char *normal = roster_normal_name(json_string_value(word));
        if (*normal != '\0')
            g_ptr_array_add(fact->where_words, g_steal_pointer(&normal));
        g_string_append_printf(text, "%s%s", i > 0 ? "/" : "", json_string_value(word));
    }
    if (fact->where_words->len == 0)
        return fail(reader, g_strdup_printf("%s.where.has", place),
                    g_strdup("names no word, such as [\"线上\"]"));
    fact->where_text = g_string_free(g_steal_pointer(&text), FALSE);
    return true;
}

/* NULL after telling the mistake. key: the setting that names it. */
static ScoreFact *take_fact(const Reader *reader, const json_t *json, const char *key, const char *place,
                            bool is_person) {
    ScoreFact *fact = g_new0(ScoreFact, 1);
    fact->name = g_strdup(text_of(json, key));
    bool is_people = g_str_has_prefix(fact->name, "people.");
    bool good = is_person && strcmp(fact->name, "active") == 0 && activity_table(reader) != NULL;
    if (good) {
        fact->kind = SCORE_FACT_ACTIVE;
        fact->title_zh = g_strdup("有活动");
        fact->title_en = g_strdup("active");
    }
    good = good || resolve_named(reader, fact, is_person);
    if (!good && is_person)
        good = resolve_activity(reader, fact, fact->name);
    else if (!good)
        good = (is_people && people_table(reader) != NULL &&
                resolve_activity(reader, fact, fact->name + strlen("people."))) ||
               resolve_form(reader, fact);
    if (!good)
        fail(reader, g_strdup_printf("%s.%s", place, key), unknown_fact(reader, fact->name, is_person));
    else
        good =
            take_where(reader, strcmp(key, "fact") == 0 ? json_object_get(json, "where") : NULL, place, fact);
    if (!good)
        g_clear_pointer(&fact, fact_free);
    return fact;
}

/* --- rules
 * --------------------------------------------------------------------------------------------------- */

static bool take_per(const Reader *reader, const json_t *json, const char *place, bool is_person,
                     ScoreRule *rule) {
    const json_t *per = json_object_get(json, "per");
    const char *word = json_string_value(per);
    if (per == NULL)
        return true;
    if (json_is_number(per)) {
        rule->per = SCORE_PER_NUMBER;
        if (!take_number(reader, json, "per", place, SCORE_VALUE_UNIT, 0, &rule->per_e3))
            return false;
        if (rule->per_e3 > 0)
            return true;
    } else if (g_strcmp0(word, "day") == 0) {
        rule->per = SCORE_PER_DAY;
        return true;
    } else if (g_strcmp0(word, "person") == 0 && !is_person && people_table(reader) != NULL) {
        rule->per = SCORE_PER_PERSON;
        return true;
    }
    return fail(reader, g_strdup_printf("%s.per", place),
                g_strdup_printf("must be \"day\"%s or a number above 0",
                                is_person || people_table(reader) == NULL ? "" : ", \"person\""));
}

static void name_rule(const json_t *json, ScoreRule *rule) {
    const ScoreFact *fact = rule->fact, *of = rule->of;
    take_title(json, &rule->title_zh, &rule->title_en);
    if (rule->title_zh != NULL)
        return;
    rule->title_zh =
        of != NULL ? g_strdup_printf("%s÷%s", fact->title_zh, of->title_zh) : g_strdup(fact->title_zh);
    rule->title_en =
        of != NULL ? g_strdup_printf("%s of %s", fact->title_en, of->title_en) : g_strdup(fact->title_en);
    if (fact->where_text != NULL) {
        char *zh = g_strdup_printf("%s（%s）", rule->title_zh, fact->where_text);
        char *en = g_strdup_printf("%s (%s)", rule->title_en, fact->where_text);
        g_free(rule->title_zh);
        g_free(rule->title_en);
        rule->title_zh = zh;
        rule->title_en = en;
    }
}

static bool take_rule(const Reader *reader, const json_t *json, const char *place, bool is_person,
                      GPtrArray *rules) {
    ScoreRule *rule = g_new0(ScoreRule, 1);
    g_ptr_array_add(rules, rule);
    rule->fact = take_fact(reader, json, "fact", place, is_person);
    if (rule->fact == NULL)
        return false;
    if (json_object_get(json, "of") != NULL &&
        (rule->of = take_fact(reader, json, "of", place, is_person)) == NULL)
        return false;
    name_rule(json, rule);
    if (!take_per(reader, json, place, is_person, rule) ||
        !take_number(reader, json, "points", place, SCORE_WEIGHT_UNIT, 0, &rule->weight_e4) ||
        !take_number(reader, json, "cap", place, SCORE_POINT_UNIT, -1, &rule->cap_e2) ||
        !take_number(reader, json, "if_missing", place, SCORE_POINT_UNIT, 0, &rule->if_missing_e2) ||
        !take_number(reader, json, "if_none", place, SCORE_POINT_UNIT, 0, &rule->if_none_e2))
        return false;
    if (rule->weight_e4 == 0)
        return fail(reader, g_strdup_printf("%s.points", place),
                    g_strdup("is 0: the rule would never give a point"));
    if (json_object_get(json, "cap") != NULL && rule->cap_e2 <= 0)
        return fail(reader, g_strdup_printf("%s.cap", place),
                    g_strdup("must be above 0; it bounds points given and points taken away alike"));
    return true;
}

static bool take_rules(const Reader *reader, const json_t *list, const char *name, bool is_person,
                       GPtrArray *rules) {
    gsize i;
    json_t *item;
    if (json_array_size(list) > SCORE_RULES_MAX)
        return fail(reader, g_strdup_printf("scores.%s", name),
                    g_strdup_printf("more than %d rules", SCORE_RULES_MAX));
    json_array_foreach(list, i, item) {
        g_autofree char *place = g_strdup_printf("scores.%s[%zu]", name, i);
        if (!take_rule(reader, item, place, is_person, rules))
            return false;
    }
    return true;
}

/* --- the rest
 * ------------------------------------------------------------------------------------------------ */

/* One setting of people or activity that must name something in the form's definition. */
static bool take_key(const Reader *reader, const json_t *json, const char *place, const char *key,
                     const json_t *list, bool is_needed, char **ret_key) {
    const char *text = text_of(json, key);
    *ret_key = g_strdup(text);
    if (text == NULL && !is_needed)
        return true;
    if (text != NULL && member_named(list, text) != NULL)
        return true;
    return fail(reader, g_strdup_printf("%s.%s", place, key),
                g_strdup_printf("the form has no \"%s\"", text != NULL ? text : ""));
}

static bool take_people(const Reader *reader, const json_t *root) {
    ScorePeople *people = &reader->formula->people;
    const json_t *json = json_object_get(root, "people"), *activity = json_object_get(root, "activity");
    if (json != NULL) {
        const json_t *form = definition_form(reader->programme, text_of(json, "form"));
        if (form == NULL)
            return fail(reader, g_strdup("scores.people.form"),
                        g_strdup_printf("there is no form \"%s\"", text_of(json, "form")));
        people->form = g_strdup(text_of(json, "form"));
        if (!take_key(reader, json, "scores.people", "table", definition_tables(form), true, &people->table))
            return false;
        const json_t *columns = definition_columns(definition_table(form, people->table));
        if (!take_key(reader, json, "scores.people", "account", columns, true, &people->account) ||
            !take_key(reader, json, "scores.people", "name", columns, true, &people->name) ||
            !take_key(reader, json, "scores.people", "group", columns, false, &people->group))
            return false;
    }
    if (activity == NULL)
        return true;
    if (json == NULL)
        return fail(reader, g_strdup("scores.activity"),
                    g_strdup("needs people: accounts are joined to the people of an organization"));
    const json_t *form = definition_form(reader->programme, text_of(activity, "form"));
    if (form == NULL)
        return fail(reader, g_strdup("scores.activity.form"),
                    g_strdup_printf("there is no form \"%s\"", text_of(activity, "form")));
    people->activity_form = g_strdup(text_of(activity, "form"));
    return take_key(reader, activity, "scores.activity", "table", definition_tables(form), true,
                    &people->activity_table) &&
           take_key(reader, activity, "scores.activity", "account",
                    definition_columns(definition_table(form, people->activity_table)), true,
                    &people->activity_account);
}

static bool take_terms(const Reader *reader, const json_t *list) {
    gsize i;
    json_t *item;
    json_array_foreach(list, i, item) {
        ScoreTerm *term = g_new0(ScoreTerm, 1);
        g_ptr_array_add(reader->formula->terms, term);
        term->id = g_strdup(text_of(item, "id"));
        take_title(item, &term->title_zh, &term->title_en);
        bool good = calendar_day_parse(text_of(item, "first"), &term->first) &&
                    calendar_day_parse(text_of(item, "last"), &term->last) &&
                    g_date_compare(&term->first, &term->last) <= 0;
        if (!good)
            return fail(reader, g_strdup_printf("scores.terms[%zu].last", i), g_strdup("lies before first"));
    }
    return true;
}

static bool take_awards(const Reader *reader, const json_t *json) {
    ScoreAwards *awards = &reader->formula->awards;
    const json_t *preference = json_object_get(json, "preference");
    static const char place[] = "scores.awards.preference";
    awards->is_set = json != NULL;
    if (!take_number(reader, json, "places", "scores.awards", 1, 0, &awards->places) ||
        !take_number(reader, json, "reduction_at_most", "scores.awards", SCORE_POINT_UNIT,
                     100 * SCORE_POINT_UNIT, &awards->reduction_max_e2) ||
        !take_number(reader, preference, "organizations", place, 1, 0, &awards->top) ||
        !take_number(reader, preference, "persons", place, 1, 0, &awards->persons) ||
        !take_number(reader, preference, "score_from", place, SCORE_POINT_UNIT, 0, &awards->from_e2) ||
        !take_number(reader, preference, "late_at_most", place, 1, 0, &awards->late_max))
        return false;
    gsize i;
    json_t *item;
    json_array_foreach(json_object_get(json, "reduction"), i, item) {
        g_autofree char *at = g_strdup_printf("scores.awards.reduction[%zu]", i);
        ScoreReduction *reduction = g_new0(ScoreReduction, 1);
        g_ptr_array_add(awards->reductions, reduction);
        if ((reduction->fact = take_fact(reader, item, "fact", at, false)) == NULL ||
            !take_number(reader, item, "percent_each", at, SCORE_POINT_UNIT, 0, &reduction->percent_e2))
            return false;
    }
    return true;
}

static void set_version(const json_t *json, ScoreFormula *formula) {
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    free(text);
    formula->version = g_strndup(digest, VERSION_CHARS);
}

static bool take_formula(const Reader *reader, const json_t *json) {
    ScoreFormula *formula = reader->formula;
    formula->obligation = g_strdup(text_of(json, "obligation"));
    const Obligation *obligation = programme_obligation(reader->programme, formula->obligation);
    if (obligation == NULL)
        return fail(reader, g_strdup("scores.obligation"),
                    g_strdup_printf("there is no obligation \"%s\"", formula->obligation));
    ((Reader *)reader)->form = definition_form(reader->programme, obligation->form);
    take_title(json, &formula->title_zh, &formula->title_en);
    formula->term_is_sum = g_strcmp0(text_of(json, "term_score"), "sum") == 0;
    const json_t *decimals = json_object_get(json, "decimals"), *shown = json_object_get(json, "shown");
    formula->decimals = json_is_integer(decimals) ? (guint)json_integer_value(decimals) : 2;
    formula->shown = json_is_integer(shown) ? (guint)json_integer_value(shown) : 3;
    if (!take_number(reader, json, "minimum", "scores", SCORE_POINT_UNIT, G_MININT64, &formula->minimum_e2) ||
        !take_number(reader, json, "maximum", "scores", SCORE_POINT_UNIT, G_MAXINT64, &formula->maximum_e2))
        return false;
    if (formula->minimum_e2 > formula->maximum_e2)
        return fail(reader, g_strdup("scores.minimum"), g_strdup("is above maximum"));
    return take_people(reader, json) &&
           take_rules(reader, json_object_get(json, "organizations"), "organizations", false,
                      formula->rules) &&
           take_rules(reader, json_object_get(json, "persons"), "persons", true, formula->person_rules) &&
           take_terms(reader, json_object_get(json, "terms")) &&
           take_awards(reader, json_object_get(json, "awards"));
}

ScoreFormula *score_formula_new(const json_t *json, const Programme *programme, char **ret_place,
                                GError **error) {
    g_autoptr(ScoreFormula) formula = formula_empty();
    Reader reader = {.programme = programme, .formula = formula, .place = ret_place, .error = error};
    if (!take_formula(&reader, json))
        return NULL;
    set_version(json, formula);
    return g_steal_pointer(&formula);
}

/* --- asking
 * -------------------------------------------------------------------------------------------------- */

static bool is_about_people(const ScoreFact *fact) {
    return fact != NULL && fact->kind >= SCORE_FACT_PEOPLE;
}

bool score_formula_needs_people(const ScoreFormula *formula) {
    bool needs = formula->person_rules->len > 0;
    for (guint i = 0; i < formula->rules->len; i++) {
        const ScoreRule *rule = g_ptr_array_index(formula->rules, i);
        needs = needs || is_about_people(rule->fact) || is_about_people(rule->of) ||
                rule->per == SCORE_PER_PERSON;
    }
    for (guint i = 0; i < formula->awards.reductions->len; i++)
        needs =
            needs ||
            is_about_people(((const ScoreReduction *)g_ptr_array_index(formula->awards.reductions, i))->fact);
    return needs;
}

static const char *in_language(const char *zh, const char *en, const char *language) {
    const char *own = g_strcmp0(language, "en") == 0 ? en : zh, *other = own == en ? zh : en;
    return own != NULL ? own : other != NULL ? other : "";
}

const char *score_rule_title(const ScoreRule *rule, const char *language) {
    return in_language(rule->title_zh, rule->title_en, language);
}

const char *score_fact_title(const ScoreFact *fact, const char *language) {
    return in_language(fact->title_zh, fact->title_en, language);
}

const ScoreTerm *score_formula_term(const ScoreFormula *formula, const char *id) {
    for (guint i = 0; i < formula->terms->len; i++) {
        const ScoreTerm *term = g_ptr_array_index(formula->terms, i);
        if (g_strcmp0(term->id, id) == 0)
            return term;
    }
    return NULL;
}
