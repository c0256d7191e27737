#include "gateway/core/questions.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/plan.h"
#include "gateway/core/reason.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"

/* A letter about questions says nothing new after this. */
#define LETTER_LIFE_S (3 * CALENDAR_DAY_S)

/* The product's words for a question's life (SPEC 3.2, 3.3). */
#define COLUMN_QUESTION    "question"
#define COLUMN_STATUS      "status"
#define COLUMN_ASKED       "asked_at"
#define COLUMN_SECTION     "section"
#define COLUMN_ANSWERED_AT "answered_at"
#define COLUMN_ANSWERED_BY "answered_by"
#define COLUMN_NUMBER      "no"
#define MEANING_ANSWERED   "answered"

/* --- the state machine
 * ------------------------------------------------------------------------------------------ */

#define SAME QUESTION_STATES /* nothing changes */

static const QuestionState transitions[QUESTION_STATES][QUESTION_EVENTS] = {
    /*                       PASS_ON             ESCALATE          INQUIRE            EXPLAIN
       ANSWER              CALM */
    [QUESTION_OPEN] = {QUESTION_PASSED_ON, QUESTION_OVERDUE, SAME, SAME, QUESTION_ANSWERED, QUESTION_CLOSED},
    [QUESTION_PASSED_ON] = {SAME, QUESTION_OVERDUE, SAME, SAME, QUESTION_ANSWERED, QUESTION_CLOSED},
    [QUESTION_OVERDUE] = {SAME, SAME, QUESTION_INQUIRED, SAME, QUESTION_ANSWERED, QUESTION_CLOSED},
    [QUESTION_INQUIRED] = {SAME, SAME, SAME, QUESTION_EXPLAINED, QUESTION_ANSWERED, QUESTION_CLOSED},
    [QUESTION_ANSWERED] = {SAME, SAME, SAME, SAME, SAME, SAME},
    [QUESTION_EXPLAINED] = {SAME, SAME, SAME, SAME, QUESTION_ANSWERED, QUESTION_CLOSED},
    [QUESTION_CLOSED] = {SAME, SAME, SAME, SAME, QUESTION_ANSWERED, SAME},
};

bool question_next(QuestionState state, QuestionEvent event, QuestionState *ret_next) {
    QuestionState next = transitions[state][event];
    if (next == SAME)
        return false;
    *ret_next = next;
    return true;
}

const char *question_event_name(QuestionEvent event) {
    static const char *const names[] = {"pass_on", "escalate", "inquire", "explain", "answer", "calm"};
    return names[event];
}

/* --- what submissions say
 * --------------------------------------------------------------------------------------- */

static const json_t *column_of(const json_t *table, const char *key) {
    gsize i;
    json_t *column;
    json_array_foreach(definition_columns(table), i, column)
        if (strcmp(definition_key(column), key) == 0)
            return column;
    return NULL;
}

static const char *cell_text(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text != NULL ? text : "";
}

static void add_mention(const Programme *programme, const Submission *submission, const json_t *table,
                        const json_t *row, GArray *mentions) {
    gint64 received_s = submission->revised_s != 0 ? submission->revised_s : submission->received_s;
    QuestionMention mention = {.text = cell_text(row, COLUMN_QUESTION),
                               .section = cell_text(row, COLUMN_SECTION),
                               .answered_by = cell_text(row, COLUMN_ANSWERED_BY),
                               .number = json_integer_value(json_object_get(row, COLUMN_NUMBER)),
                               .asked_s = received_s};
    gint64 at_s;
    if (*mention.text == '\0')
        return;
    /* nobody asks after the report was sent: a slip of the pen does not stop the clock */
    if (calendar_time_parse(cell_text(row, COLUMN_ASKED), programme->zone, &at_s) && at_s <= received_s) {
        mention.asked_s = at_s;
        mention.has_asked = true;
    }
    const char *meaning =
        definition_choice_meaning(column_of(table, COLUMN_STATUS), cell_text(row, COLUMN_STATUS));
    if (calendar_time_parse(cell_text(row, COLUMN_ANSWERED_AT), programme->zone, &at_s))
        mention.answered_s = at_s;
    mention.is_answered = mention.answered_s != 0 || g_strcmp0(meaning, MEANING_ANSWERED) == 0;
    g_array_append_val(mentions, mention);
}

