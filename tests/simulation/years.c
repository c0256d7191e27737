/* Three years of 200 organizations in fast motion: the decisions of the core (intake, plan, what is still due
 * when it leaves), and around them what the keeper does with them, without store and mail. Prints facts and
 * letters, a line each, for oracle.py.
 *
 * Usage: years SEED. Lines, fields apart by a blank; times in UTC seconds of the real world, "clock": what
 * the gateway's clock shows: O org address advisor section                      ("-": none) F time what org
 * period value asked                 what happened (events.h) L time clock kind to key ids a letter left D
 * time clock kind to key ids                       a letter about questions was decided N ticks letters */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/intake.h"
#include "gateway/core/period.h"
#include "gateway/core/plan.h"
#include "gateway/core/questions.h"
#include "gateway/io/config.h"
#include "tests/simulation/events.h"

#define DAY_S       86400
#define FROM_S      1465747200 /* 2016-06-13 00:00 in Shanghai */
#define TO_S        (FROM_S + 3 * 365 * DAY_S)
#define KEPT_S      (200 * DAY_S) /* as the keeper: older periods leave the view */
#define HOLD_LOOK_S 600

typedef struct {
    Letter *letter;
    gint64 due_s;
} Waiting;

typedef struct {
    const Programme *programme;
    GPtrArray *periods;
    Snapshot *snapshot;
    View *view;
    bool is_up, is_mailbox_ok, is_server_ok;
    gint64 skew_s;
    GArray *mail;      /* Event: in the mailbox, not yet fetched */
    GPtrArray *outbox; /* Waiting* */
    gint64 next_message;
    gint64 plan_s, planned_s; /* on the gateway's clock: the next instant to decide, the last one that was */
    bool is_plan_stale;
    guint n_ticks, n_letters;
} Years;

static void rebuild(Years *years) {
    g_clear_pointer(&years->view, view_free);
    g_clear_pointer(&years->snapshot->submission_index, g_hash_table_unref);
    years->snapshot->n_submissions_indexed = 0;
    years->view = view_new(years->snapshot);
    years->is_plan_stale = true;
}

/* ---- the roster
 * --------------------------------------------------------------------------------------------------- */

static void add_contact(Organization *organization, const char *role, char *address) {
    Contact *contact = g_new0(Contact, 1);
    contact->role = g_strdup(role);
    contact->name = g_strdup(role);
    contact->address = address;
    g_ptr_array_add(organization->contacts, contact);
}

static void add_organizations(Years *years) {
    for (gint64 id = 1; id <= YEARS_ORGANIZATIONS; id++) {
        Organization *organization = organization_new();
        organization->id = id;
        organization->name = g_strdup_printf("组织%03d", (int)id);
        organization->section = g_strdup_printf("板块%d", (int)(id % YEARS_SECTIONS));
        bool has_address = id % 20 != 0, has_advisor = id % 2 == 0;
        if (has_address)
            add_contact(organization, "liaison", g_strdup_printf("org%d@example.edu.cn", (int)id));
        if (has_advisor)
            add_contact(organization, "advisor", g_strdup_printf("teacher%d@example.edu.cn", (int)id));
        printf("O %d %s %s %d\n", (int)id, has_address ? "yes" : "-", has_advisor ? "yes" : "-",
               (int)(id % YEARS_SECTIONS));
        g_ptr_array_add(years->snapshot->organizations, organization);
    }
}

static Organization *organization_of(const Years *years, gint64 org) {
    return g_ptr_array_index(years->snapshot->organizations, (guint)org - 1);
}

/* ---- letters
 * ----------------------------------------------------------------------------------------------------- */

static void print_letter(const char *what, gint64 at_s, gint64 clock_s, const Letter *letter) {
    printf("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s %s %s ", what, at_s, clock_s,
           letter_kind_name(letter->kind), letter->to_address, letter->key);
    gsize i;
    json_t *id;
    json_array_foreach(json_object_get(letter->facts, "question_ids"), i, id)
        printf("%s%d", i ? "," : "", (int)json_integer_value(id));
    putchar(i ? '\n' : '-');
    if (!i)
        putchar('\n');
}

