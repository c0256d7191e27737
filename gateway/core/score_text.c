#include "gateway/core/score_text.h"

#include <string.h>

#include "gateway/core/calendar.h"

/* --- numbers
 * ------------------------------------------------------------------------------------------------- */

char *score_points_text(gint64 points_e2) {
    guint64 size = (guint64)ABS(points_e2);
    return g_strdup_printf("%s%" G_GUINT64_FORMAT ".%02" G_GUINT64_FORMAT, points_e2 < 0 ? "-" : "",
                           size / SCORE_POINT_UNIT, size % SCORE_POINT_UNIT);
}

/* 2500 of 1000 → "2.5": as few decimals as say it exactly. */
static char *units_text(gint64 value, gint64 unit) {
    g_autofree char *text = g_strdup_printf("%.4f", (double)value / (double)unit);
    gsize length = strlen(text);
    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == '.')
        text[length - 1] = '\0';
    return g_steal_pointer(&text);
}

static json_t *units_json(gint64 value, gint64 unit) {
    return value % unit == 0 ? json_integer(value / unit) : json_real((double)value / (double)unit);
}

/* --- words
 * --------------------------------------------------------------------------------------------------- */

G_GNUC_FORMAT(2)
G_GNUC_FORMAT(3)
static const char *word(const char *language, const char *zh, const char *en) {
    return g_strcmp0(language, "en") == 0 ? en : zh;
}

static const char *state_text(ScoreState state, const char *language) {
    switch (state) {
    case SCORE_KNOWN:
        return "";
    case SCORE_NO_REPORT:
        return word(language, "本期没有报送", "nothing was sent for the period");
    case SCORE_NOT_GIVEN:
        return word(language, "没有填报", "not given");
    case SCORE_NO_RECEIPT:
        return word(language, "没有回执，不知道有哪些人员", "no receipt tells who its people are");
    case SCORE_NO_EXPORT:
        return word(language, "本期没有活跃度数据", "no activity export belongs to the period");
    case SCORE_NOT_LOADED:
        return word(language, "内容未读入", "contents were not read");
    case SCORE_NOTHING:
        return word(language, "分母为零，无从计算比例", "a share of nothing");
    }
    return "";
}

static const char *state_name(ScoreState state) {
    static const char *const names[] = {
        [SCORE_KNOWN] = "known",           [SCORE_NO_REPORT] = "no_report", [SCORE_NOT_GIVEN] = "not_given",
        [SCORE_NO_RECEIPT] = "no_receipt", [SCORE_NO_EXPORT] = "no_export", [SCORE_NOT_LOADED] = "not_loaded",
        [SCORE_NOTHING] = "nothing",
    };
    return names[state];
}

static bool is_yes_or_no(const ScoreRule *rule) {
    return rule->of == NULL && rule->per == SCORE_PER_NOTHING &&
           (rule->fact->kind <= SCORE_FACT_COMPLETE || rule->fact->kind == SCORE_FACT_FILLED);
}

/* "提问量 35 ÷ 14 天 × 2 分" */
static void append_calculation(GString *text, const ScoreRule *rule, const ScoreLine *line,
                               const char *language) {
    g_autofree char *value = units_text(line->value_e3, SCORE_VALUE_UNIT);
    g_autofree char *weight = units_text(rule->weight_e4, SCORE_WEIGHT_UNIT);
    if (is_yes_or_no(rule))
        g_string_append(text, line->value_e3 != 0 ? word(language, "是", "yes") : word(language, "否", "no"));
    else
        g_string_append_printf(text, "%s %s", score_fact_title(rule->fact, language), value);
    if (rule->of != NULL) {
        g_autofree char *of = units_text(line->of_e3, SCORE_VALUE_UNIT);
        g_string_append_printf(text, " ÷ %s %s", score_fact_title(rule->of, language), of);
    }
    if (rule->per != SCORE_PER_NOTHING) {
        g_autofree char *divisor = units_text(line->divisor_e3, SCORE_VALUE_UNIT);
        g_string_append_printf(text, " ÷ %s%s", divisor,
                               rule->per == SCORE_PER_DAY      ? word(language, " 天", " days")
                               : rule->per == SCORE_PER_PERSON ? word(language, " 人", " people")
                                                               : "");
    }
    g_string_append_printf(text, word(language, " × %s 分", " × %s points"), weight);
    if (line->is_capped) {
        g_autofree char *cap = units_text(rule->cap_e2, SCORE_POINT_UNIT);
        g_string_append_printf(text, word(language, "，最多 %s 分", ", at most %s"), cap);
    }
}