GArray *questions_of_submission(const Programme *programme, const Submission *submission) {
    GArray *mentions = g_array_new(FALSE, FALSE, sizeof(QuestionMention));
    const json_t *form = definition_form(programme, submission->form);
    gsize i, j;
    json_t *table, *row;
    json_array_foreach(definition_tables(form), i, table) {
        if (column_of(table, COLUMN_QUESTION) == NULL || column_of(table, COLUMN_STATUS) == NULL)
            continue;
        json_array_foreach(json_object_get(submission->tables, definition_key(table)), j, row)
            add_mention(programme, submission, table, row, mentions);
    }
    return mentions;
}

bool questions_stand_in(const Programme *programme, const char *form) {
    gsize i;
    json_t *table;
    json_array_foreach(definition_tables(definition_form(programme, form)), i, table)
        if (column_of(table, COLUMN_QUESTION) != NULL && column_of(table, COLUMN_STATUS) != NULL)
            return true;
    return false;
}

/* --- what mail asks
 * ------------------------------------------------------------------------------------------- */

static bool asks(const char *sentence) {
    static const char *const words[] = {"？",   "?",    "请问", "想问",  "怎么", "如何",  "怎样", "能否",
                                        "可否", "吗",   "什么", "几点",  "哪里", "哪些",  "多少", "是否",
                                        "what", "when", "how",  "where", "who",  "which", "can ", NULL};
    g_autofree char *folded = g_ascii_strdown(sentence, -1);
    for (const char *const *word = words; *word != NULL; word++)
        if (strstr(folded, *word) != NULL)
            return true;
    return false;
}

/* Bytes of the first sentence, its mark included. */
static gsize sentence_length(const char *text) {
    static const char *const marks[] = {"。", "！", "？", "；", "?", "!", "\n", NULL};
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
        for (const char *const *mark = marks; *mark != NULL; mark++)
            if (g_str_has_prefix(p, *mark))
                return (gsize)(p - text) + strlen(*mark);
    return strlen(text);
}

/* One line, white space as one blank, cut to the limit. */
static char *one_line(const char *text) {
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
    g_autoptr(GString) line = g_string_new(NULL);
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0')
            g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", *word);
    return g_utf8_substring(line->str, 0, MIN(QUESTION_TEXT_MAX, g_utf8_strlen(line->str, -1)));
}

char *question_of_mail(const char *subject, const char *reply) {
    g_autofree char *valid = g_utf8_make_valid(reply, -1), *title = g_utf8_make_valid(subject, -1);
    g_autoptr(GString) asking = g_string_new(NULL);
    for (const char *p = valid; *p != '\0';) {
        gsize length = sentence_length(p);
        g_autofree char *sentence = g_strndup(p, length);
        if (asks(sentence))
            g_string_append(asking, sentence);
        p += length;
    }
    if (asking->len == 0)
        g_string_append(asking, asks(title) || *valid == '\0' ? title : valid);
    return one_line(asking->str);
}

bool question_is_same_time(GTimeZone *zone, gint64 asked_s, gint64 other_s) {
    if (ABS(asked_s - other_s) <= QUESTION_SAME_S)
        return true;
    GDate day, other_day;
    int second, other_second;
    calendar_local(zone, asked_s, &day, &second);
    calendar_local(zone, other_s, &other_day, &other_second);
    return (second == 0 || other_second == 0) && g_date_compare(&day, &other_day) == 0;
}

/* --- the clock
 * -------------------------------------------------------------------------------------------------- */

static bool is_waiting(const TrackedQuestion *question) {
    return question->state == QUESTION_OPEN || question->state == QUESTION_PASSED_ON;
}

static gint64 overdue_from_s(const TrackedQuestion *question) {
    return MAX(question->asked_s + QUESTION_LIMIT_S, question->known_s);
}

