#include "gateway/core/corrections.h"

#include <string.h>

#include "gateway/core/definition.h"
#include "gateway/core/intake_submission.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/period.h"
#include "parsers/correction.h"

/* One correction under way: a copy of what stands, into which values are put. */
typedef struct {
    const Intake *intake;
    const Submission *before;
    const Form *form;
    json_t *fields;
    GHashTable *corrected; /* char* keys, of the form */
    json_t *unread;        /* [{text}] */
    bool is_english;
} Correction;

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static bool is_withdrawal(const json_t *parse) {
    return strcmp(text_of(json_object_get(parse, "command"), "name"), "withdraw") == 0;
}

static const Form *form_of(const FormSet *forms, const char *id) {
    return forms != NULL && id != NULL ? form_set_find(forms, id) : NULL;
}

/* ---- one line
 * --------------------------------------------------------------------------------------------------- */

/* The key of the field that a numbered problem of the answered letter names; NULL: there is none. */
static const char *problem_field(const Letter *letter, json_int_t number) {
    gsize i;
    json_t *problem;
    json_array_foreach(json_object_get(letter->facts, "problems"), i, problem)
        if (json_integer_value(json_object_get(problem, "number")) == number)
            return json_string_value(json_object_get(problem, "field"));
    return NULL;
}

static int field_index(const Correction *c, const json_t *line) {
    const json_t *number = json_object_get(line, "number");
    if (!json_is_integer(number))
        return correction_field(c->intake->facts->forms, c->form, text_of(line, "label"));
    const char *key = problem_field(c->intake->facts->answered->letter, json_integer_value(number));
    return key != NULL ? form_field_index(c->form, key) : -1;
}

/* why: a sentence in the reader's language. */
static void add_unread(Correction *c, const json_t *line, const char *why) {
    const json_t *number = json_object_get(line, "number");
    g_autofree char *name = json_is_integer(number) ? g_strdup_printf("%d", (int)json_integer_value(number))
                                                    : g_strdup(text_of(line, "label"));
    g_autofree char *text =
        g_strdup_printf(c->is_english ? "“%s: %s”: %s" : "“%s：%s”：%s", name, text_of(line, "raw"), why);
    json_array_append_new(c->unread, json_pack("{s:s}", "text", text));
}

static void apply_line(Correction *c, const json_t *line, const ValueContext *context) {
    int index = field_index(c, line);
    const Field *field = index >= 0 ? g_ptr_array_index(c->form->fields, (guint)index) : NULL;
    json_t *value = NULL;
    if (field == NULL) {
        add_unread(c, line,
                   json_object_get(line, "number") != NULL
                       ? (c->is_english
                              ? "no value of that number can be corrected by reply; send the form again"
                              : "这一条不能用编号更正，请改好表格后重新发送")
                       : (c->is_english ? "the form has no such item" : "表格里没有这一项"));
        return;
    }
    switch (correction_value(field, text_of(line, "raw"), context, c->is_english ? "reply" : "回复邮件",
                             &value)) {
    case VALUE_GOOD:
        json_object_set_new(c->fields, field->key, value);
        g_hash_table_add(c->corrected, field->key);
        break;
    case VALUE_ABSENT:
        json_object_del(c->fields, field->key);
        g_hash_table_add(c->corrected, field->key);
        break;
    case VALUE_BAD:
        add_unread(c, line, c->is_english ? "this is no value of that item" : "不是这一项应填的内容");
        break;
    }
}

/* ---- who, and what it is about
 * ------------------------------------------------------------------------------------ */

/* The submission that the sender may change; NULL: there is none, or somebody else's. */
static const Submission *own_submission(const Intake *intake) {
    const AnsweredLetter *answered = intake->facts->answered;
    const Submission *submission = answered != NULL ? answered->submission : NULL;
    if (submission == NULL || submission->fields == NULL)
        return NULL;
    const Organization *organization = view_organization(intake->view, submission->org_id);
    bool is_addressee = g_ascii_strcasecmp(answered->letter->to_address, intake->facts->from) == 0;
    if (!is_addressee && (organization == NULL || !roster_has_address(organization, intake->facts->from)))
        return NULL;
    return submission;
}

