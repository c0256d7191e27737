#include "gateway/core/summary_scores.h"

#include "gateway/core/period.h"
#include "gateway/core/score_text.h"

G_GNUC_FORMAT(2)
G_GNUC_FORMAT(3)
static const char *word(const char *language, const char *zh, const char *en) {
    return g_strcmp0(language, "en") == 0 ? en : zh;
}

static const char *title_of(const ScoreFormula *formula, const char *language) {
    const char *own = g_strcmp0(language, "en") == 0 ? formula->title_en : formula->title_zh;
    return own != NULL                 ? own
           : formula->title_zh != NULL ? formula->title_zh
                                       : word(language, "得分", "Score");
}

static GArray *rows_of(const ScoreBook *book, const Period *period, bool is_persons) {
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    g_ptr_array_add(one, (gpointer)period);
    return is_persons ? score_book_person_standings(book, one) : score_book_standings(book, one);
}

static json_t *text_or_null(const char *text) {
    return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

static json_t *points_json(gint64 points_e2) {
    return points_e2 % SCORE_POINT_UNIT == 0 ? json_integer(points_e2 / SCORE_POINT_UNIT)
                                             : json_real((double)points_e2 / SCORE_POINT_UNIT);
}

/* --- the letter
 * ---------------------------------------------------------------------------------------------- */

/* "上期 76.00，+2.21"; that nothing was sent; "" where the period before was not scored. The caller frees it.
 */
static char *change_text(const ScoreBook *book, const Period *period, const Period *before,
                         const ScoreRow *row, const char *language) {
    ScoreResult result;
    const View *view = score_book_view(book);
    if (view_submission(view, score_book_obligation(book)->id, period->key, row->organization->id) == NULL)
        return g_strdup(word(language, "本期未交", "nothing sent this period"));
    if (before == NULL || !score_book_period(book, before, row->organization, &result))
        return g_strdup("");
    gint64 change_e2 = row->score_e2 - result.points_e2;
    g_autofree char *last = score_points_text(result.points_e2), *change = score_points_text(ABS(change_e2));
    if (change_e2 == 0)
        return g_strdup(word(language, "与上期持平", "as last period"));
    return g_strdup_printf(word(language, "上期 %s，%s%s", "%s last period, %s%s"), last,
                           change_e2 > 0 ? "+" : "−", change);
}

static json_t *place_row(const ScoreBook *book, const Period *period, const Period *before,
                         const ScoreRow *row, const char *language) {
    g_autofree char *score = score_points_text(row->score_e2),
                    *change = change_text(book, period, before, row, language);
    return json_pack("{s:I, s:s, s:s, s:s}", "place", (json_int_t)row->rank, "name", row->organization->name,
                     "rate_text", score, "detail_text",
                     *change != '\0' ? change : word(language, "上期未计分", "not scored last period"));
}

json_t *summary_scores_facts(const ScoreBook *book, const Period *period, const char *language) {
    const ScoreFormula *formula = score_book_formula(book);
    g_autoptr(GArray) rows = rows_of(book, period, false);
    g_autoptr(Period) before =
        period_previous(view_programme(score_book_view(book)), score_book_obligation(book), period);
    json_t *best = json_array(), *last = json_array();
    guint scored = 0;
    while (scored < rows->len && g_array_index(rows, ScoreRow, scored).rank > 0)
        scored++;
    guint shown = formula->shown > 0 ? formula->shown : scored;
    guint n_last = scored > shown ? MIN(scored - shown, shown) : 0;
    for (guint i = 0; i < scored; i++)
        if (i < shown || i >= scored - n_last)
            json_array_append_new(
                i < shown ? best : last,
                place_row(book, period, before, &g_array_index(rows, ScoreRow, i), language));
    json_t *facts =
        json_pack("{s:s, s:o, s:I, s:o}", "title_text", title_of(formula, language), "best", best, "rest",
                  (json_int_t)(scored - json_array_size(best) - json_array_size(last)), "last", last);
    if (scored > 0)
        return facts;
    json_decref(facts);
    return json_false();
}

json_t *summary_registration(const ScoreBook *book, const Period *period, const char *language) {
    guint people, registered;
    if (!score_book_registration(book, NULL, &people, &registered))
        return json_false();
    g_autoptr(GPtrArray) unknown = score_book_unknown_accounts(book, period);
    guint percent = (registered * 100 + people / 2) / people;
    g_autofree char *text = g_strdup_printf(
        word(language, "%u 人中 %u 人已登记账号（%u%%）", "%u people, %u with an account (%u%%)"), people,
        registered, percent);
    g_autofree char *strangers =
        unknown->len > 0 ? g_strdup_printf(word(language, "；活跃度数据中有 %u 个账号不在任何回执上",
                                                "; %u accounts of the activity export stand on no receipt"),
                                           unknown->len)
                         : g_strdup("");
    g_autofree char *whole = g_strconcat(text, strangers, NULL);
    return json_pack("{s:I, s:I, s:I, s:I, s:s}", "people", (json_int_t)people, "registered",
                     (json_int_t)registered, "percent", (json_int_t)percent, "unknown",
                     (json_int_t)unknown->len, "text", whole);
}

/* --- all of them
 * --------------------------------------------------------------------------------------------- */

static json_t *score_row(const ScoreBook *book, const Period *period, const Period *before,
                         const ScoreRow *row, bool with_trace, const char *language) {
    const ScoreFormula *formula = score_book_formula(book);
    ScoreResult result;
    bool is_scored = score_book_period(book, period, row->organization, &result);
    g_autofree char *score = is_scored ? score_points_text(result.points_e2) : g_strdup("–");
    g_autofree char *change = change_text(book, period, before, row, language);
    g_autofree char *place = is_scored ? g_strdup_printf("%u", row->rank) : g_strdup("–");
    json_t *json =
        json_pack("{s:I, s:s, s:I, s:s, s:s}", "place", (json_int_t)row->rank, "place_text", place, "org_id",
                  (json_int_t)row->organization->id, "name", row->organization->name, "score_text", score);
    json_object_set_new(json, "section", text_or_null(row->organization->section));
    json_object_set_new(json, "team", text_or_null(row->organization->team));
    json_object_set_new(json, "score", is_scored ? points_json(result.points_e2) : json_null());
    json_object_set_new(json, "previous_text", json_string(is_scored ? change : ""));
    json_object_set_new(json, "trace",
                        is_scored && with_trace ? score_trace_json(formula, formula->rules, &result, language)
                                                : json_array());
    return json;
}

json_t *summary_score_rows(const ScoreBook *book, const Period *period, bool with_trace,
                           const char *language) {
    g_autoptr(GArray) rows = rows_of(book, period, false);
    g_autoptr(Period) before =
        period_previous(view_programme(score_book_view(book)), score_book_obligation(book), period);
    json_t *list = json_array();
    for (guint i = 0; i < rows->len; i++)
        json_array_append_new(
            list, score_row(book, period, before, &g_array_index(rows, ScoreRow, i), with_trace, language));
    return list;
}

json_t *summary_scores_kept(const ScoreBook *book, const Period *period) {
    const ScoreFormula *formula = score_book_formula(book);
    const GPtrArray *organizations = view_owers(score_book_view(book), score_book_obligation(book));
    json_t *kept = json_array();
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        ScoreResult result;
        if (!score_book_period(book, period, organization, &result))
            continue;
        json_t *lines = json_object();
        for (guint r = 0; r < result.n_lines; r++)
            json_object_set_new(lines,
                                score_rule_title(g_ptr_array_index(formula->rules, r),
                                                 view_programme(score_book_view(book))->language),
                                json_integer(result.lines[r].points_e2));
        json_array_append_new(kept, json_pack("{s:I, s:I, s:o}", "org_id", (json_int_t)organization->id,
                                              "points", (json_int_t)result.points_e2, "lines", lines));
    }
    return kept;
}