/* It was overdue, and known, when the first contact ended: nobody is written to about it. */
static bool is_history(const TrackedQuestion *question, gint64 released_s) {
    return overdue_from_s(question) < released_s;
}

bool question_is_overdue(const TrackedQuestion *question, gint64 released_s, gint64 now_s) {
    return is_waiting(question) && !is_history(question, released_s) && now_s >= overdue_from_s(question);
}

static bool is_nudged_now(const TrackedQuestion *question, gint64 now_s) {
    return question->state == QUESTION_PASSED_ON && question->nudged_s == 0 &&
           now_s >= question->asked_s + QUESTION_NUDGE_S && now_s < question->asked_s + QUESTION_LIMIT_S &&
           /* passed on only now: the same words twice in one hour help nobody */
           now_s >= question->passed_s + 3600;
}

gint64 question_next_instant(const TrackedQuestion *question, gint64 released_s, gint64 now_s) {
    gint64 next_s = G_MAXINT64;
    if (!is_waiting(question) || is_history(question, released_s))
        return next_s;
    const gint64 instants[] = {
        overdue_from_s(question),
        question->nudged_s == 0 ? MAX(question->asked_s + QUESTION_NUDGE_S, question->passed_s + 3600) : 0};
    for (gsize i = 0; i < G_N_ELEMENTS(instants); i++)
        if (instants[i] > now_s)
            next_s = MIN(next_s, instants[i]);
    return next_s;
}

/* --- to whom
 * ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *address, *language;
} Reader;

static bool of_role(const Programme *programme, const char *role, const char *section, Reader *ret_reader) {
    const RolePerson *person = roster_role(programme, role, section);
    if (person == NULL || person->address == NULL || *person->address == '\0')
        return false;
    *ret_reader = (Reader){person->name, person->address, person->language};
    return true;
}

static const char *section_of(const View *view, const TrackedQuestion *question) {
    const Organization *organization = view_organization(view, question->org_id);
    if (question->section != NULL && *question->section != '\0')
        return question->section;
    return organization != NULL ? organization->section : NULL;
}

/* How well an answerer's type of questions fits: the section by name, else what the question speaks of. */
static guint fitness(const Answerer *answerer, const char *section, const char *text) {
    if (answerer->type == NULL || *answerer->type == '\0')
        return 1;
    if (section != NULL &&
        (strstr(section, answerer->type) != NULL || strstr(answerer->type, section) != NULL))
        return 3;
    return strstr(text, answerer->type) != NULL ? 3 : 1;
}

/* The address of an answerer: of the contact of that name, else of who speaks for the organization. */
static bool reach(const Organization *organization, const Answerer *answerer, Reader *ret_reader) {
    const Contact *contact = roster_contact(organization);
    const char *address = contact != NULL ? contact->address : NULL;
    for (guint i = 0; i < organization->contacts->len; i++) {
        const Contact *other = g_ptr_array_index(organization->contacts, i);
        if (other->address != NULL && *other->address != '\0' && g_strcmp0(other->name, answerer->name) == 0)
            address = other->address;
    }
    if (address == NULL || *address == '\0')
        return false;
    *ret_reader = (Reader){answerer->name, address, NULL};
    return true;
}

static bool is_asker(const TrackedQuestion *question, const char *address) {
    return question->asker != NULL && g_ascii_strcasecmp(question->asker, address) == 0;
}

/* The section's answerer: of the receipts' table, best the asked organization's own; else the section head;
 * else who speaks for the organization that reported it. */
