#include "gateway/keeper/enclosures.h"

#include <string.h>

#include "gateway/core/definition.h"
#include "gateway/core/due_entry.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/period.h"
#include "gateway/core/prefill.h"
#include "gateway/core/summary.h"
#include "gateway/core/summary_history.h"
#include "gateway/core/summary_scores.h"
#include "gateway/core/summary_sheets.h"
#include "gateway/io/chart.h"
#include "gateway/io/document_out_form.h"
#include "gateway/io/document_out_template.h"
#include "gateway/io/log.h"
#include "gateway/io/workbook.h"
#include "gateway/store/snapshot.h"
#include "gateway/store/submissions.h"

/* One letter on its way to its enclosures. */
typedef struct {
    const EnclosureSource *source;
    const Programme *programme;
    const Letter *letter;
    bool is_english;
    const char *language;
    const Obligation *obligation;     /* or NULL */
    const Period *period;             /* or NULL */
    const Organization *organization; /* or NULL */
    json_t *facts;
    Enclosures *enclosures;
} Work;

static void attachment_free(LetterAttachment *attachment) {
    g_free((char *)attachment->file_name);
    g_free((char *)attachment->content_type);
    g_free((char *)attachment->content_id);
    g_bytes_unref(attachment->data);
    g_free(attachment);
}

/* Takes name and data over; data NULL: it could not be made, error says why. */
static bool add(const Work *work, char *name, const char *type, const char *content_id, GBytes *data,
                GError *error) {
    if (!data) {
        log_error(LOG_WARNING, "letter.enclosure_missing", error);
        g_clear_error(&error);
        g_free(name);
        return false;
    }
    LetterAttachment *attachment = g_new0(LetterAttachment, 1);
    attachment->file_name = name;
    attachment->content_type = g_strdup(type);
    attachment->content_id = g_strdup(content_id);
    attachment->data = data;
    g_ptr_array_add(work->enclosures, attachment);
    return true;
}

/* ---- the blank form and the calendar entry
 * --------------------------------------------------------------------------- */

static void add_form(const Work *work) {
    const json_t *form = definition_form(work->programme, work->obligation->form);
    const Organization *organization = work->organization;
    if (!form)
        return;
    GError *error = NULL;
    json_t *prefill = organization ? prefill_values(work->source->view, work->obligation, work->period,
                                                    organization, work->language)
                                   : NULL;
    GBytes *data = document_out_form(form, prefill, work->language, &error);
    json_decref(prefill);
    char *name = g_strdup_printf("%s%s%s.docx", definition_title(form, work->language),
                                 organization ? "_" : "", organization ? organization->name : "");
    json_object_set_new(work->facts, "attached", json_boolean(add(work, name, DOCX_TYPE, NULL, data, error)));
}

/* The caller frees it. */
static char *due_entry_text(const Work *work) {
    const Programme *programme = work->programme;
    const Obligation *obligation = work->obligation;
    const char *title = obligation_title(work->obligation, work->is_english);
    g_autofree char *uid = g_strdup_printf("%s-%s-%" G_GINT64_FORMAT "@%s", obligation->id, work->period->key,
                                           work->organization->id, programme->id_domain);
    g_autofree char *summary =
        g_strdup_printf(work->is_english ? "%s due (%s)" : "%s截止（%s）", title, work->organization->name);
    g_autofree char *description =
        g_strdup_printf(work->is_english ? "Send it to %s." : "填好后发送至 %s。", programme->from_address);
    return due_entry_new(work->period, uid, programme->from_address, summary, description,
                         work->source->now_s);
}

static void add_due_entry(const Work *work) {
    if (!work->organization)
        return;
    g_autofree char *entry = due_entry_text(work);
    gsize length = strlen(entry);
    char *name =
        g_strdup_printf("%s_%s.ics", obligation_title(work->obligation, work->is_english), work->period->key);
    json_object_set_new(work->facts, "calendar",
                        json_boolean(add(work, name, "text/calendar; method=PUBLISH", NULL,
                                         g_bytes_new_take(g_steal_pointer(&entry), length), NULL)));
}

/* ---- the summary's workbook
 * --------------------------------------------------------------------------- */