/* --- the workbook
 * -------------------------------------------------------------------------------------------- */

static json_t *sheet_new(const char *key, const char *title) {
    return json_pack("{s:s, s:s, s:[], s:[]}", "key", key, "title", title, "columns", "rows");
}

static void add_column(json_t *sheet, const char *title, const char *type) {
    json_array_append_new(json_object_get(sheet, "columns"),
                          json_pack("{s:s, s:s}", "title", title, "type", type));
}

/* Of a section's summary only its organizations. */
static bool is_meant(const SheetSource *source, const Organization *organization) {
    const char *of = json_string_value(json_object_get(source->model, "section"));
    return of == NULL || g_strcmp0(of, organization->section) == 0;
}

static void take_sheet(json_t *sheets, json_t *sheet) {
    if (json_array_size(json_object_get(sheet, "rows")) > 0)
        json_array_append(sheets, sheet);
    json_decref(sheet);
}

/* One row an organization or person: the head, the score, a column a rule. What is not known stays empty: it
 * is not 0. */
static json_t *sheet_row(const ScoreBook *book, const Period *period, const ScoreRow *row) {
    bool is_person = row->person != NULL;
    ScoreResult result;
    bool is_scored = is_person ? score_book_person(book, period, row->person, &result)
                               : score_book_period(book, period, row->organization, &result);
    json_t *json = json_array();
    json_array_append_new(json, is_scored ? json_integer(row->rank) : json_null());
    json_array_append_new(json, json_string(is_person ? row->person->name : row->organization->name));
    json_array_append_new(json, text_or_null(is_person ? row->person->account : row->organization->section));
    json_array_append_new(json, text_or_null(is_person ? row->organization->name : row->organization->team));
    json_array_append_new(json, is_scored ? points_json(row->score_e2) : json_null());
    for (guint i = 0; is_scored && i < result.n_lines; i++)
        json_array_append_new(json, result.lines[i].state == SCORE_KNOWN || result.lines[i].points_e2 != 0
                                        ? points_json(result.lines[i].points_e2)
                                        : json_null());
    const Submission *report = is_scored
                                   ? view_submission(score_book_view(book), score_book_obligation(book)->id,
                                                     period->key, row->organization->id)
                                   : NULL;
    if (!is_person) {
        guint rules = score_book_formula(book)->rules->len;
        while (json_array_size(json) < 5 + rules) /* the head and the score are five */
            json_array_append_new(json, json_null());
        json_array_append_new(json,
                              is_scored && result.limit_e2 != 0 ? points_json(result.limit_e2) : json_null());
        json_array_append_new(json, report != NULL ? json_integer(report->message_id) : json_null());
    }
    return json;
}