static bool find_answerer(const View *view, const TrackedQuestion *question, Reader *ret_reader) {
    const Programme *programme = view_programme(view);
    const GPtrArray *answerers = view_snapshot(view)->answerers;
    const char *section = section_of(view, question);
    guint best = 0;
    for (guint i = 0; answerers != NULL && i < answerers->len; i++) {
        const Answerer *answerer = g_ptr_array_index(answerers, i);
        const Organization *organization = view_organization(view, answerer->org_id);
        Reader reader;
        if (organization == NULL || organization->suspended)
            continue;
        bool is_own = organization->id == question->org_id;
        if (!is_own && (section == NULL || g_strcmp0(organization->section, section) != 0))
            continue;
        guint fit = fitness(answerer, section, question->text) + is_own;
        if (fit > best && reach(organization, answerer, &reader) && !is_asker(question, reader.address)) {
            best = fit;
            *ret_reader = reader;
        }
    }
    if (best > 0 || (section != NULL && of_role(programme, "section_head", section, ret_reader)))
        return true;
    if (question->asker != NULL) /* who asked by mail does not answer; the organizers do */
        return (of_role(programme, "liaison", NULL, ret_reader) &&
                !is_asker(question, ret_reader->address)) ||
               of_role(programme, "coordinator", NULL, ret_reader);
    const Organization *organization = view_organization(view, question->org_id);
    const Contact *contact = organization != NULL ? roster_contact(organization) : NULL;
    if (contact == NULL || contact->address == NULL || *contact->address == '\0')
        return false;
    *ret_reader = (Reader){contact->name, contact->address, NULL};
    return true;
}

/* --- letters
 * ---------------------------------------------------------------------------------------------------- */

/* Questions of one kind of letter to one person. */
typedef struct {
    Reader reader;
    GArray *ids; /* gint64, ascending */
} Batch;

static void batch_free(Batch *batch) {
    g_array_unref(batch->ids);
    g_free(batch);
}

static GPtrArray *batches_new(void) {
    return g_ptr_array_new_with_free_func((GDestroyNotify)batch_free);
}

static void batches_add(GPtrArray *batches, const Reader *reader, gint64 id) {
    Batch *batch = NULL;
    for (guint i = 0; i < batches->len && batch == NULL; i++) {
        Batch *other = g_ptr_array_index(batches, i);
        if (g_ascii_strcasecmp(other->reader.address, reader->address) == 0)
            batch = other;
    }
    if (batch == NULL) {
        batch = g_new0(Batch, 1);
        batch->reader = *reader;
        batch->ids = g_array_new(FALSE, FALSE, sizeof(gint64));
        g_ptr_array_add(batches, batch);
    }
    g_array_append_val(batch->ids, id);
}

static char *key_of(const char *what, const Batch *batch) {
    g_autoptr(GString) ids = g_string_new(NULL);
    for (guint i = 0; i < batch->ids->len; i++)
        g_string_append_printf(ids, "%" G_GINT64_FORMAT ",", g_array_index(batch->ids, gint64, i));
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, ids->str, -1);
    g_autofree char *address = roster_normal_address(batch->reader.address);
    return g_strdup_printf("%s/q%" G_GINT64_FORMAT "/%.12s/%s", what, g_array_index(batch->ids, gint64, 0),
                           digest, address);
}

static json_t *ids_json(const Batch *batch) {
    json_t *ids = json_array();
    for (guint i = 0; i < batch->ids->len; i++)
        json_array_append_new(ids, json_integer(g_array_index(batch->ids, gint64, i)));
    return ids;
}

static Letter *batch_letter(const View *view, LetterKind kind, const char *what, const char *event,
                            const Batch *batch, ReasonCode reason, gint64 now_s) {
    Letter *letter = reminders_letter_new(view_programme(view), kind, PRIORITY_QUESTION, NULL, NULL, now_s,
                                          now_s + LETTER_LIFE_S);
    letter->key = key_of(what, batch);
    letter->to_address = g_strdup(batch->reader.address);
    letter->to_name = g_strdup(batch->reader.name);
    if (batch->reader.language != NULL) {
        g_free(letter->language);
        letter->language = g_strdup(batch->reader.language);
    }
    letter->facts = json_pack("{s:s, s:o}", "event", event, "question_ids", ids_json(batch));
    g_autofree char *count = g_strdup_printf("%u", batch->ids->len);
    letter->reason = reason_text(reason, view_programme(view)->language, "count", count, NULL);
    return letter;
}