static void append_source(GString *text, const ScoreLine *line, const char *language) {
    const char *source = json_string_value(json_object_get(line->field, "source"));
    if (line->from == NULL)
        return;
    g_string_append_printf(
        text,
        word(language, "；邮件 %" G_GINT64_FORMAT " 第 %u 版", "; message %" G_GINT64_FORMAT ", revision %u"),
        line->from->message_id, line->from->revision);
    if (source != NULL)
        g_string_append_printf(text, word(language, "，%s", ", %s"), source);
}

/* The part behind the points. The caller frees it. */
static char *because_text(const ScoreRule *rule, const ScoreLine *line, const char *language) {
    GString *text = g_string_new(NULL);
    if (line->state == SCORE_KNOWN)
        append_calculation(text, rule, line, language);
    else if (line->unknown != NULL && line->unknown != rule->fact)
        g_string_append_printf(text, "%s%s%s", score_fact_title(line->unknown, language),
                               word(language, "：", ": "), state_text(line->state, language));
    else
        g_string_append(text, state_text(line->state, language));
    append_source(text, line, language);
    g_string_append(text, word(language, "。", "."));
    return g_string_free(text, FALSE);
}

char *score_line_text(const ScoreRule *rule, const ScoreLine *line, const char *language) {
    g_autofree char *points = score_points_text(line->points_e2),
                    *because = because_text(rule, line, language);
    return g_strdup_printf(word(language, "%s：%s 分。%s", "%s: %s points. %s"),
                           score_rule_title(rule, language), points, because);
}

/* --- JSON
 * ---------------------------------------------------------------------------------------------------- */

static json_t *value_or_null(bool is_known, gint64 value_e3) {
    return is_known ? units_json(value_e3, SCORE_VALUE_UNIT) : json_null();
}

json_t *score_line_json(const ScoreRule *rule, const ScoreLine *line, const char *language) {
    bool is_fact_known = line->state == SCORE_KNOWN || (rule->of != NULL && line->unknown != rule->fact);
    bool is_of_known = rule->of != NULL && (line->state == SCORE_KNOWN || line->state == SCORE_NOTHING);
    bool has_per = rule->per != SCORE_PER_NOTHING && line->divisor_e3 > 0;
    const char *source = json_string_value(json_object_get(line->field, "source"));
    g_autofree char *text = score_line_text(rule, line, language),
                    *because = because_text(rule, line, language);
    g_autofree char *points = score_points_text(line->points_e2);
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "rule", score_rule_title(rule, language), "fact",
        rule->fact->name, "state", state_name(line->state), "state_text", state_text(line->state, language),
        "value", value_or_null(is_fact_known, line->value_e3), "of", value_or_null(is_of_known, line->of_e3),
        "per", value_or_null(has_per, line->divisor_e3));
    json_object_set_new(json, "points", units_json(line->points_e2, SCORE_POINT_UNIT));
    json_object_set_new(json, "points_text", json_string(points));
    json_object_set_new(json, "weight", units_json(rule->weight_e4, SCORE_WEIGHT_UNIT));
    json_object_set_new(json, "cap",
                        rule->cap_e2 >= 0 ? units_json(rule->cap_e2, SCORE_POINT_UNIT) : json_null());
    json_object_set_new(json, "capped", json_boolean(line->is_capped));
    json_object_set_new(json, "message_id",
                        line->from != NULL ? json_integer(line->from->message_id) : json_null());
    json_object_set_new(json, "revision",
                        line->from != NULL ? json_integer(line->from->revision) : json_null());
    json_object_set_new(json, "submission_id",
                        line->from != NULL ? json_integer(line->from->id) : json_null());
    json_object_set_new(json, "obligation",
                        line->from != NULL && line->from->obligation != NULL
                            ? json_string(line->from->obligation)
                            : json_null());
    json_object_set_new(json, "source", source != NULL ? json_string(source) : json_null());
    json_object_set_new(json, "text", json_string(text));
    json_object_set_new(json, "because", json_string(because));
    return json;
}

