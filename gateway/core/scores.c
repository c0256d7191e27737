#include "gateway/core/scores.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/period.h"
#include "gateway/core/score_private.h"

/* A rule gives no more than ten million points: sums of all rules and periods stay far from overflow. */
#define POINTS_MAX_E2 1000000000

__extension__ typedef __int128 Wide; /* weight × value × unit: 10^10 × 10^15 × 10^3 fits */

/* --- arithmetic
 * --------------------------------------------------------------------------------------------- */

/* n / d to the nearest whole number, halves away from zero; d above 0. */
static gint64 divide_rounded(Wide n, Wide d) {
    Wide quotient = n >= 0 ? (n + d / 2) / d : -((-n + d / 2) / d);
    return (gint64)CLAMP(quotient, -(Wide)POINTS_MAX_E2 * 1000, (Wide)POINTS_MAX_E2 * 1000);
}

static gint64 step_of(const ScoreFormula *formula) {
    return formula->decimals == 0 ? 100 : formula->decimals == 1 ? 10 : 1;
}

gint64 score_combined(const ScoreFormula *formula, gint64 total_e2, guint n) {
    gint64 step = step_of(formula);
    return formula->term_is_sum || n == 0 ? total_e2 : divide_rounded(total_e2, (Wide)n * step) * step;
}

/* weight × value (/ of) (/ per), in hundredths, rounded to the formula's decimals. */
static gint64 points_of(const ScoreFormula *formula, const ScoreRule *rule, const ScoreLine *line) {
    gint64 step = step_of(formula);
    Wide of_e3 = rule->of != NULL ? line->of_e3 : SCORE_VALUE_UNIT;
    Wide n = (Wide)rule->weight_e4 * line->value_e3 * SCORE_VALUE_UNIT;
    Wide d = of_e3 * line->divisor_e3 * (SCORE_WEIGHT_UNIT / SCORE_POINT_UNIT) * step;
    if (d < 0) {
        n = -n;
        d = -d;
    }
    return CLAMP(divide_rounded(n, d) * step, -POINTS_MAX_E2, POINTS_MAX_E2);
}

/* --- one rule, one period
 * ----------------------------------------------------------------------------------- */

static void divide_by(const ScoreCase *at, const ScoreRule *rule, ScoreLine *line) {
    line->divisor_e3 = SCORE_VALUE_UNIT;
    if (rule->per == SCORE_PER_NUMBER)
        line->divisor_e3 = rule->per_e3;
    else if (rule->per == SCORE_PER_DAY)
        line->divisor_e3 =
            (g_date_days_between(&at->period->first, &at->period->last) + 1) * SCORE_VALUE_UNIT;
    else if (rule->per == SCORE_PER_PERSON)
        line->divisor_e3 = (at->people != NULL ? (gint64)at->people->len : 0) * SCORE_VALUE_UNIT;
}

static void apply(const ScoreCase *at, const ScoreRule *rule, ScoreLine *line) {
    const ScoreFormula *formula = at->book->formula;
    ScoreLine of = {.of_e3 = 0};
    score_fact_value(at, rule->fact, line);
    line->unknown = line->state != SCORE_KNOWN ? rule->fact : NULL;
    line->of_e3 = 0;
    line->is_capped = false;
    divide_by(at, rule, line);
    if (rule->of != NULL && line->state == SCORE_KNOWN) {
        score_fact_value(at, rule->of, &of);
        line->state = of.state;
        line->of_e3 = of.value_e3;
        line->unknown = of.state != SCORE_KNOWN ? rule->of : NULL;
    }
    if (line->state == SCORE_KNOWN && line->divisor_e3 <= 0)
        line->state = at->people != NULL ? SCORE_NOTHING : SCORE_NO_RECEIPT;
    if (line->state == SCORE_KNOWN && rule->of != NULL && line->of_e3 == 0)
        line->state = SCORE_NOTHING;
    line->points_e2 = line->state == SCORE_KNOWN     ? points_of(formula, rule, line)
                      : line->state == SCORE_NOTHING ? rule->if_none_e2
                                                     : rule->if_missing_e2;
    if (rule->cap_e2 >= 0 && ABS(line->points_e2) > rule->cap_e2) {
        line->points_e2 = line->points_e2 > 0 ? rule->cap_e2 : -rule->cap_e2;
        line->is_capped = true;
    }
}