static void plan_escalation(const View *view, gint64 now_s, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    const Snapshot *snapshot = view_snapshot(view);
    g_autoptr(GPtrArray) to_coordinator = batches_new();
    g_autoptr(GPtrArray) to_heads = batches_new();
    for (guint i = 0; i < snapshot->questions->len; i++) {
        const TrackedQuestion *question = g_ptr_array_index(snapshot->questions, i);
        Reader reader;
        if (!question_is_overdue(question, snapshot->released_s, now_s))
            continue;
        if (of_role(programme, "coordinator", NULL, &reader) || of_role(programme, "liaison", NULL, &reader))
            batches_add(to_coordinator, &reader, question->id);
        const char *section = section_of(view, question);
        if (section != NULL && of_role(programme, "section_head", section, &reader))
            batches_add(to_heads, &reader, question->id);
    }
    for (guint i = 0; i < to_coordinator->len; i++)
        g_ptr_array_add(letters,
                        batch_letter(view, LETTER_OVERDUE_QUESTIONS, "overdue_questions", "escalate",
                                     g_ptr_array_index(to_coordinator, i), REASON_QUESTIONS_OVERDUE, now_s));
    Reader supervisor;
    bool has_supervisor = of_role(programme, "supervisor", NULL, &supervisor);
    for (guint i = 0; i < to_heads->len; i++) {
        Batch *batch = g_ptr_array_index(to_heads, i);
        g_ptr_array_add(
            letters, batch_letter(view, LETTER_INQUIRY, "inquiry", "inquire", batch, REASON_INQUIRY, now_s));
        if (!has_supervisor)
            continue;
        const char *head = batch->reader.name;
        batch->reader = supervisor;
        Letter *copy =
            batch_letter(view, LETTER_INQUIRY, "inquiry", "copy", batch, REASON_INQUIRY_COPY, now_s);
        json_object_set_new(copy->facts, "is_copy", json_true());
        json_object_set_new(copy->facts, "head_name", head != NULL ? json_string(head) : json_false());
        g_ptr_array_add(letters, copy);
    }
}

static void plan_passing_on(const View *view, gint64 now_s, GPtrArray *letters) {
    const Snapshot *snapshot = view_snapshot(view);
    g_autoptr(GPtrArray) first = batches_new();
    g_autoptr(GPtrArray) nudges = batches_new();
    for (guint i = 0; i < snapshot->questions->len; i++) {
        const TrackedQuestion *question = g_ptr_array_index(snapshot->questions, i);
        bool is_nudge = is_nudged_now(question, now_s);
        Reader reader;
        if (is_history(question, snapshot->released_s) ||
            question_is_overdue(question, snapshot->released_s, now_s) ||
            (question->state != QUESTION_OPEN && !is_nudge) || !find_answerer(view, question, &reader))
            continue;
        batches_add(is_nudge ? nudges : first, &reader, question->id);
    }
    for (guint i = 0; i < first->len; i++)
        g_ptr_array_add(letters, batch_letter(view, LETTER_QUESTION_PASSED, "passed", "pass_on",
                                              g_ptr_array_index(first, i), REASON_QUESTIONS_PASSED, now_s));
    for (guint i = 0; i < nudges->len; i++) {
        Letter *letter = batch_letter(view, LETTER_QUESTION_PASSED, "nudge", "nudge",
                                      g_ptr_array_index(nudges, i), REASON_QUESTIONS_NUDGED, now_s);
        json_object_set_new(letter->facts, "is_nudge", json_true());
        g_ptr_array_add(letters, letter);
    }
}

void questions_plan(const View *view, gint64 now_s, GPtrArray *letters) {
    if (view_snapshot(view)->questions == NULL)
        return;
    guint from = letters->len;
    plan_escalation(view, now_s, letters);
    plan_passing_on(view, now_s, letters);
    for (guint i = letters->len; i > from; i--) /* a letter of the same questions was decided before */
        if (view_letter_decided(view, ((const Letter *)g_ptr_array_index(letters, i - 1))->key))
            g_ptr_array_remove_index(letters, i - 1);
}