static void put(Years *years, Letter *letter, gint64 at_s, gint64 clock_s) {
    Waiting *waiting = g_new0(Waiting, 1);
    waiting->letter = letter;
    waiting->due_s = letter->not_before_s;
    view_decide_letter(years->view, letter->key, OUTBOX_QUEUED);
    questions_follow(years->view, letter, clock_s);
    if (json_object_get(letter->facts, "question_ids") != NULL)
        print_letter("D", at_s, clock_s, letter);
    g_ptr_array_add(years->outbox, waiting);
}

static void put_all(Years *years, GPtrArray *letters, gint64 at_s, gint64 clock_s) {
    for (guint i = 0; i < letters->len; i++)
        put(years, g_ptr_array_index(letters, i), at_s, clock_s);
    g_ptr_array_set_free_func(letters, NULL); /* they have new owners */
}

static void waiting_free(Waiting *waiting) {
    letter_free(waiting->letter);
    g_free(waiting);
}

/* As keeper/post: on hold, kept by the night, no longer due, or gone. True: it leaves the outbox. */
static bool send_one(Years *years, Waiting *waiting, gint64 at_s, gint64 clock_s) {
    const Letter *letter = waiting->letter;
    gint64 until_s = 0, leaves_s;
    if (clock_s >= letter->expires_s)
        return true;
    if (letter_on_hold(years->view, letter, clock_s, &until_s)) {
        waiting->due_s = CLAMP(until_s, clock_s + 1, clock_s + HOLD_LOOK_S);
        return false;
    }
    if ((leaves_s = letter_leaves_s(years->programme, letter, clock_s)) > clock_s) {
        waiting->due_s = leaves_s;
        return false;
    }
    if (!letter_still_due(years->view, letter, clock_s, NULL))
        return true;
    print_letter("L", at_s, clock_s, letter);
    view_decide_letter(years->view, letter->key, OUTBOX_SENT);
    years->n_letters++;
    return true;
}

static void send_due(Years *years, gint64 at_s, gint64 clock_s) {
    guint kept = 0;
    for (guint i = 0; i < years->outbox->len; i++) {
        Waiting *waiting = g_ptr_array_index(years->outbox, i);
        if (waiting->due_s <= clock_s && years->is_server_ok && send_one(years, waiting, at_s, clock_s))
            waiting_free(waiting);
        else
            years->outbox->pdata[kept++] = waiting;
    }
    years->outbox->len = kept;
}

/* ---- mail
 * -------------------------------------------------------------------------------------------------------- */

static void take_report(Years *years, const Event *event, gint64 at_s, gint64 clock_s) {
    const Period *period = g_ptr_array_index(years->periods, event->period);
    char first[11], last[11], from[40], id[40];
    g_date_strftime(first, sizeof first, "%Y-%m-%d", &period->first);
    g_date_strftime(last, sizeof last, "%Y-%m-%d", &period->last);
    bool has_address = event->org % 20 != 0;
    g_snprintf(from, sizeof from, has_address ? "org%d@example.edu.cn" : "nobody%d@example.edu.cn",
               (int)event->org);
    g_snprintf(id, sizeof id, "m%" G_GINT64_FORMAT "@example.edu.cn", years->next_message);
    json_t *parse =
        json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:{s:{s:I, s:f}}, s:{}, s:[]}", "kind", "submission",
                  "form", "biweekly", "org", organization_of(years, event->org)->name, "period", "start",
                  first, "end", last, "period_source", "form", "fields", "questions_received", "value",
                  (json_int_t)event->value, "confidence", 1.0, "tables", "problems");
    MessageFacts facts = {.id = years->next_message++,
                          .received_s = event->at_s,
                          .seen_s = clock_s,
                          .from = from,
                          .from_count = 1,
                          .message_id = id,
                          .subject = "双周报",
                          /* those without an address bring theirs on paper */
                          .by_hand = !has_address,
                          .confirmed_org_id = has_address ? 0 : event->org};
    g_autoptr(IntakeDecision) decision = intake_decide(years->view, &facts, parse, clock_s);
    if (decision->submission == NULL || g_strcmp0(decision->period, period->key) != 0 ||
        decision->who.org_id != event->org)
        g_error("message %" G_GINT64_FORMAT ": not recorded as meant: %s", facts.id,
                decision->review_code ? decision->review_code : "-");
    intake_apply(years->view, decision, event->org);
    put_all(years, decision->letters, at_s, clock_s);
    json_decref(parse);
}

