/* The answer to 状态: what we have of an organization and what it owes; for managers the whole. Part of
 * command.h. */
#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/command.h"
#include "gateway/core/period.h"
#include "gateway/core/roster.h"

#define OWED_BACK_S (62 * (gint64)CALENDAR_DAY_S) /* what is owed for longer is a matter for people */
#define NAMES_MAX   20

typedef struct {
    const View *view;
    const Programme *programme;
    const char *language;
    bool is_english;
    gint64 now_s;
    json_t *lines;
} Status;

/* Takes the text over. */
static void add(const Status *s, char *text) {
    json_array_append_new(s->lines, json_pack("{s:s}", "text", text));
    g_free(text);
}

/* "双周报（6月14日至6月27日）" */
static char *name_of(const Status *s, const Obligation *obligation, const Period *period) {
    g_autofree char *span = calendar_span_text(&period->first, &period->last, s->language);
    if (obligation->schedule.kind == SCHEDULE_ONCE)
        return g_strdup(obligation_title(obligation, s->is_english));
    return g_strdup_printf(s->is_english ? "%s (%s)" : "%s（%s）",
                           obligation_title(obligation, s->is_english), span);
}

/* ---- one organization
 * ------------------------------------------------------------------------------------------ */

static char *received_text(const Status *s, const Submission *submission) {
    bool en = s->is_english;
    g_autofree char *at = calendar_instant_text(s->programme->zone, submission->received_s, s->language);
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, en ? "received %s, %s" : "已收到，%s，%s", at,
                           en ? (submission->on_time ? "on time" : "late")
                              : (submission->on_time ? "按时" : "迟交"));
    if (submission->revision > 1)
        g_string_append_printf(text, en ? ", revision %u" : "，第 %u 版", submission->revision);
    if (submission->n_problems > 0)
        g_string_append_printf(text, en ? ", %u to check" : "，%u 处需核对", submission->n_problems);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *owed_text(const Status *s, const Period *period) {
    g_autofree char *due = calendar_instant_text(s->programme->zone, period->due_s, s->language);
    if (s->now_s <= period->late_after_s)
        return g_strdup_printf(s->is_english ? "not received yet, due %s" : "未收到，截止 %s", due);
    g_autofree char *late = calendar_duration_text(s->now_s - period->due_s, s->language);
    return g_strdup_printf(s->is_english ? "MISSING, overdue for %s (due %s)" : "未收到，已逾期%s（截止 %s）",
                           late, due);
}

static void add_period(const Status *s, const Obligation *obligation, const Period *period,
                       const Organization *organization, bool is_current) {
    const Submission *submission = view_submission(s->view, obligation->id, period->key, organization->id);
    Standing standing = view_standing(s->view, obligation, period, organization);
    Period own = *period;
    view_extend(s->view, &own, organization->id);
    g_autofree char *name = name_of(s, obligation, period);
    g_autofree char *state = submission != NULL            ? received_text(s, submission)
                             : standing == STANDING_OWED   ? owed_text(s, &own)
                             : standing == STANDING_EXEMPT ? g_strdup(s->is_english ? "exempt" : "免报")
                                                           : NULL;
    /* of what is past, only what is still owed is told */
    if (state != NULL && (is_current || standing == STANDING_OWED))
        add(s, g_strdup_printf(s->is_english ? "%s: %s" : "%s：%s", name, state));
}

static void add_obligation(const Status *s, const Obligation *obligation, const Organization *organization) {
    if (obligation->owed_by != OWED_BY_ORGANIZATIONS)
        return;
    g_autoptr(GPtrArray) past = period_list(s->programme, obligation, s->now_s - OWED_BACK_S, s->now_s - 1);
    g_autoptr(Period) running = period_at(s->programme, obligation, s->now_s);
    for (guint i = 0; i < past->len; i++)
        add_period(s, obligation, g_ptr_array_index(past, i), organization, i + 1 == past->len);
    if (running != NULL)
        add_period(s, obligation, running, organization, true);
}

