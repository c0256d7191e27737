#include "gateway/core/summary_history.h"

#include <string.h>

#include "gateway/core/period.h"

/* The period and those before it, oldest first; owned by the result. */
static GPtrArray *periods_until(const Programme *programme, const Obligation *obligation,
                                const Period *period) {
    GPtrArray *periods = g_ptr_array_new_with_free_func((GDestroyNotify)period_free);
    for (Period *at = period_copy(period); at != NULL;) {
        g_ptr_array_insert(periods, 0, at);
        at = periods->len < HISTORY_PERIODS ? period_previous(programme, obligation, at) : NULL;
    }
    return periods;
}

GPtrArray *summary_history_keys(const Programme *programme, const Obligation *obligation,
                                const Period *period) {
    g_autoptr(GPtrArray) periods = periods_until(programme, obligation, period);
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < periods->len; i++)
        g_ptr_array_add(keys, g_strdup(((const Period *)g_ptr_array_index(periods, i))->key));
    g_ptr_array_add(keys, NULL);
    return keys;
}

/* The key is the due day as configured. */
static char *label_of(const Period *period, const char *language) {
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    guint month = (guint)g_date_get_month(&period->last), day = g_date_get_day(&period->last);
    return g_strcmp0(language, "en") == 0 ? g_strdup_printf("%u %s", day, months[month - 1])
                                          : g_strdup_printf("%u月%u日", month, day);
}

static json_t *period_counts(const View *view, const Obligation *obligation, const Period *period,
                             const char *language) {
    const GPtrArray *organizations = view_owers(view, obligation);
    guint expected = 0, received = 0, on_time = 0, missing = 0;
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        const Submission *submission = view_submission(view, obligation->id, period->key, organization->id);
        Standing standing = view_standing(view, obligation, period, organization);
        expected += standing == STANDING_OWED || standing == STANDING_SUBMITTED;
        missing += standing == STANDING_OWED;
        received += submission != NULL;
        on_time += submission != NULL && submission->on_time;
    }
    g_autofree char *label = label_of(period, language);
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "key", period->key, "label", label, "expected",
                     (json_int_t)expected, "received", (json_int_t)received, "on_time", (json_int_t)on_time,
                     "late", (json_int_t)(received - on_time), "missing", (json_int_t)missing);
}

json_t *summary_history(const View *view, const Obligation *obligation, const Period *period,
                        const char *language) {
    g_autoptr(GPtrArray) periods = periods_until(view_programme(view), obligation, period);
    json_t *history = json_array();
    for (guint i = 0; i < periods->len; i++)
        json_array_append_new(history,
                              period_counts(view, obligation, g_ptr_array_index(periods, i), language));
    return history;
}

/* --- standings
 * ---------------------------------------------------------------------------------------------- */

typedef struct {
    const Organization *organization;
    guint owed, on_time, late, missing, problems;
} Score;

static void count_period(const View *view, const Obligation *obligation, const Period *period, gint64 now_s,
                         Score *score) {
    Standing standing = view_standing(view, obligation, period, score->organization);
    const Submission *submission =
        view_submission(view, obligation->id, period->key, score->organization->id);
    bool is_owed =
        standing == STANDING_SUBMITTED || (standing == STANDING_OWED && now_s > period->late_after_s);
    if (!is_owed)
        return;
    score->owed++;
    if (submission == NULL) {
        score->missing++;
        return;
    }
    score->on_time += submission->on_time;
    score->late += !submission->on_time;
    score->problems += submission->n_problems;
}

static double rate_of(const Score *score) {
    return score->owed > 0 ? (double)score->on_time / score->owed : -1;
}

static gint compare_scores(gconstpointer a, gconstpointer b) {
    const Score *x = a, *y = b;
    double x_rate = rate_of(x), y_rate = rate_of(y);
    if (x_rate != y_rate)
        return x_rate > y_rate ? -1 : 1;
    if (x->missing != y->missing)
        return x->missing < y->missing ? -1 : 1;
    if (x->problems != y->problems)
        return x->problems < y->problems ? -1 : 1;
    return strcmp(x->organization->name, y->organization->name);
}