static void add_scores(const ScoreBook *book, const SheetSource *source, bool is_persons, json_t *sheets) {
    const ScoreFormula *formula = score_book_formula(book);
    const GPtrArray *rules = is_persons ? formula->person_rules : formula->rules;
    const char *language = source->language;
    json_t *sheet =
        sheet_new(is_persons ? "persons" : "scores",
                  is_persons ? word(language, "个人得分", "Persons") : title_of(formula, language));
    add_column(sheet, word(language, "名次", "Place"), "number");
    add_column(sheet, is_persons ? word(language, "姓名", "Name") : word(language, "组织", "Organization"),
               "text");
    add_column(sheet, is_persons ? word(language, "账号", "Account") : word(language, "板块", "Section"),
               "text");
    add_column(sheet, is_persons ? word(language, "组织", "Organization") : word(language, "队伍", "Team"),
               "text");
    add_column(sheet, title_of(formula, language), "number");
    for (guint i = 0; i < rules->len; i++)
        add_column(sheet, score_rule_title(g_ptr_array_index(rules, i), language), "number");
    if (!is_persons) {
        add_column(sheet, word(language, "上下限", "Bound"), "number");
        add_column(sheet, word(language, "邮件编号", "Message"), "number");
    }
    g_autoptr(GArray) rows = rows_of(book, source->period, is_persons);
    for (guint i = 0; i < rows->len; i++) {
        if (!is_meant(source, g_array_index(rows, ScoreRow, i).organization))
            continue;
        json_t *row = sheet_row(book, source->period, &g_array_index(rows, ScoreRow, i));
        while (json_array_size(row) < json_array_size(json_object_get(sheet, "columns")))
            json_array_append_new(row, json_null());
        json_array_append_new(json_object_get(sheet, "rows"), row);
    }
    take_sheet(sheets, sheet);
}

static void add_accounts(const ScoreBook *book, const SheetSource *source, json_t *sheets) {
    const char *language = source->language;
    const GPtrArray *organizations = view_snapshot(source->view)->organizations;
    json_t *sheet = sheet_new("accounts", word(language, "账号登记", "Accounts"));
    add_column(sheet, word(language, "组织", "Organization"), "text");
    add_column(sheet, word(language, "人数", "People"), "number");
    add_column(sheet, word(language, "已登记账号", "With an account"), "number");
    add_column(sheet, word(language, "登记率", "Share"), "percent");
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        guint people, registered;
        if (is_meant(source, organization) &&
            score_book_registration(book, organization, &people, &registered))
            json_array_append_new(json_object_get(sheet, "rows"),
                                  json_pack("[s, I, I, f]", organization->name, (json_int_t)people,
                                            (json_int_t)registered, (double)registered / people));
    }
    take_sheet(sheets, sheet);
}

void summary_score_sheets(const SheetSource *source, json_t *sheets) {
    const Programme *programme = view_programme(source->view);
    if (programme->scores == NULL || g_strcmp0(programme->scores->obligation, source->obligation->id) != 0)
        return;
    g_autoptr(ScoreBook) book = score_book_new(source->view, source->now_s);
    add_scores(book, source, false, sheets);
    add_scores(book, source, true, sheets);
    add_accounts(book, source, sheets);
}
