#include "gateway/keeper/asking.h"

#include <string.h>

#include "gateway/core/cluster.h"
#include "gateway/core/questions.h"
#include "gateway/core/quiet_hours.h"
#include "gateway/core/reason.h"
#include "gateway/io/log.h"
#include "gateway/store/journal.h"
#include "gateway/store/questions.h"
#include "gateway/store/submissions.h"

/* Of an explanation or of what was done, so much is kept. */
#define EXPLANATION_MAX_BYTES 8000
/* How long the supervisor is told of an explanation. */
#define EXPLANATION_LIFE_S (3 * 86400)

/* The product's words for who answers (SPEC 3.1): a table with this key. */
#define TABLE_ANSWERERS "answerers"

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* ---- what submissions tell of
 * ----------------------------------------------------------------------------------- */

static bool is_settled(const TrackedQuestion *question) {
    return question->state == QUESTION_ANSWERED || question->state == QUESTION_CLOSED;
}

static bool change_one(Keeper *keeper, const TrackedQuestion *question, QuestionEvent event,
                       const QuestionChange *why, GError **error) {
    QuestionState next;
    gint64 now_s = keeper_now_s(keeper);
    if (!question_next(question->state, event, &next))
        return true;
    JournalEvent entry = {.event = "question.changed",
                          .message_id = why->message_id,
                          .letter_id = why->letter_id,
                          .org_id = question->org_id,
                          .detail = why->event};
    return store_question_change(keeper->store, question->id, next, why, now_s, error) &&
           store_journal_append(keeper->store, &entry, now_s, error);
}

/* Two of a group that are one and the same asking, told of twice. */
static bool is_same_asking(const TrackedQuestion *question, const TrackedQuestion *other) {
    return question->id != other->id && ABS(question->asked_s - other->asked_s) <= QUESTION_SAME_ASKING_S;
}

/* What settles a question settles the others of its group that are the same asking. */
static bool change(Keeper *keeper, const TrackedQuestion *question, QuestionEvent event,
                   const QuestionChange *why, GError **error) {
    g_autoptr(GPtrArray) group = NULL;
    bool settles = event == QUESTION_EVENT_ANSWER || event == QUESTION_EVENT_CALM;
    if (!change_one(keeper, question, event, why, error) ||
        (settles && question->cluster &&
         !store_questions_of_cluster(keeper->store, question->cluster, &group, error)))
        return false;
    for (guint i = 0; group && i < group->len; i++)
        if (is_same_asking(question, group->pdata[i]) &&
            !change_one(keeper, group->pdata[i], event, why, error))
            return false;
    return true;
}

bool asking_follow_group(Keeper *keeper, const TrackedQuestion *question, GError **error) {
    g_autoptr(GPtrArray) group = NULL;
    if (is_settled(question) || !question->cluster)
        return true;
    if (!store_questions_of_cluster(keeper->store, question->cluster, &group, error))
        return false;
    for (guint i = 0; i < group->len; i++) {
        const TrackedQuestion *other = group->pdata[i];
        if (!is_settled(other) || !is_same_asking(question, other))
            continue;
        QuestionChange why = {.event = "answer", .answered_s = other->answered_s, .text = other->answer};
        return change_one(keeper, question,
                          other->state == QUESTION_CLOSED ? QUESTION_EVENT_CALM : QUESTION_EVENT_ANSWER, &why,
                          error);
    }
    return true;
}

/* The known question that a mention is of: the same row, or the same words asked at the same time. NULL
 * without error: a new one. */
static bool find_known(Keeper *keeper, const QuestionMention *mention, const char *normal, const char *source,
                       TrackedQuestion **ret_question, bool *ret_same_row, GError **error) {
    g_autoptr(GPtrArray) of_row = NULL;
    g_autoptr(GPtrArray) named = NULL;
    GTimeZone *zone = keeper->config->programme->zone;
    if ((source && !store_questions_of_source(keeper->store, source, &of_row, error)) ||
        !store_questions_named(keeper->store, normal, &named, error))
        return false;
    if (of_row && of_row->len) {
        *ret_question = g_ptr_array_steal_index(of_row, 0);
        *ret_same_row = true;
        return true;
    }
    for (guint i = 0; i < named->len; i++) {
        const TrackedQuestion *question = named->pdata[i];
        if (question_is_same_time(zone, mention->asked_s, question->asked_s)) {
            *ret_question = g_ptr_array_steal_index(named, i);
            return true;
        }
    }
    return true;
}

