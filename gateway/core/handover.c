#include "gateway/core/handover.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/period.h"
#include "gateway/core/roster.h"
#include "gateway/core/score_formula.h"

#define NEXT_PERIODS    3
#define MISSING_SINCE_S (62 * CALENDAR_DAY_S) /* what is owed longer than that is history */

typedef struct {
    const View *view;
    const Programme *programme;
    const char *language;
    bool is_english;
    gint64 now_s;
} Page;

static const char *text_or_empty(const char *text) {
    return text != NULL ? text : "";
}

static const char *in_language(const Page *page, const char *zh, const char *en) {
    const char *own = page->is_english ? en : zh, *other = page->is_english ? zh : en;
    return own != NULL ? own : text_or_empty(other);
}

static const char *organization_name(const Page *page, gint64 org_id) {
    const Organization *organization = view_organization(page->view, org_id);
    return organization != NULL ? organization->name : "";
}

/* Takes text over. */
static json_t *take_text(char *text) {
    json_t *json = json_string(text);
    g_free(text);
    return json;
}

/* --- who and what
 * ----------------------------------------------------------------------------------------------- */

static json_t *people_of(const Page *page) {
    json_t *people = json_array();
    for (guint i = 0; i < page->programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(page->programme->roles, i);
        json_array_append_new(
            people, json_pack("{s:s, s:s, s:s, s:s, s:s}", "role", person->role, "name",
                              text_or_empty(person->name), "address", text_or_empty(person->address), "phone",
                              text_or_empty(person->phone), "section", text_or_empty(person->section)));
    }
    return people;
}

/* "-3 09:00, -1 09:00, 0 08:30" as people say it. The caller frees it. */
static char *stages_text(const Page *page, const GArray *stages) {
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < stages->len; i++) {
        const Stage *stage = &g_array_index(stages, Stage, i);
        int days = ABS(stage->days);
        if (i > 0)
            g_string_append(text, page->is_english ? ", " : "、");
        if (stage->days == 0)
            g_string_append(text, page->is_english ? "due day" : "当天");
        else if (page->is_english)
            g_string_append_printf(text, "%d days %s", days, stage->days < 0 ? "before" : "after");
        else
            g_string_append_printf(text, "%s%d天", stage->days < 0 ? "提前" : "逾期", days);
        g_string_append_printf(text, " %02d:%02d", stage->second / 3600, stage->second / 60 % 60);
    }
    return g_string_free(text, FALSE);
}

static json_t *next_periods(const Page *page, const Obligation *obligation) {
    json_t *next = json_array();
    g_autoptr(Period) period = period_at(page->programme, obligation, page->now_s);
    for (guint i = 0; i < NEXT_PERIODS && period != NULL; i++) {
        json_array_append_new(next, json_pack("{s:s, s:o}", "key", period->key, "due_text",
                                              take_text(calendar_instant_text(
                                                  page->programme->zone, period->due_s, page->language))));
        Period *following = period_next(page->programme, obligation, period);
        period_free(period);
        period = following;
    }
    return next;
}

static json_t *obligations_of(const Page *page) {
    json_t *list = json_array();
    for (guint i = 0; i < page->programme->obligations->len; i++) {
        const Obligation *obligation = g_ptr_array_index(page->programme->obligations, i);
        char *summary =
            obligation->has_summary
                ? g_strdup_printf("+%d, %02d:%02d → %s", obligation->summary.days,
                                  obligation->summary.second / 3600, obligation->summary.second / 60 % 60,
                                  text_or_empty(obligation->summary.to))
                : g_strdup("");
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "title",
                      in_language(page, obligation->title_zh, obligation->title_en), "form",
                      text_or_empty(obligation->form), "next", next_periods(page, obligation),
                      "reminders_text", take_text(stages_text(page, obligation->reminders)), "overdue_text",
                      take_text(stages_text(page, obligation->overdue)), "summary_text", take_text(summary)));
    }
    return list;
}

