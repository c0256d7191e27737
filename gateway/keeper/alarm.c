#include "gateway/keeper/alarm.h"

#include <string.h>
#include <sys/random.h>

#include "gateway/core/urgent.h"
#include "gateway/io/log.h"
#include "gateway/store/journal.h"
#include "gateway/store/urgent.h"

#define CODE_DIGITS        6
#define HANDLING_MAX_BYTES 4000

static const char *const settled_words[] = {"已处理", "settled", NULL};

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* A number that nobody guesses from a letter's other texts. */
static char *new_code(void) {
    guint32 number = 0;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        number = g_random_int();
    return g_strdup_printf("%0*u", CODE_DIGITS, number % 1000000);
}

bool alarm_raise(Keeper *keeper, const ReadJob *job, const IntakeDecision *decision, const json_t *line,
                 GError **error) {
    gint64 now_s = keeper_now_s(keeper), id;
    if (!decision->urgent_text || job->is_replay)
        return true;
    g_autofree char *code = new_code();
    UrgentMatter matter = {.message_id = job->message_id,
                           .org_id =
                               decision->submission ? decision->submission->org_id : decision->who.org_id,
                           .text = decision->urgent_text,
                           .from = (char *)text_of(line, "from"),
                           .code = code,
                           .received_s = job->received_s};
    if (!store_urgent_add(keeper->store, &matter, now_s, &id, error))
        return false;
    if (!id)
        return true;
    JournalEvent event = {.event = "urgent.raised", .message_id = job->message_id, .org_id = matter.org_id};
    log_event(LOG_NOTICE, "urgent.raised", LOG_ID_NUMBER("m", job->message_id), LOG_NUMBER("urgent", id));
    return store_journal_append(keeper->store, &event, now_s, error);
}

/* ---- settling
 * --------------------------------------------------------------------------------------------------- */

static const UrgentMatter *find_matter(const Keeper *keeper, gint64 id, const char *code) {
    const GPtrArray *matters = keeper->snapshot->urgents;
    for (guint i = 0; matters && i < matters->len; i++) {
        const UrgentMatter *matter = matters->pdata[i];
        if (matter->id == id || (code && strcmp(matter->code, code) == 0))
            return matter;
    }
    return NULL;
}

/* What follows the word at the beginning of a text, or NULL. */
static const char *after_settled(const char *text) {
    while (*text && g_unichar_isspace(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    for (guint i = 0; settled_words[i]; i++)
        if (g_ascii_strncasecmp(text, settled_words[i], strlen(settled_words[i])) == 0)
            return text + strlen(settled_words[i]);
    return NULL;
}

static const char *skip_marks(const char *text) {
    while (*text && !g_unichar_isalnum(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    return text;
}

/* "123456" at the beginning, or NULL; the caller frees it. */
static char *read_code(const char *text) {
    text = skip_marks(text);
    gsize digits = strspn(text, "0123456789");
    return digits == CODE_DIGITS ? g_strndup(text, digits) : NULL;
}

static bool is_told_role(const RolePerson *person) {
    static const char *const roles[] = {"supervisor", "coordinator", "leader", "liaison", NULL};
    return person && g_strv_contains(roles, person->role);
}

const UrgentMatter *alarm_settled_by(const Keeper *keeper, const ReadJob *job, const json_t *line,
                                     const OutboxEntry *answered) {
    MessageFacts facts = settle_facts(job, line);
    const char *after = after_settled(text_of(line, "reply"));
    if (facts.automatic || facts.junk_folder || facts.from_count > 1)
        return NULL;
    if (answered && answered->letter->kind == LETTER_URGENT &&
        g_ascii_strcasecmp(answered->letter->to_address, facts.from) == 0 && after)
        return find_matter(keeper, json_integer_value(json_object_get(answered->letter->facts, "urgent_id")),
                           NULL);
    if (!after)
        after = after_settled(facts.subject);
    g_autofree char *code = after ? read_code(after) : NULL;
    bool may = is_told_role(roster_role_of_address(keeper->config->programme, facts.from));
    return code && may ? find_matter(keeper, 0, code) : NULL;
}

/* What was done: after the word and the code, of the text, else of the subject. The caller frees it. */
static char *handling_of(const json_t *line) {
    const char *after = after_settled(text_of(line, "reply"));
    if (!after && !(after = after_settled(text_of(line, "subject"))))
        after = "";
    after = skip_marks(after);
    if (strspn(after, "0123456789") == CODE_DIGITS)
        after = skip_marks(after + CODE_DIGITS);
    g_autofree char *cut = g_strndup(after, HANDLING_MAX_BYTES);
    return g_strstrip(g_utf8_make_valid(cut, -1));
}

static bool put_notices(Keeper *keeper, const UrgentMatter *matter, const char *handling, GError **error) {
    g_autoptr(GPtrArray) letters = urgent_notices(keeper->view, matter, handling, keeper_now_s(keeper));
    for (guint i = 0; i < letters->len; i++)
        if (!store_outbox_put(keeper->store, letters->pdata[i], keeper_now_s(keeper), NULL, NULL, error))
            return false;
    return true;
}

IntakeDecision *alarm_settle(Keeper *keeper, const ReadJob *job, const json_t *line,
                             const UrgentMatter *matter, GError **error) {
    MessageFacts facts = settle_facts(job, line);
    gint64 now_s = keeper_now_s(keeper);
    const RolePerson *person = roster_role_of_address(keeper->config->programme, facts.from);
    bool is_english =
        g_strcmp0(person && person->language ? person->language : keeper->config->programme->language,
                  "en") == 0;
    g_autofree char *handling = handling_of(line);
    bool is_done = *handling != '\0';
    JournalEvent event = {.event = "urgent.settled", .message_id = job->message_id, .detail = handling};
    if (is_done &&
        (!store_urgent_settle(keeper->store, matter->id, job->message_id, handling, now_s, NULL, error) ||
         !put_notices(keeper, matter, handling, error) ||
         !store_journal_append(keeper->store, &event, now_s, error)))
        return NULL;
    const char *title = !is_done     ? (is_english ? "Please write what was done" : "请写明处理情况")
                        : is_english ? "The urgent matter is settled"
                                     : "紧急情况已记录为已处理";
    g_autofree char *example =
        g_strdup_printf(is_english ? "settled %s what was done" : "已处理 %s 处理情况", matter->code);
    const char *how = !is_done     ? example
                      : is_english ? "The draft of the notice goes to coordinator and leader."
                                   : "公告草稿已发给协管和组长。";
    json_t *sentences = json_array();
    if (is_done)
        json_array_append_new(sentences, json_pack("{s:s}", "text", handling));
    keeper->roster_changed = true; /* the view does not follow matters by itself */
    g_autoptr(IntakeDecision) decision =
        intake_answer(keeper->view, &facts, line, now_s, true, title, sentences, how);
    return settle_decision(keeper, job, line, decision, error) ? g_steal_pointer(&decision) : NULL;
}