static void take_back(Years *years, const Event *event) {
    const Period *period = g_ptr_array_index(years->periods, event->period);
    GPtrArray *submissions = years->snapshot->submissions;
    for (guint i = submissions->len; i > 0; i--) {
        const Submission *submission = g_ptr_array_index(submissions, i - 1);
        if (submission->org_id == event->org && strcmp(submission->period, period->key) == 0)
            g_ptr_array_remove_index_fast(submissions, i - 1);
    }
    rebuild(years);
}

static TrackedQuestion *question_of(const Years *years, gint64 id, guint *ret_index) {
    for (guint i = 0; i < years->snapshot->questions->len; i++) {
        TrackedQuestion *question = g_ptr_array_index(years->snapshot->questions, i);
        if (question->id == id) {
            *ret_index = i;
            return question;
        }
    }
    return NULL;
}

static void take_question(Years *years, const Event *event, gint64 clock_s) {
    TrackedQuestion *question = g_new0(TrackedQuestion, 1);
    question->id = event->value;
    question->org_id = event->org;
    question->text = g_strdup_printf("问题%d", (int)event->value);
    question->asked_s = event->asked_s;
    question->known_s = question->changed_s = clock_s;
    g_ptr_array_add(years->snapshot->questions, question);
    years->is_plan_stale = true;
}

static void take_mail(Years *years, gint64 at_s, gint64 clock_s) {
    for (guint i = 0; i < years->mail->len; i++) {
        const Event *event = &g_array_index(years->mail, Event, i);
        guint index;
        if (event->kind == HAPPENS_REPORT)
            take_report(years, event, at_s, clock_s);
        else if (event->kind == HAPPENS_WITHDRAW)
            take_back(years, event);
        else if (event->kind == HAPPENS_QUESTION)
            take_question(years, event, clock_s);
        else if (question_of(years, event->value, &index) != NULL)
            g_ptr_array_remove_index(years->snapshot->questions, index); /* settled ones leave the snapshot */
    }
    g_array_set_size(years->mail, 0);
}

/* ---- what happens
 * ------------------------------------------------------------------------------------------------ */

static void print_fact(const Years *years, const Event *event) {
    static const char *const names[] = {"report", "withdraw", "exempt",  "suspend", "hold",  "question",
                                        "answer", "up",       "mailbox", "server",  "clock", "restart"};
    const Period *period = g_ptr_array_index(years->periods, event->period);
    printf("F %" G_GINT64_FORMAT " %s %d %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", event->at_s,
           names[event->kind], (int)event->org, period->key, event->value, event->asked_s);
}

static void hold(Years *years, const Event *event) {
    GPtrArray *pending = years->snapshot->pending;
    for (guint i = pending->len; i > 0 && event->value == 0; i--)
        if (((const PendingMail *)g_ptr_array_index(pending, i - 1))->org_id == event->org)
            g_ptr_array_remove_index(pending, i - 1);
    if (event->value != 0) {
        PendingMail *mail = g_new0(PendingMail, 1);
        *mail = (PendingMail){
            .message_id = years->next_message++, .org_id = event->org, .seen_s = event->at_s + years->skew_s};
        g_ptr_array_add(pending, mail);
    }
    rebuild(years);
}

static void exempt(Years *years, const Event *event) {
    const Period *period = g_ptr_array_index(years->periods, event->period);
    Exemption *exemption = g_new0(Exemption, 1);
    exemption->org_id = event->org;
    exemption->obligation = g_strdup("biweekly");
    exemption->period = g_strdup(period->key);
    g_ptr_array_add(years->snapshot->exemptions, exemption);
    rebuild(years);
}

static void restart(Years *years, gint64 clock_s) {
    GPtrArray *submissions = years->snapshot->submissions;
    for (guint i = submissions->len; i > 0; i--)
        if (((const Submission *)g_ptr_array_index(submissions, i - 1))->received_s < clock_s - KEPT_S)
            g_ptr_array_remove_index(submissions, i - 1);
    rebuild(years);
}