/* --- when it leaves
 * ------------------------------------------------------------------------------------------ */

static TrackedQuestion *find_question(const View *view, gint64 id) {
    const GPtrArray *questions = view_snapshot(view)->questions;
    for (guint i = 0; questions != NULL && i < questions->len; i++) {
        TrackedQuestion *question = g_ptr_array_index(questions, i);
        if (question->id == id)
            return question;
    }
    return NULL;
}

QuestionEvent questions_letter_event(const Letter *letter) {
    const char *name = json_string_value(json_object_get(letter->facts, "event"));
    for (QuestionEvent event = 0; name != NULL && event < QUESTION_EVENTS; event++)
        if (strcmp(name, question_event_name(event)) == 0)
            return event;
    return QUESTION_EVENTS;
}

void questions_follow(const View *view, const Letter *letter, gint64 now_s) {
    const char *name = json_string_value(json_object_get(letter->facts, "event"));
    QuestionEvent event = questions_letter_event(letter);
    gsize i;
    json_t *id;
    json_array_foreach(json_object_get(letter->facts, "question_ids"), i, id) {
        TrackedQuestion *question = find_question(view, json_integer_value(id));
        if (question == NULL)
            continue;
        if (g_strcmp0(name, "nudge") == 0)
            question->nudged_s = now_s;
        if (event == QUESTION_EVENTS || !question_next(question->state, event, &question->state))
            continue;
        question->changed_s = now_s;
        if (event == QUESTION_EVENT_PASS_ON)
            question->passed_s = now_s;
        if (event == QUESTION_EVENT_ESCALATE)
            question->escalated_s = now_s;
    }
}

/* Still without an answer. */
static bool is_unsettled(const TrackedQuestion *question) {
    return question != NULL && question->state != QUESTION_ANSWERED && question->state != QUESTION_CLOSED;
}

bool questions_letter_is_due(const View *view, const Letter *letter) {
    gsize i;
    json_t *id;
    if (json_object_get(letter->facts, "explanation_text") != NULL)
        return true; /* it was given, whatever became of the questions */
    json_array_foreach(json_object_get(letter->facts, "question_ids"), i, id)
        if (is_unsettled(find_question(view, json_integer_value(id))))
            return true;
    return false;
}

static json_t *question_facts(const View *view, const TrackedQuestion *question, const char *language,
                              guint number, gint64 now_s) {
    GTimeZone *zone = view_programme(view)->zone;
    const Organization *organization = view_organization(view, question->org_id);
    const char *section = section_of(view, question);
    g_autofree char *asked = calendar_instant_text(zone, question->asked_s, language);
    g_autofree char *age = calendar_duration_text(MAX(now_s - question->asked_s, 0), language);
    g_autofree char *until = calendar_instant_text(zone, question->asked_s + QUESTION_LIMIT_S, language);
    json_t *facts =
        json_pack("{s:i, s:I, s:s, s:s, s:s, s:s}", "number", (int)number, "id", (json_int_t)question->id,
                  "text", question->text, "asked_text", asked, "age_text", age, "until_text", until);
    json_object_set_new(facts, "organization",
                        organization != NULL ? json_string(organization->name) : json_false());
    json_object_set_new(facts, "section", section != NULL ? json_string(section) : json_false());
    return facts;
}

void questions_set_facts(const View *view, const Letter *letter, gint64 now_s, json_t *facts) {
    bool is_told = json_object_get(letter->facts, "explanation_text") != NULL;
    json_t *list = json_array();
    gsize i;
    json_t *id;
    json_array_foreach(json_object_get(letter->facts, "question_ids"), i, id) {
        const TrackedQuestion *question = find_question(view, json_integer_value(id));
        if (question != NULL && (is_told || is_unsettled(question)))
            json_array_append_new(list,
                                  question_facts(view, question, letter->language, (guint)i + 1, now_s));
    }
    json_object_set_new(facts, "count", json_integer((json_int_t)json_array_size(list)));
    json_object_set_new(facts, "questions", list);
}
