/* What a fact is for one organization, or person, in one period. */
#include <math.h>
#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/roster.h"
#include "gateway/core/score_private.h"

#define VALUE_MAX_E3                                                                                         \
    1000000000000000 /* a million millions: larger is a slip of the pen, and stays exact here */

static void known(ScoreLine *line, gint64 value_e3) {
    line->state = SCORE_KNOWN;
    line->value_e3 = CLAMP(value_e3, -VALUE_MAX_E3, VALUE_MAX_E3);
}

static void counted(ScoreLine *line, guint count) {
    known(line, (gint64)count * SCORE_VALUE_UNIT);
}

static gint64 number_e3(const json_t *value) {
    if (json_is_integer(value)) {
        json_int_t integer = json_integer_value(value);
        return CLAMP(integer, -VALUE_MAX_E3 / SCORE_VALUE_UNIT, VALUE_MAX_E3 / SCORE_VALUE_UNIT) *
               SCORE_VALUE_UNIT;
    }
    double scaled = json_number_value(value) * SCORE_VALUE_UNIT;
    return isfinite(scaled) ? llround(CLAMP(scaled, -(double)VALUE_MAX_E3, (double)VALUE_MAX_E3)) : 0;
}

/* --- the report
 * --------------------------------------------------------------------------------------------- */

/* Problems of a code or class; all where key is NULL. */
static guint count_problems(const json_t *problems, const char *key) {
    guint count = 0;
    gsize i;
    json_t *problem;
    json_array_foreach(problems, i, problem)
        count += key == NULL || g_strcmp0(json_string_value(json_object_get(problem, "code")), key) == 0 ||
                 g_strcmp0(json_string_value(json_object_get(problem, "class")), key) == 0;
    return count;
}

static void value_of_problems(const Submission *report, const char *key, bool is_complete, ScoreLine *line) {
    if (report == NULL) {
        line->state = SCORE_NO_REPORT;
        return;
    }
    line->from = report;
    if (report->n_problems == 0 || (key == NULL && !is_complete))
        counted(line, is_complete ? 1 : report->n_problems);
    else if (report->problems == NULL)
        line->state = SCORE_NOT_LOADED;
    else
        counted(line, is_complete ? count_problems(report->problems, "missing") == 0
                                  : count_problems(report->problems, key));
}

static void value_of_lateness(const ScoreCase *at, ScoreLine *line) {
    const Submission *report = at->report;
    Period own = *at->period; /* with more time, where it was granted */
    view_extend(at->book->view, &own, at->organization->id);
    line->from = report;
    if (report == NULL)
        line->state = SCORE_NO_REPORT;
    else if (report->on_time)
        counted(line, 0);
    else /* days begun */
        counted(line, (guint)MAX((report->received_s - own.due_s + CALENDAR_DAY_S - 1) / CALENDAR_DAY_S, 1));
}

static void value_of_field(const Submission *report, const ScoreFact *fact, ScoreLine *line) {
    const json_t *field = json_object_get(report->fields, fact->key),
                 *value = json_object_get(field, "value");
    line->field = field;
    if (fact->kind == SCORE_FACT_NUMBER && json_is_number(value))
        known(line, number_e3(value));
    else if (fact->kind == SCORE_FACT_FILLED && json_is_boolean(value))
        counted(line, json_is_true(value));
    else if (fact->kind == SCORE_FACT_FILLED && value != NULL && !json_is_null(value) &&
             !(json_is_string(value) && *json_string_value(value) == '\0'))
        counted(line, 1);
    else
        line->state = SCORE_NOT_GIVEN;
}

static bool row_counts(const json_t *row, const ScoreFact *fact) {
    if (fact->where_column == NULL)
        return true;
    const char *text = json_string_value(json_object_get(row, fact->where_column));
    g_autofree char *normal = roster_normal_name(text != NULL ? text : "");
    for (guint i = 0; i < fact->where_words->len; i++)
        if (strstr(normal, g_ptr_array_index(fact->where_words, i)) != NULL)
            return true;
    return false;
}

static void value_of_table(const Submission *report, const ScoreFact *fact, ScoreLine *line) {
    const json_t *rows = json_object_get(report->tables, fact->key);
    gint64 sum_e3 = 0;
    guint count = 0, numbers = 0;
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        if (!row_counts(row, fact))
            continue;
        const json_t *value = fact->column != NULL ? json_object_get(row, fact->column) : NULL;
        count++;
        numbers += json_is_number(value);
        if (json_is_number(value))
            sum_e3 = CLAMP(sum_e3 + number_e3(value), -VALUE_MAX_E3, VALUE_MAX_E3);
    }
    if (rows == NULL || (fact->kind == SCORE_FACT_SUM && numbers == 0))
        line->state = SCORE_NOT_GIVEN;
    else if (fact->kind == SCORE_FACT_SUM)
        known(line, sum_e3);
    else
        counted(line, count);
}