static json_t *score_row(const Score *score) {
    const Organization *organization = score->organization;
    return json_pack("{s:I, s:s, s:s?, s:s?, s:I, s:I, s:I, s:I, s:I, s:o}", "org_id",
                     (json_int_t)organization->id, "name", organization->name, "section",
                     organization->section, "team", organization->team, "owed", (json_int_t)score->owed,
                     "on_time", (json_int_t)score->on_time, "late", (json_int_t)score->late, "missing",
                     (json_int_t)score->missing, "problems", (json_int_t)score->problems, "rate",
                     score->owed > 0 ? json_real(rate_of(score)) : json_null());
}

json_t *summary_standings(const View *view, const Obligation *obligation, const Period *period,
                          gint64 now_s) {
    const GPtrArray *organizations = view_owers(view, obligation);
    g_autoptr(GPtrArray) periods = periods_until(view_programme(view), obligation, period);
    g_autofree Score *scores = g_new0(Score, organizations->len + 1);
    json_t *rows = json_array();
    for (guint i = 0; i < organizations->len; i++) {
        scores[i].organization = g_ptr_array_index(organizations, i);
        for (guint p = 0; p < periods->len; p++)
            count_period(view, obligation, g_ptr_array_index(periods, p), now_s, &scores[i]);
    }
    qsort(scores, organizations->len, sizeof *scores, compare_scores);
    for (guint i = 0; i < organizations->len; i++)
        json_array_append_new(rows, score_row(&scores[i]));
    return rows;
}

/* --- standings in a letter
 * ----------------------------------------------------------------------------------- */

#define STANDINGS_BEST 5
#define STANDINGS_LAST 3

static json_int_t number_of(const json_t *row, const char *name) {
    return json_integer_value(json_object_get(row, name));
}

static json_t *place_row(const json_t *row, json_int_t place, bool is_english) {
    double rate = json_number_value(json_object_get(row, "rate"));
    g_autofree char *rate_text = g_strdup_printf("%d%%", (int)(rate * 100 + 0.5));
    g_autofree char *detail = g_strdup_printf(
        is_english ? "%d on time, %d late, %d missing" : "按时 %d，迟交 %d，未交 %d",
        (int)number_of(row, "on_time"), (int)number_of(row, "late"), (int)number_of(row, "missing"));
    return json_pack("{s:I, s:O, s:s, s:s}", "place", place, "name", json_object_get(row, "name"),
                     "rate_text", rate_text, "detail_text", detail);
}

json_t *summary_standings_facts(const View *view, const Obligation *obligation, const Period *period,
                                const char *language, gint64 now_s) {
    bool is_english = g_strcmp0(language, "en") == 0;
    json_t *rows = summary_standings(view, obligation, period, now_s), *best = json_array(),
           *last = json_array(), *row;
    gsize owing = 0, i;
    json_int_t place = 0, owed_most = 0;
    double previous = -1;
    json_array_foreach(rows, i, row) {
        owing += json_is_number(json_object_get(row, "rate"));
        owed_most = MAX(owed_most, number_of(row, "owed"));
    }
    gsize n_last = owing > STANDINGS_BEST ? MIN(owing - STANDINGS_BEST, STANDINGS_LAST) : 0;
    json_array_foreach(rows, i, row) {
        double rate = json_number_value(json_object_get(row, "rate"));
        if (i >= owing)
            break; /* nothing owed: behind all others */
        place = i == 0 || rate != previous ? (json_int_t)i + 1 : place;
        previous = rate;
        if (i < STANDINGS_BEST)
            json_array_append_new(best, place_row(row, place, is_english));
        else if (i >= owing - n_last)
            json_array_append_new(last, place_row(row, place, is_english));
    }
    json_decref(rows);
    g_autofree char *title =
        g_strdup_printf(is_english ? "On time over the last %d periods" : "最近 %d 期按时率", (int)owed_most);
    json_t *facts =
        json_pack("{s:s, s:o, s:I, s:o}", "title_text", title, "best", best, "rest",
                  (json_int_t)(owing - json_array_size(best) - json_array_size(last)), "last", last);
    if (place > 1) /* the last one's: somebody stands behind another */
        return facts;
    json_decref(facts);
    return json_false();
}