static guint open_questions(const Status *s, gint64 org_id) {
    const GPtrArray *questions = view_snapshot(s->view)->questions;
    guint count = 0;
    for (guint i = 0; questions != NULL && i < questions->len; i++)
        count += org_id == 0 || ((const TrackedQuestion *)g_ptr_array_index(questions, i))->org_id == org_id;
    return count;
}

static void add_organization(const Status *s, const Organization *organization) {
    guint questions = open_questions(s, organization->id);
    add(s, g_strdup_printf(s->is_english ? "— %s —" : "【%s】", organization->name));
    for (guint i = 0; i < s->programme->obligations->len; i++)
        add_obligation(s, g_ptr_array_index(s->programme->obligations, i), organization);
    if (view_pending(s->view, organization->id) != NULL)
        add(s, g_strdup(s->is_english ? "A message of yours waits for a person; no reminder leaves meanwhile"
                                      : "有邮件正等待人工核对，期间不催报"));
    if (questions > 0)
        add(s, g_strdup_printf(s->is_english ? "Questions without an answer: %u" : "尚未答复的问题：%u 个",
                               questions));
}

/* ---- the whole
 * ------------------------------------------------------------------------------------------------- */

static void add_counts(const Status *s, const Obligation *obligation, const Period *period) {
    const GPtrArray *organizations = view_snapshot(s->view)->organizations;
    guint received = 0, late = 0, owed = 0;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        const Submission *submission =
            view_submission(s->view, obligation->id, period->key, organization->id);
        received += submission != NULL;
        late += submission != NULL && !submission->on_time;
        if (view_standing(s->view, obligation, period, organization) != STANDING_OWED)
            continue;
        if (owed++ < NAMES_MAX)
            g_string_append_printf(names, "%s%s",
                                   names->len == 0 ? ""
                                   : s->is_english ? ", "
                                                   : "、",
                                   organization->name);
    }
    g_autofree char *name = name_of(s, obligation, period);
    add(s, g_strdup_printf(s->is_english ? "%s: %u expected, %u received (%u late), %u not yet%s%s%s"
                                         : "%s：应交 %u，已交 %u（迟交 %u），未交 %u%s%s%s",
                           name, received + owed, received, late, owed,
                           owed == 0       ? ""
                           : s->is_english ? ": "
                                           : "：",
                           names->str, owed > NAMES_MAX ? " …" : ""));
}

static void add_whole(const Status *s) {
    const Snapshot *snapshot = view_snapshot(s->view);
    for (guint i = 0; i < s->programme->obligations->len; i++) {
        const Obligation *obligation = g_ptr_array_index(s->programme->obligations, i);
        if (obligation->owed_by != OWED_BY_ORGANIZATIONS)
            continue;
        g_autoptr(GPtrArray) past =
            period_list(s->programme, obligation, s->now_s - OWED_BACK_S, s->now_s - 1);
        g_autoptr(Period) running = period_at(s->programme, obligation, s->now_s);
        if (past->len > 0)
            add_counts(s, obligation, g_ptr_array_index(past, past->len - 1));
        if (running != NULL)
            add_counts(s, obligation, running);
    }
    guint reviews = snapshot->reviews != NULL ? snapshot->reviews->len : 0;
    guint urgents = snapshot->urgents != NULL ? snapshot->urgents->len : 0;
    add(s,
        g_strdup_printf(s->is_english
                            ? "In review: %u; questions without an answer: %u; urgent matters not settled: %u"
                            : "待人工处理 %u 件，未答复的问题 %u 个，未处理的紧急情况 %u 件",
                        reviews, open_questions(s, 0), urgents));
}

json_t *command_status_lines(const View *view, const char *address, const char *language, gint64 now_s) {
    const Status s = {.view = view,
                      .programme = view_programme(view),
                      .language = language,
                      .is_english = g_strcmp0(language, "en") == 0,
                      .now_s = now_s,
                      .lines = json_array()};
    g_autoptr(GPtrArray) organizations = command_organizations(view, address);
    for (guint i = 0; i < organizations->len; i++)
        add_organization(&s, g_ptr_array_index(organizations, i));
    if (roster_role_of_address(s.programme, address) != NULL)
        add_whole(&s);
    return s.lines;
}