static char *rule_text(const Page *page, const ScoreRule *rule) {
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, page->is_english ? "%.10g points" : "%.10g 分",
                           (double)rule->weight_e4 / SCORE_WEIGHT_UNIT);
    if (rule->of != NULL)
        g_string_append_printf(text, page->is_english ? " × %s ÷ %s" : " × %s ÷ %s",
                               score_fact_title(rule->fact, page->language),
                               score_fact_title(rule->of, page->language));
    if (rule->per == SCORE_PER_DAY)
        g_string_append(text, page->is_english ? " a day" : "（每日）");
    if (rule->per == SCORE_PER_PERSON)
        g_string_append(text, page->is_english ? " a person" : "（人均）");
    if (rule->cap_e2 >= 0)
        g_string_append_printf(text, page->is_english ? ", at most %.10g" : "，最多 %.10g",
                               (double)rule->cap_e2 / SCORE_POINT_UNIT);
    return g_string_free(text, FALSE);
}

static void set_scores(const Page *page, json_t *facts) {
    const ScoreFormula *formula = page->programme->scores;
    json_t *rules = json_array(), *terms = json_array();
    for (guint i = 0; formula != NULL && i < formula->rules->len; i++) {
        const ScoreRule *rule = g_ptr_array_index(formula->rules, i);
        json_array_append_new(rules, json_pack("{s:s, s:o}", "title", score_rule_title(rule, page->language),
                                               "text", take_text(rule_text(page, rule))));
    }
    for (guint i = 0; formula != NULL && i < formula->terms->len; i++) {
        const ScoreTerm *term = g_ptr_array_index(formula->terms, i);
        char first[CALENDAR_DAY_BYTES], last[CALENDAR_DAY_BYTES];
        calendar_day_format(&term->first, first);
        calendar_day_format(&term->last, last);
        const char *title = in_language(page, term->title_zh, term->title_en);
        json_array_append_new(terms, json_pack("{s:s, s:s, s:s}", "title", *title != '\0' ? title : term->id,
                                               "first", first, "last", last));
    }
    json_object_set_new(facts, "rules", rules);
    json_object_set_new(facts, "terms", terms);
}

/* --- the roster
 * -------------------------------------------------------------------------------------------------- */

static void set_organizations(const Page *page, json_t *facts) {
    const GPtrArray *organizations = view_snapshot(page->view)->organizations;
    json_t *list = json_array();
    json_int_t to_call = 0;
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        const Contact *writes = roster_contact(organization), *calls = roster_phone_contact(organization);
        const Contact *leader = roster_holder(organization, "leader"),
                      *liaison = roster_holder(organization, "liaison");
        to_call += writes == NULL;
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", organization->name, "section",
                            text_or_empty(organization->section), "team", text_or_empty(organization->team),
                            "leader", leader != NULL ? text_or_empty(leader->name) : "", "liaison",
                            liaison != NULL ? text_or_empty(liaison->name) : "", "address",
                            writes != NULL ? text_or_empty(writes->address) : "", "phone",
                            calls != NULL ? text_or_empty(calls->phone) : "", "state_text",
                            !organization->suspended ? ""
                            : page->is_english       ? "suspended"
                                                     : "暂停"));
    }
    json_object_set_new(facts, "count", json_integer((json_int_t)organizations->len));
    json_object_set_new(facts, "call_count", json_integer(to_call));
    json_object_set_new(facts, "organizations", list);
}

static json_t *exempt_of(const Page *page) {
    const GPtrArray *exemptions = view_snapshot(page->view)->exemptions;
    json_t *list = json_array();
    for (guint i = 0; exemptions != NULL && i < exemptions->len; i++) {
        const Exemption *exemption = g_ptr_array_index(exemptions, i);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s}", "name", organization_name(page, exemption->org_id),
                            "obligation", text_or_empty(exemption->obligation), "period",
                            text_or_empty(exemption->period), "reason", text_or_empty(exemption->reason)));
    }
    return list;
}

/* --- what is open
 * ------------------------------------------------------------------------------------------------ */