static void set_who(const Intake *intake, const Submission *submission) {
    RosterMatch *who = &intake->decision->who;
    roster_match_clear(who);
    *who = (RosterMatch){.org_id = submission->org_id,
                         .sure = SURE_ADDRESS,
                         .evidence_zh = g_strdup("回复的是发给这一地址的信件"),
                         .evidence_en = g_strdup("it answers a letter that went to this address")};
}

/* It names no letter, and its sender has several reports that it may be about. */
static bool may_mean_several(const Intake *intake) {
    return intake->facts->reports != NULL && intake->facts->reports->len > 1;
}

/* How to write a correction, for those whose reply was not understood. */
static const char *how_to_correct(const Intake *intake, bool is_english) {
    if (may_mean_several(intake))
        return is_english
                   ? "Answer the letter about the one that you mean, or write again with its reference: "
                     "“withdraw "
                     "[1A2B3C4D]”, or the reference in the subject and “label: the right value” below."
                   : "请直接回复您要改的那一份的回执；也可以重新来信并写明编号，例如“作废 [1A2B3C4D]”，或者"
                     "主题写编号、正文写“提问量：36”。";
    if (is_withdrawal(intake->parse))
        return is_english
                   ? "Answer the acknowledgement of the report that is to be withdrawn with “withdraw”."
                   : "请直接回复要作废的那一份报送的回执，正文写“作废”。";
    return is_english ? "Answer the acknowledgement itself, one line each: “3: the right value” or “label: "
                        "the right "
                        "value”; or send the corrected form again."
                      : "请直接回复回执邮件，每行写一项，例如“3：正确内容”或“提问量：36”；也可以把改好的表格"
                        "重新发来。";
}

static const char *refusal_title(const Intake *intake, bool is_english) {
    if (may_mean_several(intake))
        return is_english ? "Which report do you mean? Nothing was changed" : "您要改的是哪一份？内容未改动";
    if (is_withdrawal(intake->parse))
        return is_english ? "There is nothing of yours to withdraw" : "没有可以作废的报送，内容未改动";
    return is_english ? "Your reply was not understood" : "您的回复没有看懂，内容未改动";
}

/* "护理学院学生会，双周报 2016-06-27，编号 1A2B3C4D" */
static char *report_text(const Intake *intake, const SentLetter *sent, bool is_english) {
    const Organization *organization = view_organization(intake->view, sent->letter->org_id);
    const Obligation *obligation = programme_obligation(intake->programme, sent->letter->obligation);
    const char *title =
        obligation != NULL ? obligation_title(obligation, is_english) : sent->letter->obligation;
    g_autofree char *reference = letter_reference(sent->message_id != NULL ? sent->message_id : "");
    return g_strdup_printf(is_english ? "%s, %s %s: reference %s" : "%s，%s %s：编号 %s",
                           organization != NULL ? organization->name : "", title, sent->letter->period,
                           reference);
}

/* Not understood, or not the sender's to change, or it may be about several: a person looks at it, and who is
 * known is told how. */
static void refuse(const Intake *intake, json_t *unread) {
    bool is_english = g_strcmp0(intake_letters_language(intake), "en") == 0;
    const AnsweredLetter *answered = intake->facts->answered;
    bool is_addressee =
        answered != NULL && g_ascii_strcasecmp(answered->letter->to_address, intake->facts->from) == 0;
    intake_to_review(intake, text_of(intake->parse, "kind"), text_of(json_array_get(unread, 0), "text"));
    for (guint i = 0; may_mean_several(intake) && i < intake->facts->reports->len; i++) {
        g_autofree char *text = report_text(intake, g_ptr_array_index(intake->facts->reports, i), is_english);
        json_array_append_new(unread, json_pack("{s:s}", "text", text));
    }
    if (intake->decision->who.sure == SURE_ADDRESS || intake->manager != NULL || is_addressee)
        intake_letters_command(intake, refusal_title(intake, is_english), json_incref(unread),
                               how_to_correct(intake, is_english));
    else
        intake_letters_none(intake, REASON_MUTE_UNKNOWN);
}