static void add_workbook(const Work *work, const View *history, const json_t *model) {
    GError *error = NULL;
    const SheetSource source = {.view = work->source->view,
                                .history = history,
                                .obligation = work->obligation,
                                .period = work->period,
                                .model = model,
                                .language = work->language,
                                .now_s = work->source->now_s};
    json_t *sheets = summary_sheets(&source);
    g_autofree char *title =
        g_strdup_printf(work->is_english ? "%s: %s, as of %s" : "%s汇总　%s　统计至 %s",
                        obligation_title(work->obligation, work->is_english),
                        json_string_value(json_object_get(json_object_get(model, "period"), "span_text")),
                        json_string_value(json_object_get(model, "at_text")));
    GBytes *data = workbook_render(sheets, title, work->source->now_s, work->source->scratch_dir, &error);
    json_decref(sheets);
    char *name = g_strdup_printf(work->is_english ? "%s_summary_%s.xlsx" : "%s汇总_%s.xlsx",
                                 obligation_title(work->obligation, work->is_english), work->period->key);
    json_object_set_new(work->facts, "workbook", json_boolean(add(work, name, XLSX_TYPE, NULL, data, error)));
}

/* The Word document for the meeting, from a template that the committee may restyle; without one there is
 * none. */
static void add_document(const Work *work) {
    GError *error = NULL;
    g_autofree char *bytes = NULL;
    gsize length;
    g_autofree char *path =
        g_build_filename(work->source->templates_dir, "documents", work->language, "summary.docx", NULL);
    if (!g_file_get_contents(path, &bytes, &length, NULL))
        return;
    g_autoptr(GBytes) template = g_bytes_new(bytes, length);
    GBytes *data = document_out_render(template, work->facts, false, &error);
    char *name = g_strdup_printf(work->is_english ? "%s_summary_%s.docx" : "%s汇总_%s.docx",
                                 obligation_title(work->obligation, work->is_english), work->period->key);
    json_object_set_new(work->facts, "document", json_boolean(add(work, name, DOCX_TYPE, NULL, data, error)));
}

/* ---- the summary's charts
 * --------------------------------------------------------------------------- */

#define TRENDS_MAX        3 /* what a telephone shows side by side */
#define TREND_PERIODS_MIN 3 /* two points are a change, which stands in the table */

/* Takes png and alt over. */
static void add_chart(const Work *work, const char *name, GBytes *png, char *alt, GError *error) {
    g_autofree char *content_id = g_strdup_printf("%s@%s", name, work->programme->id_domain);
    if (add(work, g_strdup_printf("%s.png", name), "image/png", content_id, png, error))
        json_array_append_new(json_object_get(work->facts, "charts"),
                              json_pack("{s:s, s:s}", "cid", content_id, "alt", alt));
    g_free(alt);
}