/* Whether what was just recorded is what counts: a report that is read late says nothing about a newer one.
 */
static bool is_current(Keeper *keeper, const Submission *submission, bool *ret_is_current, GError **error) {
    GError *failure = NULL;
    g_autoptr(Submission) current = store_submission_get(keeper->store, submission->id, &failure);
    if (failure) {
        g_propagate_error(error, failure);
        return false;
    }
    *ret_is_current = !current || current->revision == submission->revision;
    return true;
}

static bool take_known(Keeper *keeper, const ReadJob *job, const Submission *submission,
                       const QuestionMention *mention, const char *normal, const TrackedQuestion *known,
                       bool same_row, GError **error) {
    gint64 asked_s = mention->has_asked ? mention->asked_s : known->asked_s;
    bool is_said_anew = same_row && (strcmp(known->text, mention->text) != 0 || asked_s != known->asked_s);
    if (is_said_anew && !is_current(keeper, submission, &is_said_anew, error))
        return false;
    if (is_said_anew &&
        !store_question_correct(keeper->store, known->id, mention->text, normal, asked_s, error))
        return false;
    QuestionChange why = {
        .event = "answer", .message_id = job->message_id, .answered_s = mention->answered_s};
    return !mention->is_answered || change(keeper, known, QUESTION_EVENT_ANSWER, &why, error);
}

static bool take_mention(Keeper *keeper, const ReadJob *job, const Submission *submission,
                         const QuestionMention *mention, GError **error) {
    g_autofree char *normal = cluster_normal_form(mention->text);
    /* a row's number is a name only within one organization's report of one period */
    g_autofree char *source =
        mention->number && submission->period
            ? g_strdup_printf("%s/%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, submission->form,
                              submission->period, submission->org_id, mention->number)
            : NULL;
    g_autoptr(TrackedQuestion) known = NULL;
    bool same_row = false;
    if (!*normal)
        return true;
    if (!find_known(keeper, mention, normal, source, &known, &same_row, error))
        return false;
    if (known)
        return take_known(keeper, job, submission, mention, normal, known, same_row, error);
    gint64 now_s = keeper_now_s(keeper), id;
    TrackedQuestion question = {
        .org_id = submission->org_id,
        .message_id = job->message_id,
        .text = (char *)mention->text,
        .section = *mention->section ? (char *)mention->section : NULL,
        .asked_s = mention->asked_s,
        .known_s = now_s,
        .state = mention->is_answered ? QUESTION_ANSWERED : QUESTION_OPEN,
        .answered_s = mention->answered_s,
    };
    return store_question_add(keeper->store, &question, normal, source, now_s, &id, error);
}

/* The same words that wait for an answer, or that were asked at about this time. */
static bool find_asked(Keeper *keeper, const char *normal, gint64 asked_s, bool *ret_is_known,
                       GError **error) {
    g_autoptr(GPtrArray) named = NULL;
    *ret_is_known = false;
    if (!store_questions_named(keeper->store, normal, &named, error))
        return false;
    for (guint i = 0; i < named->len; i++) {
        const TrackedQuestion *question = named->pdata[i];
        *ret_is_known = *ret_is_known || !is_settled(question) ||
                        ABS(question->asked_s - asked_s) <= QUESTION_SAME_ASKING_S;
    }
    return true;
}

bool asking_take_mail(Keeper *keeper, const ReadJob *job, const json_t *line, gint64 org_id, GError **error) {
    g_autofree char *text = question_of_mail(text_of(line, "subject"), text_of(line, "reply"));
    g_autofree char *normal = cluster_normal_form(text);
    bool is_known;
    gint64 now_s = keeper_now_s(keeper), id;
    TrackedQuestion question = {
        .org_id = org_id,
        .message_id = job->message_id,
        .text = text,
        .asked_s = MIN(job->received_s, now_s),
        .known_s = now_s,
        .state = QUESTION_OPEN,
        .asker = (char *)text_of(line, "from"),
    };
    if (!*normal || job->is_replay)
        return true;
    JournalEvent event = {.event = "question.mailed", .message_id = job->message_id, .org_id = org_id};
    if (!find_asked(keeper, normal, question.asked_s, &is_known, error))
        return false;
    keeper->roster_changed = true; /* the view does not follow questions by itself */
    return is_known || (store_question_add(keeper->store, &question, normal, NULL, now_s, &id, error) &&
                        store_journal_append(keeper->store, &event, now_s, error));
}