/* ---- the decisions
 * ---------------------------------------------------------------------------------------------- */

static void set_decision(const Intake *intake, Submission *submission, const Submission *before,
                         ContentOrigin origin) {
    IntakeDecision *decision = intake->decision;
    submission->id = before->id;
    decision->state = MESSAGE_RECORDED;
    decision->submission = submission;
    decision->origin = origin;
    decision->obligation = g_strdup(before->obligation);
    decision->period = g_strdup(before->period);
    decision->is_revision = true;
    decision->period_reason_zh = g_strdup("回复的是这一期的信件");
    decision->period_reason_en = g_strdup("it answers a letter of this period");
}

static Period *period_of(const Intake *intake, const Submission *submission) {
    const Obligation *obligation = submission->obligation != NULL
                                       ? programme_obligation(intake->programme, submission->obligation)
                                       : NULL;
    Period *period =
        obligation != NULL ? period_by_key(intake->programme, obligation, submission->period) : NULL;
    if (period != NULL)
        view_extend(intake->view, period, submission->org_id);
    return period;
}

/* Puts the corrected content on record and answers with the difference. */
static void record(Correction *c) {
    const Intake *intake = c->intake;
    IntakeDecision *decision = intake->decision;
    g_autoptr(Period) period = period_of(intake, c->before);
    const Obligation *obligation =
        period != NULL ? programme_obligation(intake->programme, c->before->obligation) : NULL;
    if (intake_lacks_contents(intake, obligation, period, c->before->org_id, NULL))
        return;
    json_t *problems = correction_problems(intake->facts->forms, c->form, c->fields, c->before->tables,
                                           c->before->problems, c->corrected);
    json_t *content = json_pack("{s:s, s:O, s:O, s:o}", "form", c->before->form, "fields", c->fields,
                                "tables", c->before->tables, "problems", problems);
    Submission *submission =
        intake_submission_new(intake->view, content, obligation, period, c->before->org_id, c->before,
                              intake->facts->id, intake->facts->received_s);
    json_decref(content);
    set_decision(intake, submission, c->before, CONTENT_CORRECTION);
    decision->unread = json_incref(c->unread);
    decision->is_identical = intake_submission_is_same(submission, c->before);
    if (decision->is_identical) {
        decision->identical_id = c->before->id;
        submission->revision = c->before->revision;
        submission->revised_s = c->before->revised_s;
    }
    intake_letters_ack(intake, period, c->before);
    if (decision->is_identical)
        g_clear_pointer(&decision->submission, submission_free);
    if (json_array_size(c->unread) > 0) { /* what was understood counts, a person looks at the rest */
        intake_to_review(intake, "correction", text_of(json_array_get(c->unread, 0), "text"));
        decision->state = MESSAGE_RECORDED;
    }
}

static void correct(const Intake *intake, const Submission *before) {
    Correction c = {.intake = intake,
                    .before = before,
                    .form = form_of(intake->facts->forms, before->form),
                    .fields = json_deep_copy(before->fields),
                    .corrected = g_hash_table_new(g_str_hash, g_str_equal),
                    .unread = json_array(),
                    .is_english = g_strcmp0(intake_letters_language(intake), "en") == 0};
    ValueContext context = value_context_at(intake->facts->received_s, intake->programme->zone);
    gsize i;
    json_t *line;
    json_array_foreach(json_object_get(intake->parse, "corrections"), i, line)
        if (c.form != NULL)
            apply_line(&c, line, &context);
    if (g_hash_table_size(c.corrected) > 0)
        record(&c);
    else
        refuse(intake, c.unread);
    json_decref(c.fields);
    json_decref(c.unread);
    g_hash_table_unref(c.corrected);
}