static void sum_up(const ScoreCase *at, const GPtrArray *rules, ScoreResult *result) {
    const ScoreFormula *formula = at->book->formula;
    gint64 sum_e2 = 0;
    result->n_lines = rules->len;
    for (guint i = 0; i < rules->len; i++) {
        apply(at, g_ptr_array_index(rules, i), &result->lines[i]);
        sum_e2 += result->lines[i].points_e2;
    }
    result->points_e2 = CLAMP(sum_e2, formula->minimum_e2, formula->maximum_e2);
    result->limit_e2 = result->points_e2 - sum_e2;
}

static ScoreCase case_of(const ScoreBook *book, const Period *period, const Organization *organization) {
    return (ScoreCase){.book = book,
                       .period = period,
                       .organization = organization,
                       .report =
                           view_submission(book->view, book->obligation->id, period->key, organization->id),
                       .receipt = g_hash_table_lookup(book->receipts, &organization->id),
                       .people = g_hash_table_lookup(book->by_org, &organization->id),
                       .activity = g_hash_table_lookup(book->activity, period->key)};
}

/* Something came, or it is over and was owed. */
static bool is_scored(const ScoreBook *book, const ScoreCase *at) {
    Period own = *at->period; /* with more time, where it was granted */
    view_extend(book->view, &own, at->organization->id);
    return at->report != NULL ||
           (book->now_s > own.late_after_s &&
            view_standing(book->view, book->obligation, at->period, at->organization) == STANDING_OWED);
}

bool score_book_period(const ScoreBook *book, const Period *period, const Organization *organization,
                       ScoreResult *ret_result) {
    ScoreCase at = case_of(book, period, organization);
    if (!is_scored(book, &at))
        return false;
    sum_up(&at, book->formula->rules, ret_result);
    return true;
}

bool score_book_person(const ScoreBook *book, const Period *period, const ScorePerson *person,
                       ScoreResult *ret_result) {
    ScoreCase at = {.book = book,
                    .period = period,
                    .organization = person->organization,
                    .person = person,
                    .receipt = person->receipt,
                    .activity = g_hash_table_lookup(book->activity, period->key)};
    if (*person->account_key == '\0' || at.activity == NULL)
        return false;
    sum_up(&at, book->formula->person_rules, ret_result);
    return true;
}

gint64 score_book_fact_sum(const ScoreBook *book, const GPtrArray *periods, const Organization *organization,
                           const ScoreFact *fact, guint *ret_known) {
    gint64 sum_e3 = 0;
    *ret_known = 0;
    for (guint i = 0; i < periods->len; i++) {
        ScoreCase at = case_of(book, g_ptr_array_index(periods, i), organization);
        ScoreLine line;
        if (!is_scored(book, &at))
            continue;
        score_fact_value(&at, fact, &line);
        if (line.state != SCORE_KNOWN)
            continue;
        sum_e3 += line.value_e3;
        ++*ret_known;
    }
    return sum_e3;
}

/* --- standings
 * ---------------------------------------------------------------------------------------------- */

static gint compare_rows(gconstpointer a, gconstpointer b) {
    const ScoreRow *x = a, *y = b;
    if ((x->periods > 0) != (y->periods > 0))
        return x->periods > 0 ? -1 : 1;
    if (x->periods > 0 && x->score_e2 != y->score_e2)
        return x->score_e2 > y->score_e2 ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank; /* until ranks are given: the roster's order */
}

static void rank(GArray *rows) {
    guint place = 0;
    g_array_sort(rows, compare_rows);
    for (guint i = 0; i < rows->len; i++) {
        ScoreRow *row = &g_array_index(rows, ScoreRow, i);
        const ScoreRow *above = i > 0 ? &g_array_index(rows, ScoreRow, i - 1) : NULL;
        if (above == NULL || above->score_e2 != row->score_e2)
            place = i + 1;
        row->rank = row->periods > 0 ? place : 0;
    }
}