/* --- people
 * -------------------------------------------------------------------------------------------------- */

/* An account that did anything: some number of its row is above 0. */
static bool is_active(const json_t *row) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)row, key, value)
        if (json_is_number(value) && json_number_value(value) > 0 && strcmp(key, "no") != 0)
            return true;
    return false;
}

static void value_of_person(const ScoreCase *at, const ScoreFact *fact, ScoreLine *line) {
    const ScoreActivity *activity =
        at->activity != NULL ? g_hash_table_lookup(at->activity, at->person->account_key) : NULL;
    const json_t *value =
        activity != NULL && fact->column != NULL ? json_object_get(activity->row, fact->column) : NULL;
    line->from = activity != NULL ? activity->export : NULL;
    if (at->activity == NULL)
        line->state = SCORE_NO_EXPORT;
    else if (activity == NULL || (fact->kind == SCORE_FACT_ACTIVITY && !json_is_number(value)))
        line->state = SCORE_NOT_GIVEN;
    else if (fact->kind == SCORE_FACT_ACTIVITY)
        known(line, number_e3(value));
    else
        counted(line, is_active(activity->row));
}

static void value_of_activity(const ScoreCase *at, const ScoreFact *fact, ScoreLine *line) {
    gint64 sum_e3 = 0;
    guint named = 0, active = 0;
    if (at->activity == NULL) {
        line->state = SCORE_NO_EXPORT;
        return;
    }
    for (guint i = 0; i < at->people->len; i++) {
        const ScorePerson *person = g_ptr_array_index(at->people, i);
        const ScoreActivity *activity =
            *person->account_key != '\0' ? g_hash_table_lookup(at->activity, person->account_key) : NULL;
        if (activity == NULL || !row_counts(person->row, fact))
            continue;
        const json_t *value = fact->column != NULL ? json_object_get(activity->row, fact->column) : NULL;
        named++;
        active += is_active(activity->row);
        line->from = activity->export;
        if (json_is_number(value))
            sum_e3 = CLAMP(sum_e3 + number_e3(value), -VALUE_MAX_E3, VALUE_MAX_E3);
    }
    if (named == 0)
        line->state = SCORE_NOT_GIVEN;
    else if (fact->kind == SCORE_FACT_ACTIVE)
        counted(line, active);
    else
        known(line, sum_e3);
}

static void value_of_people(const ScoreCase *at, const ScoreFact *fact, ScoreLine *line) {
    guint count = 0;
    line->from = at->receipt;
    if (at->people == NULL) {
        line->state =
            at->receipt != NULL && at->receipt->tables == NULL ? SCORE_NOT_LOADED : SCORE_NO_RECEIPT;
        return;
    }
    if (fact->kind == SCORE_FACT_ACTIVE || fact->kind == SCORE_FACT_ACTIVITY) {
        value_of_activity(at, fact, line);
        return;
    }
    for (guint i = 0; i < at->people->len; i++) {
        const ScorePerson *person = g_ptr_array_index(at->people, i);
        count += row_counts(person->row, fact) &&
                 (fact->kind == SCORE_FACT_PEOPLE || *person->account_key != '\0');
    }
    counted(line, count);
}

void score_fact_value(const ScoreCase *at, const ScoreFact *fact, ScoreLine *line) {
    const Submission *report = at->report;
    line->from = report;
    line->field = NULL;
    line->value_e3 = 0;
    switch (fact->kind) {
    case SCORE_FACT_RECEIVED:
        counted(line, report != NULL);
        break;
    case SCORE_FACT_ON_TIME:
        counted(line, report != NULL && report->on_time);
        break;
    case SCORE_FACT_LATE:
        counted(line, report != NULL && !report->on_time);
        break;
    case SCORE_FACT_MISSING:
        counted(line, report == NULL);
        break;
    case SCORE_FACT_COMPLETE:
        value_of_problems(report, NULL, true, line);
        break;
    case SCORE_FACT_PROBLEMS:
        value_of_problems(report, fact->key, false, line);
        break;
    case SCORE_FACT_LATE_DAYS:
        value_of_lateness(at, line);
        break;
    case SCORE_FACT_NUMBER:
    case SCORE_FACT_FILLED:
    case SCORE_FACT_ROWS:
    case SCORE_FACT_SUM:
        if (report == NULL)
            line->state = SCORE_NO_REPORT;
        else if (report->fields == NULL)
            line->state = SCORE_NOT_LOADED;
        else if (fact->kind == SCORE_FACT_NUMBER || fact->kind == SCORE_FACT_FILLED)
            value_of_field(report, fact, line);
        else
            value_of_table(report, fact, line);
        break;
    case SCORE_FACT_PEOPLE:
    case SCORE_FACT_REGISTERED:
    case SCORE_FACT_ACTIVE:
    case SCORE_FACT_ACTIVITY:
        if (at->person != NULL)
            value_of_person(at, fact, line);
        else
            value_of_people(at, fact, line);
        break;
    }
}