static bool take_answerers(Keeper *keeper, const Submission *submission, GError **error) {
    const json_t *rows = json_object_get(submission->tables, TABLE_ANSWERERS);
    g_autoptr(GPtrArray) answerers = g_ptr_array_new_with_free_func((GDestroyNotify)answerer_free);
    gsize i;
    json_t *row;
    bool counts;
    if (!json_is_array(rows) || !submission->org_id)
        return true;
    if (!is_current(keeper, submission, &counts, error))
        return false;
    if (!counts)
        return true;
    json_array_foreach(rows, i, row) {
        if (!*text_of(row, "name"))
            continue;
        Answerer *answerer = g_new0(Answerer, 1);
        answerer->org_id = submission->org_id;
        answerer->name = g_strdup(text_of(row, "name"));
        answerer->type = *text_of(row, "type") ? g_strdup(text_of(row, "type")) : NULL;
        g_ptr_array_add(answerers, answerer);
    }
    return store_answerers_set(keeper->store, submission->org_id, answerers, error);
}

bool asking_take_submission(Keeper *keeper, const ReadJob *job, const Submission *submission,
                            GError **error) {
    g_autoptr(GArray) mentions = questions_of_submission(keeper->config->programme, submission);
    for (guint i = 0; i < mentions->len; i++)
        if (!take_mention(keeper, job, submission, &g_array_index(mentions, QuestionMention, i), error))
            return false;
    return take_answerers(keeper, submission, error);
}

/* ---- letters
 * ---------------------------------------------------------------------------------------------------- */

bool asking_letter_decided(Keeper *keeper, const Letter *letter, gint64 letter_id, GError **error) {
    QuestionEvent event = questions_letter_event(letter);
    const char *name = text_of(letter->facts, "event");
    bool is_nudge = strcmp(name, "nudge") == 0;
    gsize i;
    json_t *id;
    if (event == QUESTION_EVENTS && !is_nudge)
        return true;
    QuestionChange why = {.event = name, .letter_id = letter_id};
    json_array_foreach(json_object_get(letter->facts, "question_ids"), i, id) {
        g_autoptr(TrackedQuestion) question =
            store_question_get(keeper->store, json_integer_value(id), error);
        if (!question)
            return false;
        bool good = is_nudge ? store_question_change(keeper->store, question->id, question->state, &why,
                                                     keeper_now_s(keeper), error)
                             : change(keeper, question, event, &why, error);
        if (!good)
            return false;
    }
    return true;
}

/* ---- answers
 * ---------------------------------------------------------------------------------------------------- */

static bool is_about_questions(const Letter *letter) {
    return letter->kind == LETTER_QUESTION_PASSED || letter->kind == LETTER_OVERDUE_QUESTIONS ||
           letter->kind == LETTER_INQUIRY;
}

bool asking_is_answer(const ReadJob *job, const json_t *line, const OutboxEntry *answered) {
    MessageFacts facts = settle_facts(job, line);
    return is_about_questions(answered->letter) && !facts.automatic && !facts.junk_folder &&
           facts.from_count <= 1 && !json_is_true(json_object_get(answered->letter->facts, "is_copy")) &&
           strcmp(text_of(line, "kind"), "submission") != 0 &&
           g_ascii_strcasecmp(answered->letter->to_address, facts.from) == 0;
}

/* "1 3 已电话说明" → {1, 3}, the rest; no numbers: all of the letter. count: its questions. */
static GArray *read_numbers(const char *text, guint count, const char **ret_rest) {
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));
    const char *whole = text;
    while (g_ascii_isdigit(*text)) {
        char *end;
        guint64 number = g_ascii_strtoull(text, &end, 10);
        /* "24小时内没有人值班" is a sentence, not number 24 */
        if (*end && !strchr(" ,.;:", *end) && !g_str_has_prefix(end, "、") && !g_str_has_prefix(end, "，"))
            break;
        guint kept = (guint)MIN(number, G_MAXUINT);
        g_array_append_val(numbers, kept);
        text = end;
        while (*text && !g_unichar_isalnum(g_utf8_get_char(text)))
            text = g_utf8_next_char(text);
    }
    /* a letter of one question needs no numbers: "8 点到 22 点" is the answer */
    if (count == 1 && *text && numbers->len > 0 && g_array_index(numbers, guint, 0) != 1) {
        g_array_set_size(numbers, 0);
        text = whole;
    }
    *ret_rest = text;
    return numbers;
}