static char *limit_text(const ScoreFormula *formula, gint64 limit_e2, const char *language) {
    g_autofree char *points = score_points_text(limit_e2);
    g_autofree char *bound = score_points_text(limit_e2 > 0 ? formula->minimum_e2 : formula->maximum_e2);
    return g_strdup_printf(limit_e2 > 0 ? word(language, "下限：%s 分。得分不低于 %s 分。",
                                               "lower bound: %s points. A score is at least %s.")
                                        : word(language, "上限：%s 分。得分不高于 %s 分。",
                                               "upper bound: %s points. A score is at most %s."),
                           points, bound);
}

json_t *score_trace_json(const ScoreFormula *formula, const GPtrArray *rules, const ScoreResult *result,
                         const char *language) {
    json_t *trace = json_array();
    for (guint i = 0; i < result->n_lines; i++)
        json_array_append_new(trace,
                              score_line_json(g_ptr_array_index(rules, i), &result->lines[i], language));
    if (result->limit_e2 != 0) {
        g_autofree char *text = limit_text(formula, result->limit_e2, language);
        g_autofree char *points = score_points_text(result->limit_e2);
        json_array_append_new(trace, json_pack("{s:s, s:s, s:o, s:s, s:s, s:s}", "rule",
                                               word(language, "上下限", "bound"), "state", "limit", "points",
                                               units_json(result->limit_e2, SCORE_POINT_UNIT), "points_text",
                                               points, "text", text, "because", text));
    }
    return trace;
}

/* --- sentences
 * ---------------------------------------------------------------------------------------------- */

static void add(GPtrArray *sentences, char *text) {
    g_ptr_array_add(sentences, text);
}

static const GPtrArray *rules_of(const ScoreBook *book, const ScorePerson *person) {
    const ScoreFormula *formula = score_book_formula(book);
    return person != NULL ? formula->person_rules : formula->rules;
}

static bool result_of(const ScoreBook *book, const Period *period, const Organization *organization,
                      const ScorePerson *person, ScoreResult *ret_result) {
    return person != NULL ? score_book_person(book, period, person, ret_result)
                          : score_book_period(book, period, organization, ret_result);
}

static const char *name_of(const Organization *organization, const ScorePerson *person) {
    return person != NULL ? person->name : organization->name;
}

static const char *why_not_scored(const ScoreBook *book, const Period *period,
                                  const Organization *organization, const ScorePerson *person,
                                  const char *language) {
    if (person != NULL)
        return *person->account_key == '\0'
                   ? word(language, "没有登记账号", "it has no account")
                   : word(language, "本期没有活跃度数据", "no activity export belongs to the period");
    switch (view_standing(score_book_view(book), score_book_obligation(book), period, organization)) {
    case STANDING_EXEMPT:
        return word(language, "本期免报", "excused from the period");
    case STANDING_SUSPENDED:
        return word(language, "已暂停", "suspended");
    case STANDING_NOT_YET:
        return word(language, "当时尚未加入", "it joined later");
    default:
        return word(language, "本期尚未截止", "the period is not over");
    }
}

/* Its place among all; 0: none. */
static guint place_of(const ScoreBook *book, const GPtrArray *periods, const Organization *organization,
                      const ScorePerson *person, guint *ret_ranked) {
    g_autoptr(GArray) rows =
        person != NULL ? score_book_person_standings(book, periods) : score_book_standings(book, periods);
    guint place = 0;
    *ret_ranked = 0;
    for (guint i = 0; i < rows->len; i++) {
        const ScoreRow *row = &g_array_index(rows, ScoreRow, i);
        *ret_ranked += row->rank > 0;
        if (person != NULL ? g_strcmp0(row->person->account_key, person->account_key) == 0
                           : row->organization == organization)
            place = row->rank;
    }
    return place;
}

static char *place_text(guint place, guint ranked, const char *language) {
    return place > 0
               ? g_strdup_printf(word(language, "，第 %u 名，共 %u 个", ", place %u of %u"), place, ranked)
               : g_strdup("");
}