static void withdraw(const Intake *intake, const Submission *before) {
    bool is_english = g_strcmp0(intake_letters_language(intake), "en") == 0;
    g_autoptr(Period) period = period_of(intake, before);
    Submission *submission = intake_submission_copy(before);
    json_decref(submission->fields);
    json_decref(submission->tables);
    json_decref(submission->problems);
    submission->fields = json_object();
    submission->tables = json_object();
    submission->problems = json_array();
    submission->n_problems = 0;
    submission->has_digest = false;
    submission->message_id = intake->facts->id;
    set_decision(intake, submission, before, CONTENT_WITHDRAWAL);
    const json_t *form = definition_form(intake->programme, before->form);
    const char *title = form != NULL ? definition_title(form, intake_letters_language(intake)) : before->form;
    g_autofree char *head = g_strdup_printf(is_english ? "Withdrawn: %s%s%s" : "已作废：%s%s%s", title,
                                            period != NULL ? " " : "", period != NULL ? period->key : "");
    g_autofree char *text =
        g_strdup_printf(is_english ? "Revision %u no longer counts; everything that came is kept on record."
                                   : "第 %u 版不再计入；已收到的邮件和记录仍予保存。",
                        before->revision);
    intake_letters_command(intake, head, json_pack("[{s:s}]", "text", text),
                           period == NULL ? NULL
                           : is_english   ? "It is owed again: please send the right form."
                                          : "本期需要重新报送，请把正确的表格发来。");
}

bool corrections_decide(const Intake *intake) {
    const char *form = text_of(intake->parse, "form");
    bool is_correction = json_object_get(intake->parse, "corrections") != NULL;
    if (!corrections_is_one(intake->parse))
        return false;
    const Submission *submission = own_submission(intake);
    /* labelled lines that answer nothing of the sender's own are a form in the body of a reply, if a poor one
     */
    if (*form != '\0' && (submission == NULL || strcmp(form, submission->form) != 0))
        return false;
    if (submission == NULL) {
        json_t *nothing = json_array();
        refuse(intake, nothing);
        json_decref(nothing);
        return true;
    }
    set_who(intake, submission);
    if (is_correction)
        correct(intake, submission);
    else
        withdraw(intake, submission);
    return true;
}

/* ---- without a thread
 * ------------------------------------------------------------------------------------------------ */

static bool is_same_report(const Letter *a, const Letter *b) {
    return a->org_id == b->org_id && g_strcmp0(a->obligation, b->obligation) == 0 &&
           g_strcmp0(a->period, b->period) == 0;
}

static bool has_every_number(const Letter *letter, const json_t *parse) {
    gsize i;
    json_t *line;
    json_array_foreach(json_object_get(parse, "corrections"), i, line) {
        const json_t *number = json_object_get(line, "number");
        if (json_is_integer(number) && problem_field(letter, json_integer_value(number)) == NULL)
            return false;
    }
    return true;
}

bool corrections_is_one(const json_t *parse) {
    return json_object_get(parse, "corrections") != NULL || is_withdrawal(parse);
}

bool corrections_is_newest(const GPtrArray *reports, const Letter *letter) {
    bool is_newest = letter->obligation != NULL && letter->period != NULL;
    for (guint i = 0; i < reports->len && is_newest; i++)
        is_newest = !is_same_report(letter, ((const SentLetter *)g_ptr_array_index(reports, i))->letter);
    return is_newest;
}

const Letter *corrections_meant(const GPtrArray *reports, const json_t *parse) {
    const Letter *with_problems = NULL;
    guint open = 0;
    for (guint i = 0; i < reports->len; i++) {
        const Letter *letter = ((const SentLetter *)g_ptr_array_index(reports, i))->letter;
        if (json_array_size(json_object_get(letter->facts, "problems")) > 0) {
            with_problems = letter;
            open++;
        }
    }
    const Letter *meant = NULL;
    if (reports->len == 1)
        meant = ((const SentLetter *)g_ptr_array_index(reports, 0))->letter;
    else if (open == 1 && !is_withdrawal(parse))
        meant = with_problems;
    return meant != NULL && has_every_number(meant, parse) ? meant : NULL;
}