static bool is_meant(const GArray *numbers, guint number) {
    for (guint i = 0; i < numbers->len; i++)
        if (g_array_index(numbers, guint, i) == number)
            return true;
    return numbers->len == 0;
}

typedef struct {
    Keeper *keeper;
    const ReadJob *job;
    const json_t *line;
    const Letter *letter;
    bool is_english;
    json_t *sentences;
    guint done;
} Answer;

static char *shorten(const char *text) {
    if (strlen(text) <= EXPLANATION_MAX_BYTES)
        return g_strdup(text);
    g_autofree char *cut = g_strndup(text, EXPLANATION_MAX_BYTES);
    return g_utf8_make_valid(cut, -1);
}

/* What was answered, as it was written: from where the first line goes on with rest; all lines below. */
static char *answer_text(const char *reply, const char *rest) {
    g_autofree char *first = g_strndup(reply, strcspn(reply, "\n"));
    const char *from = reply + strlen(first); /* nothing but the word: what follows */
    for (const char *p = first; *rest && *p; p = g_utf8_next_char(p)) {
        g_autofree char *plain = g_utf8_normalize(p, -1, G_NORMALIZE_ALL_COMPOSE);
        if (plain && g_str_has_prefix(plain, rest)) {
            from = reply + (p - first);
            break;
        }
    }
    return g_strstrip(shorten(from));
}