GPtrArray *score_explain(const ScoreBook *book, const Period *period, const Organization *organization,
                         const ScorePerson *person, const char *language) {
    const ScoreFormula *formula = score_book_formula(book);
    const GPtrArray *rules = rules_of(book, person);
    GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *span = calendar_span_text(&period->first, &period->last, language);
    ScoreResult result;
    if (!result_of(book, period, organization, person, &result)) {
        add(sentences,
            g_strdup_printf(word(language, "%s：%s（%s）不计分：%s。", "%s: %s (%s) is not scored: %s."),
                            name_of(organization, person), period->key, span,
                            why_not_scored(book, period, organization, person, language)));
        return sentences;
    }
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    g_ptr_array_add(one, (gpointer)period);
    guint ranked, place = place_of(book, one, organization, person, &ranked);
    g_autofree char *points = score_points_text(result.points_e2),
                    *standing = place_text(place, ranked, language);
    add(sentences,
        g_strdup_printf(
            word(language, "%s：%s（%s）得 %s 分%s。评分办法 %s。", "%s: %s (%s): %s points%s. Formula %s."),
            name_of(organization, person), period->key, span, points, standing, formula->version));
    for (guint i = 0; i < rules->len; i++)
        add(sentences, score_line_text(g_ptr_array_index(rules, i), &result.lines[i], language));
    if (result.limit_e2 != 0)
        add(sentences, limit_text(formula, result.limit_e2, language));
    return sentences;
}

GPtrArray *score_explain_term(const ScoreBook *book, const GPtrArray *periods,
                              const Organization *organization, const ScorePerson *person,
                              const char *language) {
    const ScoreFormula *formula = score_book_formula(book);
    const GPtrArray *rules = rules_of(book, person);
    GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);
    g_autofree gint64 *sums_e2 = g_new0(gint64, rules->len + 1); /* the last one: bounds */
    gint64 total_e2 = 0;
    guint scored = 0;
    for (guint p = 0; p < periods->len; p++) {
        const Period *period = g_ptr_array_index(periods, p);
        ScoreResult result;
        bool is_scored = result_of(book, period, organization, person, &result);
        g_autofree char *points = is_scored ? score_points_text(result.points_e2) : NULL;
        add(sentences,
            is_scored
                ? g_strdup_printf(word(language, "%s：%s 分。", "%s: %s points."), period->key, points)
                : g_strdup_printf(word(language, "%s：不计分（%s）。", "%s: not scored (%s)."), period->key,
                                  why_not_scored(book, period, organization, person, language)));
        if (!is_scored)
            continue;
        scored++;
        total_e2 += result.points_e2;
        for (guint i = 0; i < rules->len; i++)
            sums_e2[i] += result.lines[i].points_e2;
        sums_e2[rules->len] += result.limit_e2;
    }
    for (guint i = 0; i <= rules->len; i++) {
        g_autofree char *points = score_points_text(sums_e2[i]);
        if (i < rules->len || sums_e2[i] != 0)
            add(sentences,
                g_strdup_printf(word(language, "%s：各期合计 %s 分。", "%s: %s points over all periods."),
                                i < rules->len ? score_rule_title(g_ptr_array_index(rules, i), language)
                                               : word(language, "上下限", "bounds"),
                                points));
    }
    guint ranked, place = place_of(book, periods, organization, person, &ranked);
    g_autofree char *total = score_points_text(total_e2), *standing = place_text(place, ranked, language),
                    *score = score_points_text(score_combined(formula, total_e2, scored));
    g_ptr_array_insert(
        sentences, 0,
        formula->term_is_sum
            ? g_strdup_printf(word(language, "%s：%u 期合计 %s 分%s。评分办法 %s。",
                                   "%s: %u periods, %s points together%s. Formula %s."),
                              name_of(organization, person), scored, score, standing, formula->version)
            : g_strdup_printf(word(language, "%s：%u 期合计 %s 分，平均 %s 分%s。评分办法 %s。",
                                   "%s: %u periods, %s points together, %s on average%s. Formula %s."),
                              name_of(organization, person), scored, total, score, standing,
                              formula->version));
    return sentences;
}