static char *periods_text(const Work *work, const json_t *history) {
    g_autoptr(GString) text =
        g_string_new(work->is_english ? "On time, late, missing:" : "按时、迟交、未交：");
    gsize i;
    json_t *period;
    json_array_foreach(history, i, period)
        g_string_append_printf(text,
                               "%s%s %" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
                               i ? (work->is_english ? "; " : "；") : (work->is_english ? " " : ""),
                               json_string_value(json_object_get(period, "label")),
                               json_integer_value(json_object_get(period, "on_time")),
                               json_integer_value(json_object_get(period, "late")),
                               json_integer_value(json_object_get(period, "missing")));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* The first totals over the periods, summed by the database. New reference. */
static json_t *trends_of(const Work *work, const json_t *history, const json_t *model) {
    json_t *trends = json_array();
    gsize i, t;
    json_t *period, *total;
    json_array_foreach(json_object_get(model, "totals"), t, total)
        if (t < TRENDS_MAX)
            json_array_append_new(trends, json_pack("{s:O, s:O, s:[]}", "key", json_object_get(total, "key"),
                                                    "label", json_object_get(total, "label"), "points"));
    json_array_foreach(history, i, period) {
        const char *key = json_string_value(json_object_get(period, "key"));
        json_t *sums = store_totals(work->source->store, work->obligation->id, key, NULL);
        json_array_foreach(trends, t, total) {
            json_t *sum = json_object_get(sums, json_string_value(json_object_get(total, "key")));
            json_array_append_new(json_object_get(total, "points"),
                                  json_pack("{s:O, s:O?}", "label", json_object_get(period, "label"), "value",
                                            json_is_number(sum) ? sum : NULL));
        }
        json_decref(sums);
    }
    return trends;
}

static char *trends_text(const Work *work, const json_t *trends) {
    g_autoptr(GString) text = g_string_new(NULL);
    gsize i, p;
    json_t *trend, *point;
    json_array_foreach(trends, i, trend) {
        g_string_append_printf(text, "%s%s:", i ? (work->is_english ? "; " : "；") : "",
                               json_string_value(json_object_get(trend, "label")));
        json_array_foreach(json_object_get(trend, "points"), p, point) {
            const json_t *value = json_object_get(point, "value");
            if (json_is_number(value))
                g_string_append_printf(text, " %.10g", json_number_value(value));
            else
                g_string_append(text, " –");
        }
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* One period alone shows nothing that its figures do not. Periods before anything came are left out. */
static void add_charts(const Work *work, const View *view, const json_t *model) {
    json_t *history = summary_history(view, work->obligation, work->period, work->language);
    while (json_array_size(history) > 0 &&
           json_integer_value(json_object_get(json_array_get(history, 0), "received")) == 0)
        json_array_remove(history, 0);
    json_object_set_new(work->facts, "charts", json_array());
    if (json_array_size(history) >= 2) {
        GError *error = NULL;
        add_chart(work, "periods", chart_periods(history, work->language, &error),
                  periods_text(work, history), error);
        json_t *trends = trends_of(work, history, model);
        error = NULL;
        if (json_array_size(trends) > 0 && json_array_size(history) >= TREND_PERIODS_MIN)
            add_chart(work, "trends", chart_trends(trends, &error), trends_text(work, trends), error);
        json_decref(trends);
    }
    json_decref(history);
}

/* The last periods, contents left out. */
static bool load_history(const Work *work, Snapshot **ret_snapshot) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) keys = summary_history_keys(work->programme, work->obligation, work->period);
    const SnapshotScope scope = {.periods = (const char *const *)keys->pdata, .with_content = false};
    if (store_snapshot(work->source->store, work->programme, &scope, ret_snapshot, &error))
        return true;
    log_error(LOG_WARNING, "letter.enclosure_missing", error);
    return false;
}

#define SCORES_IN_DOCUMENT 500 /* a table of ten pages: longer ones are not read in a meeting */

/* Standings by the configured formula; without one, by punctuality. */
static void add_standings(const Work *work, const View *history) {
    const EnclosureSource *source = work->source;
    const ScoreFormula *scores = work->programme->scores;
    json_object_set_new(work->facts, "scores", json_array());
    json_object_set_new(work->facts, "registration", json_false());
    if (!scores || strcmp(scores->obligation, work->obligation->id) != 0) {
        json_object_set_new(
            work->facts, "standings",
            summary_standings_facts(history, work->obligation, work->period, work->language, source->now_s));
        return;
    }
    g_autoptr(ScoreBook) book = score_book_new(source->view, source->now_s);
    json_object_set_new(work->facts, "standings", summary_scores_facts(book, work->period, work->language));
    json_object_set_new(work->facts, "registration",
                        summary_registration(book, work->period, work->language));
    json_t *rows = summary_score_rows(book, work->period, false, work->language);
    while (json_array_size(rows) > SCORES_IN_DOCUMENT) /* the workbook has them all */
        json_array_remove(rows, json_array_size(rows) - 1);
    json_object_set_new(work->facts, "scores", rows);
}

static void enclose_summary(const Work *work) {
    const json_t *model = json_object_get(work->facts, "summary");
    g_autoptr(Snapshot) snapshot = NULL;
    if (!json_is_object(model) || !load_history(work, &snapshot))
        return;
    g_autoptr(View) history = view_new(snapshot);
    if (!json_is_string(json_object_get(model, "section"))) { /* they are about everybody */
        add_standings(work, history);
        add_charts(work, history, model);
    }
    add_workbook(work, history, model);
    add_document(work);
}

/* ---- what an order by mail asked for
 * ------------------------------------------------------------------------------ */

/* One form for each organization that the sender speaks for; one without names where it is none. */
static void add_forms_of(const Work *asked, const Obligation *obligation) {
    g_autoptr(Period) period = period_at(asked->programme, obligation, asked->source->now_s);
    const json_t *ids = json_object_get(asked->letter->facts, "org_ids");
    Work work = *asked;
    work.obligation = obligation;
    work.period = period;
    gsize i;
    json_t *id;
    json_array_foreach(ids, i, id) {
        work.organization = view_organization(asked->source->view, json_integer_value(id));
        add_form(&work);
    }
    if (json_array_size(ids) == 0)
        add_form(&work);
}

static void enclose_asked(const Work *work) {
    const char *wish = json_string_value(json_object_get(work->letter->facts, "enclose"));
    gsize i;
    json_t *id;
    json_array_foreach(json_object_get(work->letter->facts, "obligation_ids"), i, id) {
        const Obligation *obligation = programme_obligation(work->programme, json_string_value(id));
        if (obligation)
            add_forms_of(work, obligation);
    }
    g_autoptr(Snapshot) snapshot = NULL;
    if (g_strcmp0(wish, "workbook") != 0 || !work->obligation || !work->period ||
        !load_history(work, &snapshot))
        return;
    g_autoptr(View) history = view_new(snapshot);
    json_t *model = summary_model(work->source->view, work->obligation, work->period, work->language,
                                  work->source->now_s);
    add_workbook(work, history, model);
    json_decref(model);
}

/* ---- the organization's own trend
 * ------------------------------------------------------------------------------------------ */

/* Only an ack of a report that stands for its period; the facts alone, nothing is enclosed. */
static void add_trend(const Work *work) {
    Store *store = work->source->store;
    const char *obligation = work->obligation->id;
    g_autoptr(Period) previous = period_previous(work->programme, work->obligation, work->period);
    if (!previous || !work->organization)
        return;
    g_autoptr(Submission) now =
        store_submission_find(store, work->organization->id, obligation, work->period->key, NULL);
    g_autoptr(Submission) before =
        store_submission_find(store, work->organization->id, obligation, previous->key, NULL);
    if (now && before)
        json_object_set_new(work->facts, "trend",
                            letter_facts_trend(work->programme, now, before, work->language));
}

/* ---- the whole
 * ------------------------------------------------------------------------------------------------------- */

/* The entries of all due dates of an announcement in one calendar. */
static void add_due_entries(const Work *work, GString *calendar) {
    g_autofree char *entry = due_entry_text(work);
    const char *event = strstr(entry, "BEGIN:VEVENT"), *end = strstr(entry, "END:VCALENDAR");
    if (!event || !end)
        return;
    if (calendar->len == 0)
        g_string_append_len(calendar, entry, event - entry);
    g_string_append_len(calendar, event, end - event);
}

/* Blank forms of everything that is announced, and one calendar of all due dates. */
static void enclose_announcement(const Work *announced) {
    g_autoptr(GString) calendar = g_string_new(NULL);
    size_t i, p;
    json_t *task, *key;
    json_array_foreach(json_object_get(announced->letter->facts, "tasks"), i, task) {
        Work work = *announced;
        work.obligation =
            programme_obligation(work.programme, json_string_value(json_object_get(task, "obligation")));
        if (!work.obligation || !work.organization)
            continue;
        json_array_foreach(json_object_get(task, "periods"), p, key) {
            g_autoptr(Period) period = period_by_key(work.programme, work.obligation, json_string_value(key));
            work.period = period;
            if (period && p == 0)
                add_form(&work);
            if (period)
                add_due_entries(&work, calendar);
        }
    }
    if (calendar->len == 0)
        return;
    g_string_append(calendar, "END:VCALENDAR\r\n");
    gsize length = calendar->len;
    GBytes *bytes = g_bytes_new(calendar->str, length);
    char *name = g_strdup(announced->is_english ? "due-dates.ics" : "截止日期.ics");
    json_object_set_new(
        announced->facts, "calendar",
        json_boolean(add(announced, name, "text/calendar; method=PUBLISH", NULL, bytes, NULL)));
}

static void enclose(const Work *work) {
    bool is_copy = json_is_true(json_object_get(work->facts, "is_copy"));
    if (work->letter->kind == LETTER_COMMAND_ANSWER)
        enclose_asked(work);
    if (work->letter->kind == LETTER_ANNOUNCE)
        enclose_announcement(work);
    if (!work->obligation || !work->period)
        return;
    bool is_asked = work->letter->kind == LETTER_REMINDER || work->letter->kind == LETTER_DEFECT ||
                    (work->letter->kind == LETTER_OVERDUE && !is_copy);
    if (is_asked && work->organization)
        add_form(work);
    if (work->letter->kind == LETTER_REMINDER)
        add_due_entry(work);
    if (work->letter->kind == LETTER_SUMMARY)
        enclose_summary(work);
    if (work->letter->kind == LETTER_ACK)
        add_trend(work);
}

Enclosures *enclosures_make(const EnclosureSource *source, const Letter *letter, json_t *facts) {
    const Programme *programme = view_programme(source->view);
    g_autoptr(Period) period = NULL;
    Work work = {
        .source = source,
        .programme = programme,
        .letter = letter,
        .language = letter->language ? letter->language : programme->language,
        .obligation = letter->obligation ? programme_obligation(programme, letter->obligation) : NULL,
        .organization = letter->org_id ? view_organization(source->view, letter->org_id) : NULL,
        .facts = facts,
        .enclosures = g_ptr_array_new_with_free_func((GDestroyNotify)attachment_free),
    };
    work.is_english = g_strcmp0(work.language, "en") == 0;
    if (work.obligation && letter->period)
        work.period = period = period_by_key(programme, work.obligation, letter->period);
    enclose(&work);
    return work.enclosures;
}

LetterAttachment *enclosures_flat(const Enclosures *enclosures) {
    LetterAttachment *flat = g_new0(LetterAttachment, enclosures->len + 1);
    for (guint i = 0; i < enclosures->len; i++)
        flat[i] = *(const LetterAttachment *)enclosures->pdata[i];
    return flat;
}