/* Who asked by mail is told what was answered. */
static bool tell_asker(Answer *a, const TrackedQuestion *question, const char *text, GError **error) {
    Keeper *keeper = a->keeper;
    const Programme *programme = keeper->config->programme;
    bool is_english = g_strcmp0(programme->language, "en") == 0;
    gint64 now_s = keeper_now_s(keeper);
    if (!question->asker || !*question->asker || !*text)
        return true;
    g_autoptr(Letter) letter = g_new0(Letter, 1);
    letter->key =
        g_strdup_printf("reply/q%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, question->id, a->job->message_id);
    letter->kind = LETTER_COMMAND_ANSWER;
    letter->to_address = g_strdup(question->asker);
    letter->language = g_strdup(programme->language);
    letter->message_id = question->message_id;
    letter->org_id = question->org_id;
    letter->not_before_s = quiet_hours_after(programme, now_s);
    letter->expires_s = letter->not_before_s + EXPLANATION_LIFE_S;
    letter->priority = PRIORITY_QUESTION;
    letter->reason = reason_text(REASON_REPLY, programme->language, NULL);
    g_autofree char *asked = g_strdup_printf(is_english ? "You asked: %s" : "您的提问：%s", question->text);
    g_autofree char *answered = g_strdup_printf(is_english ? "Answer: %s" : "答复：%s", text);
    letter->facts = json_pack("{s:s, s:b, s:[{s:s}, {s:s}]}", "title_text",
                              is_english ? "Your question was answered" : "您的问题已有答复", "has_lines", 1,
                              "lines", "text", asked, "text", answered);
    return store_outbox_put(keeper->store, letter, now_s, NULL, NULL, error);
}

static bool apply_to_questions(Answer *a, QuestionEvent event, const GArray *numbers, const char *text,
                               GError **error) {
    QuestionChange why = {.event = question_event_name(event),
                          .message_id = a->job->message_id,
                          .text = text,
                          .answered_s = event == QUESTION_EVENT_ANSWER ? a->job->received_s : 0};
    gsize i;
    json_t *id;
    json_array_foreach(json_object_get(a->letter->facts, "question_ids"), i, id) {
        if (!is_meant(numbers, (guint)i + 1))
            continue;
        g_autoptr(TrackedQuestion) question =
            store_question_get(a->keeper->store, json_integer_value(id), error);
        if (!question || !change(a->keeper, question, event, &why, error) ||
            (event == QUESTION_EVENT_ANSWER && !is_settled(question) &&
             !tell_asker(a, question, text, error)))
            return false;
        g_autofree char *sentence =
            g_strdup_printf(a->is_english ? "%u: %s" : "%u：%s", (guint)i + 1, question->text);
        json_array_append_new(a->sentences, json_pack("{s:s}", "text", sentence));
        a->done++;
    }
    return true;
}

/* What the section head says goes to the supervisor, word for word. */
static bool tell_supervisor(Answer *a, const char *explanation, GError **error) {
    Keeper *keeper = a->keeper;
    const RolePerson *supervisor = roster_role(keeper->config->programme, "supervisor", NULL);
    if (!supervisor || !supervisor->address || !*supervisor->address)
        return true;
    gint64 now_s = keeper_now_s(keeper);
    const char *language = supervisor->language ? supervisor->language : keeper->config->programme->language;
    g_autoptr(Letter) letter = g_new0(Letter, 1);
    letter->key = g_strdup_printf("explanation/%" G_GINT64_FORMAT, a->job->message_id);
    letter->kind = LETTER_INQUIRY;
    letter->to_address = g_strdup(supervisor->address);
    letter->to_name = g_strdup(supervisor->name);
    letter->language = g_strdup(language);
    letter->not_before_s = quiet_hours_after(keeper->config->programme, now_s);
    letter->expires_s = letter->not_before_s + EXPLANATION_LIFE_S;
    letter->priority = PRIORITY_QUESTION;
    letter->reason = reason_text(REASON_EXPLANATION, keeper->config->programme->language, NULL);
    letter->facts =
        json_pack("{s:s, s:O?, s:s, s:b, s:s}", "event", "copy", "question_ids",
                  json_object_get(a->letter->facts, "question_ids"), "explanation_text", explanation,
                  "is_copy", 1, "head_name", a->letter->to_name ? a->letter->to_name : a->letter->to_address);
    return store_outbox_put(keeper->store, letter, now_s, NULL, NULL, error);
}

/* The title of the answer to what was done; NULL on error. */
static const char *carry_out(Answer *a, GError **error) {
    const json_t *command = json_object_get(a->line, "command");
    const char *name = text_of(command, "name"), *rest = "";
    bool is_answered = strcmp(name, "answered") == 0, is_calmed = strcmp(name, "calmed") == 0;
    g_autofree char *reply = shorten(text_of(a->line, "reply"));
    g_strstrip(reply);
    if (is_answered || is_calmed) {
        g_autoptr(GArray) numbers =
            read_numbers(text_of(command, "argument"),
                         (guint)json_array_size(json_object_get(a->letter->facts, "question_ids")), &rest);
        g_autofree char *text = answer_text(reply, rest);
        if (!apply_to_questions(a, is_answered ? QUESTION_EVENT_ANSWER : QUESTION_EVENT_CALM, numbers, text,
                                error))
            return NULL;
        if (!a->done)
            return a->is_english ? "No question of this number stands in the letter" : "那封信里没有这个编号";
        return a->is_english ? "Settled" : "已记录为已处理";
    }
    if (a->letter->kind == LETTER_INQUIRY && *reply) {
        g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(guint));
        if (!apply_to_questions(a, QUESTION_EVENT_EXPLAIN, all, reply, error) ||
            !tell_supervisor(a, reply, error))
            return NULL;
        return a->is_english ? "Your explanation is recorded and passed on to the supervisor"
                             : "说明已记录并转给主管";
    }
    return a->is_english ? "Your answer was not understood" : "您的回复没有看懂";
}

IntakeDecision *asking_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                              const OutboxEntry *answered, GError **error) {
    MessageFacts facts = settle_facts(job, line);
    Answer a = {.keeper = keeper,
                .job = job,
                .line = line,
                .letter = answered->letter,
                .is_english = g_strcmp0(answered->letter->language, "en") == 0,
                .sentences = json_array()};
    const char *title = carry_out(&a, error);
    if (!title) {
        json_decref(a.sentences);
        return NULL;
    }
    keeper->roster_changed = true; /* the view does not follow questions by itself */
    const char *how =
        a.done ? NULL
        : a.is_english
            ? "Answer the letter with “answered” or “calmed”, and numbers where only some are meant."
            : "请回复原邮件，第一行写“已答复”或“已安抚”；只涉及其中几个时写明编号。";
    g_autoptr(IntakeDecision) decision =
        intake_answer(keeper->view, &facts, line, keeper_now_s(keeper), a.done > 0, title, a.sentences, how);
    return settle_decision(keeper, job, line, decision, error) ? g_steal_pointer(&decision) : NULL;
}
