#include "gateway/core/score_awards.h"

#include "gateway/core/score_text.h"

#define WHOLE_E2 (100 * SCORE_POINT_UNIT) /* 100 percent */

G_GNUC_FORMAT(2)
G_GNUC_FORMAT(3)
static const char *word(const char *language, const char *zh, const char *en) {
    return g_strcmp0(language, "en") == 0 ? en : zh;
}

/* --- preference
 * ---------------------------------------------------------------------------------------------- */

static bool is_eligible(const ScoreAwards *awards, const ScoreRow *row) {
    return row->periods > 0 && row->missing == 0 && row->late <= awards->late_max &&
           row->score_e2 >= awards->from_e2;
}

static json_t *preferred(const ScoreRow *row, const char *language) {
    g_autofree char *score = score_points_text(row->score_e2);
    g_autofree char *reason =
        row->person != NULL
            ? g_strdup_printf(word(language, "%u 期得分，第 %u 名", "%u periods scored, place %u"),
                              row->periods, row->rank)
            : g_strdup_printf(word(language, "%u 期得分，第 %u 名；未交 0 期，迟交 %u 期",
                                   "%u periods scored, place %u; none missing, %u late"),
                              row->periods, row->rank, row->late);
    json_t *json = json_pack("{s:s, s:s, s:I, s:s}", "name",
                             row->person != NULL ? row->person->name : row->organization->name, "score_text",
                             score, "rank", (json_int_t)row->rank, "reason_text", reason);
    json_object_set_new(json, "org_id", json_integer(row->organization->id));
    if (row->person != NULL) {
        json_object_set_new(json, "account", json_string(row->person->account));
        json_object_set_new(json, "organization", json_string(row->organization->name));
    }
    return json;
}

/* The best `wanted` of the rows, and those level with the last of them. */
static json_t *best_of(const GArray *rows, const ScoreAwards *awards, gint64 wanted, const char *language) {
    json_t *list = json_array();
    const ScoreRow *last = NULL;
    for (guint i = 0; i < rows->len; i++) {
        const ScoreRow *row = &g_array_index(rows, ScoreRow, i);
        bool is_wanted =
            row->person != NULL ? row->periods > 0 && row->score_e2 > 0 : is_eligible(awards, row);
        if (!is_wanted)
            continue;
        if ((gint64)json_array_size(list) >= wanted && (last == NULL || row->score_e2 != last->score_e2))
            break;
        json_array_append_new(list, preferred(row, language));
        last = row;
    }
    return list;
}

/* --- reduction
 * ----------------------------------------------------------------------------------------------- */

static json_t *reduction_of(const ScoreBook *book, const GPtrArray *periods, const Organization *organization,
                            const char *language) {
    const ScoreAwards *awards = &score_book_formula(book)->awards;
    g_autoptr(GString) reason = g_string_new(NULL);
    gint64 percent_e2 = 0;
    for (guint i = 0; i < awards->reductions->len; i++) {
        const ScoreReduction *reduction = g_ptr_array_index(awards->reductions, i);
        guint known;
        gint64 units_e3 = score_book_fact_sum(book, periods, organization, reduction->fact, &known);
        gint64 part_e2 =
            MIN(MAX(units_e3, 0), 1000 * SCORE_VALUE_UNIT) * reduction->percent_e2 / SCORE_VALUE_UNIT;
        if (part_e2 == 0)
            continue;
        g_autofree char *each = score_points_text(reduction->percent_e2), *part = score_points_text(part_e2);
        g_string_append_printf(
            reason, "%s%s %.10g × %s%% = %s%%", reason->len > 0 ? word(language, "；", "; ") : "",
            score_fact_title(reduction->fact, language), (double)units_e3 / SCORE_VALUE_UNIT, each, part);
        percent_e2 += part_e2;
    }
    if (percent_e2 == 0)
        return NULL;
    if (percent_e2 > awards->reduction_max_e2) {
        g_autofree char *most = score_points_text(awards->reduction_max_e2);
        g_string_append_printf(reason, word(language, "；最多 %s%%", "; at most %s%%"), most);
        percent_e2 = awards->reduction_max_e2;
    }
    g_autofree char *percent_text = score_points_text(percent_e2);
    return json_pack("{s:I, s:s, s:f, s:s, s:I, s:I, s:s}", "org_id", (json_int_t)organization->id, "name",
                     organization->name, "percent", (double)percent_e2 / SCORE_POINT_UNIT, "percent_text",
                     percent_text, "places_lost", (json_int_t)(awards->places * percent_e2 / WHOLE_E2),
                     "places", (json_int_t)awards->places, "reason_text", reason->str);
}

static gint compare_reductions(gconstpointer a, gconstpointer b) {
    double x = json_number_value(json_object_get(*(json_t *const *)a, "percent"));
    double y = json_number_value(json_object_get(*(json_t *const *)b, "percent"));
    return x > y ? -1 : x < y;
}

static json_t *reductions_of(const ScoreBook *book, const GPtrArray *periods, const char *language) {
    const GPtrArray *organizations = view_owers(score_book_view(book), score_book_obligation(book));
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    json_t *list = json_array();
    for (guint i = 0; i < organizations->len; i++) {
        json_t *reduction = reduction_of(book, periods, g_ptr_array_index(organizations, i), language);
        if (reduction != NULL)
            g_ptr_array_add(found, reduction);
    }
    g_ptr_array_sort(found, compare_reductions);
    for (guint i = 0; i < found->len; i++)
        json_array_append_new(list, g_ptr_array_index(found, i));
    return list;
}

static char *rule_text(const ScoreAwards *awards, const char *language) {
    g_autofree char *from = score_points_text(awards->from_e2);
    return g_strdup_printf(word(language,
                                "建议优先：无未交、迟交不超过 %d 期、得分不低于 %s 的前 %d 个单位及前 %d "
                                "名个人。以上仅为建议，由评审人员决定。",
                                "Proposed for preference: none missing, at most %d late, at least %s points; "
                                "the first %d organizations and "
                                "the first %d persons. A proposal, for people to decide."),
                           (int)awards->late_max, from, (int)awards->top, (int)awards->persons);
}

json_t *score_awards(const ScoreBook *book, const GPtrArray *periods, const char *language) {
    const ScoreAwards *awards = &score_book_formula(book)->awards;
    if (!awards->is_set)
        return json_null();
    g_autoptr(GArray) rows = score_book_standings(book, periods);
    g_autoptr(GArray) persons = score_book_person_standings(book, periods);
    g_autofree char *rule = rule_text(awards, language);
    return json_pack("{s:o, s:o, s:o, s:s}", "organizations", best_of(rows, awards, awards->top, language),
                     "persons", best_of(persons, awards, awards->persons, language), "reductions",
                     reductions_of(book, periods, language), "rule_text", rule);
}