static void happen(Years *years, const Event *event) {
    if (event->kind == HAPPENS_NOTHING)
        return;
    print_fact(years, event);
    switch (event->kind) {
    case HAPPENS_EXEMPT:
        exempt(years, event);
        break;
    case HAPPENS_SUSPEND:
        organization_of(years, event->org)->suspended = event->value != 0;
        break;
    case HAPPENS_HOLD:
        hold(years, event);
        break;
    case HAPPENS_UP:
        years->is_up = event->value != 0;
        restart(years, event->at_s + years->skew_s);
        break;
    case HAPPENS_MAILBOX:
        years->is_mailbox_ok = event->value != 0;
        break;
    case HAPPENS_SERVER:
        years->is_server_ok = event->value != 0;
        break;
    case HAPPENS_CLOCK:
        years->skew_s = event->value;
        break;
    case HAPPENS_RESTART:
        restart(years, event->at_s + years->skew_s);
        break;
    default:
        g_array_append_val(years->mail, *event);
    }
    years->is_plan_stale = years->is_plan_stale || event->kind >= HAPPENS_UP;
}

/* ---- time
 * -------------------------------------------------------------------------------------------------------- */

static void tick(Years *years, gint64 at_s) {
    if (!years->is_up)
        return;
    gint64 clock_s = at_s + years->skew_s;
    years->n_ticks++;
    years->snapshot->is_mailbox_unseen = !years->is_mailbox_ok;
    if (years->is_mailbox_ok && years->mail->len > 0)
        take_mail(years, at_s, clock_s);
    g_autoptr(GPtrArray) letters = plan(years->view, clock_s);
    years->is_plan_stale = years->is_plan_stale || letters->len > 0;
    put_all(years, letters, at_s, clock_s);
    send_due(years, at_s, clock_s);
    if (years->is_plan_stale || clock_s >= years->plan_s) {
        years->planned_s = clock_s;
        years->plan_s = plan_next_instant(years->view, clock_s);
        years->is_plan_stale = false;
    }
}

static void take_earlier(gint64 at_s, gint64 after_s, gint64 *next_s) {
    if (at_s > after_s && at_s < *next_s)
        *next_s = at_s;
}

/* The next moment in the real world at which the gateway has something to do by itself, with the seconds
 * around it. */
static gint64 next_by_itself(const Years *years, gint64 at_s) {
    gint64 next_s = G_MAXINT64, skew_s = years->skew_s;
    if (!years->is_up)
        return next_s;
    take_earlier(years->planned_s + 1 - skew_s, at_s, &next_s);
    take_earlier(years->plan_s - 1 - skew_s, at_s, &next_s);
    take_earlier(years->plan_s - skew_s, at_s, &next_s);
    for (guint i = 0; i < years->outbox->len && years->is_server_ok; i++)
        take_earlier(((const Waiting *)g_ptr_array_index(years->outbox, i))->due_s - skew_s, at_s, &next_s);
    return next_s;
}

static void live(Years *years, const GArray *events) {
    guint next = 0;
    for (gint64 at_s = FROM_S; at_s < TO_S;) {
        for (; next < events->len && g_array_index(events, Event, next).at_s <= at_s; next++)
            happen(years, &g_array_index(events, Event, next));
        tick(years, at_s);
        gint64 next_s = next_by_itself(years, at_s);
        at_s = MIN(next_s, next < events->len ? g_array_index(events, Event, next).at_s : G_MAXINT64);
    }
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    guint64 seed;
    g_autoptr(GError) error = NULL;
    if (argc != 3 || !g_ascii_string_to_unsigned(argv[2], 10, 0, G_MAXUINT32, &seed, &error))
        g_error("usage: years CONFIG SEED");
    g_autoptr(Config) config = config_load(argv[1], &error);
    if (config == NULL)
        g_error("%s", error->message);
    Years years = {.programme = config->programme,
                   .is_up = true,
                   .is_mailbox_ok = true,
                   .is_server_ok = true,
                   .next_message = 1};
    years.periods =
        period_list(config->programme, g_ptr_array_index(config->programme->obligations, 0), FROM_S, TO_S);
    years.snapshot = snapshot_new(config->programme);
    years.snapshot->released_s = FROM_S;
    years.snapshot->questions = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
    years.mail = g_array_new(FALSE, FALSE, sizeof(Event));
    years.outbox = g_ptr_array_new_with_free_func((GDestroyNotify)waiting_free);
    add_organizations(&years);
    rebuild(&years);
    g_autoptr(GArray) events = events_draw((guint32)seed, years.periods, FROM_S, TO_S);
    live(&years, events);
    printf("N %u %u\n", years.n_ticks, years.n_letters);
    view_free(years.view);
    snapshot_free(years.snapshot);
    g_ptr_array_unref(years.periods);
    g_ptr_array_unref(years.outbox);
    g_array_unref(years.mail);
    return 0;
}