/* Who still owes a period; NULL where nobody does. */
static json_t *missing_in(const Page *page, const Obligation *obligation, const Period *period) {
    const GPtrArray *owers = view_owers(page->view, obligation);
    json_t *names = json_array();
    for (guint i = 0; i < owers->len; i++) {
        const Organization *organization = g_ptr_array_index(owers, i);
        if (view_standing(page->view, obligation, period, organization) == STANDING_OWED)
            json_array_append_new(names, json_string(organization->name));
    }
    if (json_array_size(names) > 0)
        return json_pack("{s:s, s:s, s:o}", "title",
                         in_language(page, obligation->title_zh, obligation->title_en), "period", period->key,
                         "names", names);
    json_decref(names);
    return NULL;
}

static json_t *missing_of(const Page *page) {
    json_t *list = json_array();
    for (guint o = 0; o < page->programme->obligations->len; o++) {
        const Obligation *obligation = g_ptr_array_index(page->programme->obligations, o);
        g_autoptr(GPtrArray) periods =
            period_list(page->programme, obligation, page->now_s - MISSING_SINCE_S, page->now_s - 1);
        for (guint p = 0; p < periods->len; p++) {
            json_t *missing = missing_in(page, obligation, g_ptr_array_index(periods, p));
            if (missing != NULL)
                json_array_append_new(list, missing);
        }
    }
    return list;
}

static json_t *instant(const Page *page, gint64 at_s) {
    return take_text(calendar_instant_text(page->programme->zone, at_s, page->language));
}

static void set_open(const Page *page, json_t *facts) {
    const Snapshot *snapshot = view_snapshot(page->view);
    json_t *reviews = json_array(), *questions = json_array(), *urgents = json_array(),
           *missing = missing_of(page);
    for (guint i = 0; snapshot->reviews != NULL && i < snapshot->reviews->len; i++) {
        const ReviewItem *item = g_ptr_array_index(snapshot->reviews, i);
        json_array_append_new(reviews,
                              json_pack("{s:I, s:s, s:s, s:o}", "number", (json_int_t)item->id, "text",
                                        text_or_empty(item->text), "from", text_or_empty(item->from),
                                        "since_text", instant(page, item->since_s)));
    }
    for (guint i = 0; snapshot->questions != NULL && i < snapshot->questions->len; i++) {
        const TrackedQuestion *question = g_ptr_array_index(snapshot->questions, i);
        json_array_append_new(questions, json_pack("{s:s, s:s, s:o, s:s}", "text", question->text,
                                                   "organization", organization_name(page, question->org_id),
                                                   "asked_text", instant(page, question->asked_s), "state",
                                                   question_state_name(question->state)));
    }
    for (guint i = 0; snapshot->urgents != NULL && i < snapshot->urgents->len; i++) {
        const UrgentMatter *matter = g_ptr_array_index(snapshot->urgents, i);
        json_array_append_new(urgents, json_pack("{s:s, s:s, s:o, s:s}", "text", text_or_empty(matter->text),
                                                 "organization", organization_name(page, matter->org_id),
                                                 "since_text", instant(page, matter->received_s), "code",
                                                 text_or_empty(matter->code)));
    }
    bool has_open = json_array_size(reviews) + json_array_size(questions) + json_array_size(urgents) +
                        json_array_size(missing) >
                    0;
    json_object_set_new(facts, "reviews", reviews);
    json_object_set_new(facts, "questions", questions);
    json_object_set_new(facts, "urgents", urgents);
    json_object_set_new(facts, "missing", missing);
    json_object_set_new(facts, "has_open", json_boolean(has_open));
}

json_t *handover_facts(const View *view, const char *language, gint64 now_s) {
    const Programme *programme = view_programme(view);
    const Page page = {.view = view,
                       .programme = programme,
                       .language = language,
                       .is_english = g_strcmp0(language, "en") == 0,
                       .now_s = now_s};
    json_t *facts = json_pack("{s:s, s:s, s:s, s:o, s:s}", "programme",
                              in_language(&page, programme->title_zh, programme->title_en), "programme_id",
                              programme->id, "language", language, "at_text", instant(&page, now_s),
                              "mailbox", text_or_empty(programme->from_address));
    json_object_set_new(facts, "people", people_of(&page));
    json_object_set_new(facts, "obligations", obligations_of(&page));
    set_scores(&page, facts);
    set_organizations(&page, facts);
    json_object_set_new(facts, "exempt", exempt_of(&page));
    set_open(&page, facts);
    return facts;
}