static void add_period(const ScoreBook *book, const Period *period, ScoreRow *row) {
    ScoreResult result;
    bool is_person = row->person != NULL;
    if (!(is_person ? score_book_person(book, period, row->person, &result)
                    : score_book_period(book, period, row->organization, &result)))
        return;
    row->periods++;
    row->total_e2 += result.points_e2;
    if (is_person)
        return;
    const Submission *report =
        view_submission(book->view, book->obligation->id, period->key, row->organization->id);
    row->missing += report == NULL;
    row->late += report != NULL && !report->on_time;
}

static void add_row(const ScoreBook *book, const GPtrArray *periods, ScoreRow row, GArray *rows) {
    for (guint p = 0; p < periods->len; p++)
        add_period(book, g_ptr_array_index(periods, p), &row);
    row.score_e2 = score_combined(book->formula, row.total_e2, row.periods);
    row.rank = rows->len;
    g_array_append_val(rows, row);
}

GArray *score_book_standings(const ScoreBook *book, const GPtrArray *periods) {
    const GPtrArray *organizations = view_owers(book->view, book->obligation);
    GArray *rows = g_array_sized_new(FALSE, TRUE, sizeof(ScoreRow), organizations->len);
    for (guint i = 0; i < organizations->len; i++)
        add_row(book, periods, (ScoreRow){.organization = g_ptr_array_index(organizations, i)}, rows);
    rank(rows);
    return rows;
}

GArray *score_book_person_standings(const ScoreBook *book, const GPtrArray *periods) {
    GArray *rows = g_array_sized_new(FALSE, TRUE, sizeof(ScoreRow), book->people->len);
    for (guint i = 0; book->formula->person_rules->len > 0 && i < book->people->len; i++) {
        const ScorePerson *person = g_ptr_array_index(book->people, i);
        /* one who stands on several receipts is one person */
        if (*person->account_key == '\0' ||
            g_hash_table_lookup(book->by_account, person->account_key) == person)
            add_row(book, periods, (ScoreRow){.organization = person->organization, .person = person}, rows);
    }
    rank(rows);
    return rows;
}

/* --- the book
 * ----------------------------------------------------------------------------------------------- */

ScoreBook *score_book_new(const View *view, gint64 now_s) {
    const Programme *programme = view_programme(view);
    g_return_val_if_fail(programme->scores != NULL, NULL);
    ScoreBook *book = g_new0(ScoreBook, 1);
    book->view = view;
    book->programme = programme;
    book->formula = programme->scores;
    book->obligation = programme_obligation(programme, programme->scores->obligation);
    book->now_s = now_s;
    score_people_join(book);
    return book;
}

void score_book_free(ScoreBook *book) {
    if (book == NULL)
        return;
    score_people_clear(book);
    g_free(book);
}

const ScoreFormula *score_book_formula(const ScoreBook *book) {
    return book->formula;
}

const View *score_book_view(const ScoreBook *book) {
    return book->view;
}

const Obligation *score_book_obligation(const ScoreBook *book) {
    return book->obligation;
}

GPtrArray *score_periods(const Programme *programme, const ScoreTerm *term, gint64 now_s) {
    const Obligation *obligation = programme_obligation(programme, programme->scores->obligation);
    g_autoptr(GPtrArray) all = period_list(programme, obligation, 0, now_s);
    GPtrArray *periods = g_ptr_array_new_with_free_func((GDestroyNotify)period_free);
    for (guint i = 0; i < all->len; i++) {
        const Period *period = g_ptr_array_index(all, i);
        GDate due;
        if (period->late_after_s < now_s && calendar_day_parse(period->key, &due) &&
            (term == NULL ||
             (g_date_compare(&due, &term->first) >= 0 && g_date_compare(&due, &term->last) <= 0)))
            g_ptr_array_add(periods, period_copy(period));
    }
    return periods;
}
