#include "gateway/core/intake.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/command.h"
#include "gateway/core/corrections.h"
#include "gateway/core/intake_letters.h"
#include "gateway/core/intake_submission.h"
#include "gateway/core/period.h"
#include "gateway/core/questions.h"
#include "gateway/core/urgent.h"

/* Longer ones are sentences. */
#define ORDER_MAX_BYTES 45

void intake_decision_free(IntakeDecision *decision) {
    if (decision == NULL)
        return;
    roster_match_clear(&decision->who);
    g_free(decision->obligation);
    g_free(decision->period);
    g_free(decision->period_reason_zh);
    g_free(decision->period_reason_en);
    g_clear_pointer(&decision->submission, submission_free);
    g_free(decision->urgent_text);
    g_free(decision->review_code);
    g_free(decision->review_text);
    g_free(decision->review_text_zh);
    g_free(decision->review_text_en);
    g_clear_pointer(&decision->unread, json_decref);
    g_clear_pointer(&decision->letters, g_ptr_array_unref);
    g_clear_pointer(&decision->roster_updates, g_ptr_array_unref);
    g_free(decision);
}

static const char *text_of(const json_t *parse, const char *name) {
    const char *text = json_string_value(json_object_get(parse, name));
    return text != NULL ? text : "";
}

static bool is_kind(const json_t *parse, const char *kind) {
    return strcmp(text_of(parse, "kind"), kind) == 0;
}

static bool has_sender(const MessageFacts *facts) {
    return facts->from != NULL && *facts->from != '\0';
}

/* The first problem of a code, or NULL. */
static const json_t *find_problem(const json_t *parse, const char *code) {
    gsize i;
    json_t *problem;
    json_array_foreach(json_object_get(parse, "problems"), i, problem)
        if (strcmp(text_of(problem, "code"), code) == 0)
            return problem;
    return NULL;
}

/* --- review
 * ------------------------------------------------------------------------------------------------- */

void intake_to_review(const Intake *intake, const char *code, const char *detail) {
    IntakeDecision *decision = intake->decision;
    bool has_detail = detail != NULL && *detail != '\0';
    decision->state = MESSAGE_REVIEW;
    decision->review_code = g_strdup(code);
    decision->review_text_zh = g_strdup_printf("%s%s%s", intake_review_text(code, "zh"),
                                               has_detail ? "：" : "", has_detail ? detail : "");
    decision->review_text_en = g_strdup_printf("%s%s%s", intake_review_text(code, "en"),
                                               has_detail ? ": " : "", has_detail ? detail : "");
    decision->review_text =
        g_strdup(g_strcmp0(intake->programme->language, "en") == 0 ? decision->review_text_en
                                                                   : decision->review_text_zh);
}

/* --- what is not a form
 * ------------------------------------------------------------------------------------- */

static bool has_form(const json_t *parse) {
    return *text_of(parse, "form") != '\0' && find_problem(parse, "empty_form") == NULL &&
           find_problem(parse, "wrong_form") == NULL;
}

/* A letter came back and its address is dead: somebody is told whose it is and why. */
static void decide_bounce(const Intake *intake) {
    const json_t *bounce = json_object_get(intake->parse, "bounce");
    const char *address = text_of(bounce, "recipient");
    const GPtrArray *organizations = view_snapshot(intake->view)->organizations;
    g_autoptr(GString) detail = g_string_new(NULL);
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        if (roster_has_address(organization, address))
            g_string_append_printf(detail, "%s ", organization->name);
    }
    g_string_append_printf(detail, "%s (%s)", address, text_of(bounce, "reason"));
    intake_to_review(intake, "bounce", detail->str);
    intake_letters_none(intake, REASON_MUTE_AUTOMATIC);
}

/* Mail that no person wrote, or that we cannot answer for. True: decided. */
static bool decide_origin(const Intake *intake) {
    const MessageFacts *facts = intake->facts;
    const json_t *parse = intake->parse;
    if (!json_is_object(parse) || json_object_get(parse, "failure") != NULL) {
        intake_to_review(intake, "reader_failed", text_of(parse, "detail"));
        intake_letters_none(intake, REASON_MUTE_UNREADABLE);
        return true;
    }
    if (facts->by_hand || facts->confirmed_org_id != 0)
        return false; /* a person answers for it */
    if (facts->bounce_news) {
        decide_bounce(intake);
        return true;
    }
    bool is_automatic =
        facts->automatic || is_kind(parse, "bounce") || is_kind(parse, "autoreply") || is_kind(parse, "own");
    if (is_automatic && (!has_form(parse) || is_kind(parse, "bounce") || is_kind(parse, "own"))) {
        intake->decision->state = MESSAGE_IGNORED;
        intake_letters_none(intake, REASON_MUTE_AUTOMATIC);
        return true;
    }
    const struct {
        bool holds;
        const char *code;
        ReasonCode reason;
    } rules[] = {
        {is_automatic, "automatic_form", REASON_MUTE_AUTOMATIC},
        {facts->junk_folder && has_form(parse), "junk_form", REASON_MUTE_JUNK},
        {!has_sender(facts), "no_from", REASON_MUTE_NO_ADDRESS},
        {facts->from_count > 1, "several_from", REASON_MUTE_SEVERAL_FROM},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        if (rules[i].holds) {
            intake_to_review(intake, rules[i].code, NULL);
            intake_letters_none(intake, rules[i].reason);
            return true;
        }
    if (facts->junk_folder) {
        intake->decision->state = MESSAGE_IGNORED;
        intake_letters_none(intake, REASON_MUTE_JUNK);
        return true;
    }
    return false;
}

static bool is_known_sender(const Intake *intake) {
    return intake->decision->who.sure == SURE_ADDRESS || intake->manager != NULL;
}

/* A few words from somebody whom we know, with nothing attached and in answer to nothing: an order that is
 * none. */
static bool looks_like_order(const Intake *intake) {
    const char *reply = text_of(intake->parse, "reply");
    const char *said = *reply != '\0' ? reply : intake->facts->subject;
    gsize i;
    json_t *part;
    if (said == NULL || *said == '\0' || strchr(said, '\n') != NULL || strlen(said) > ORDER_MAX_BYTES ||
        (intake->facts->in_reply_to != NULL && *intake->facts->in_reply_to != '\0'))
        return false;
    json_array_foreach(json_object_get(intake->parse, "parts"), i, part)
        if (*text_of(part, "name") != '\0')
            return false;
    return true;
}

/* Which orders there are; a person looks at the mail all the same. */
static void tell_orders(const Intake *intake) {
    const char *language = intake_letters_language(intake);
    bool is_english = g_strcmp0(language, "en") == 0;
    intake_letters_command(intake, is_english ? "There is no such order" : "没有这条指令",
                           command_help_lines(intake->programme, intake->facts->from, language),
                           is_english ? "To report, send the filled form as an attachment."
                                      : "如要报送，请把填好的表格作为附件发来。");
}

/* Unreadable, blank or other documents, in the order of what helps the sender most. */
static void decide_defect(const Intake *intake) {
    static const char *const codes[] = {"encrypted",  "bomb",        "damaged",    "limit",      "scan",
                                        "cloud_link", "unsupported", "empty_form", "wrong_form", "no_form"};
    const char *code = "no_form", *detail = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
        const json_t *problem = find_problem(intake->parse, codes[i]);
        if (problem != NULL) {
            code = codes[i];
            detail = text_of(problem, "text");
            break;
        }
    }
    intake_to_review(intake, code, detail);
    if (strcmp(code, "no_form") == 0 && is_known_sender(intake) && looks_like_order(intake))
        tell_orders(intake);
    else if (intake_defect_remedy(code, "en") == NULL)
        intake_letters_none(intake, REASON_MUTE_NO_FORM);
    else if (!is_known_sender(intake))
        intake_letters_none(intake, REASON_MUTE_UNKNOWN);
    else
        intake_letters_defect(intake, code);
}

/* A mail through the urgent channel: recorded; supervisor, coordinator and leader are told at once. Its
 * sender learns that it was passed on, unless nobody knows him. */
static void decide_urgent(const Intake *intake) {
    bool is_english = g_strcmp0(intake_letters_language(intake), "en") == 0;
    intake->decision->state = MESSAGE_RECORDED;
    if (is_known_sender(intake))
        intake_letters_command(
            intake, is_english ? "Your urgent report was passed on" : "紧急情况已转告负责人", json_array(),
            is_english ? "Supervisor, coordinator and group leader were told."
                       : "已同时转告主管、协管和组长，他们会尽快处理。");
    else
        intake_letters_none(intake, REASON_MUTE_UNKNOWN_URGENT);
}

/* A question from somebody on the roster is tracked like those of reports and logs; who is unknown goes to a
 * person, whose yes does the same. */
static void decide_question(const Intake *intake) {
    bool is_english = g_strcmp0(intake_letters_language(intake), "en") == 0;
    g_autofree char *text = question_of_mail(intake->facts->subject != NULL ? intake->facts->subject : "",
                                             text_of(intake->parse, "reply"));
    /* what answers our letter asks the organizers */
    if (!is_known_sender(intake) || intake->facts->answered != NULL) {
        intake_to_review(intake, "question", text);
        intake_letters_none(intake, REASON_MUTE_PERSON);
        return;
    }
    intake->decision->state = MESSAGE_RECORDED;
    intake->decision->is_question = true;
    intake_letters_command(intake, is_english ? "Your question is recorded" : "您的问题已登记",
                           json_pack("[{s:s}]", "text", text),
                           is_english ? "It was passed on; you will be answered within 24 hours. “help” "
                                        "lists what can be asked by mail."
                                      : "已转交答复人，24 小时内答复。常用内容可来信写“帮助”查询。");
}

/* Kinds that hold no form. True: decided. */
static bool decide_kind(const Intake *intake) {
    static const char *const kinds[] = {"command", "correction"};
    if (corrections_decide(intake))
        return true;
    if (!is_kind(intake->parse, "command") && !is_kind(intake->parse, "correction"))
        intake->decision->urgent_text = urgent_of_parse(intake->parse);
    if (has_form(intake->parse))
        return false;
    if (intake->decision->urgent_text != NULL) {
        decide_urgent(intake);
        return true;
    }
    if (is_kind(intake->parse, "question")) {
        decide_question(intake);
        return true;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (is_kind(intake->parse, kinds[i])) {
            intake_to_review(intake, kinds[i], NULL);
            intake_letters_none(intake, REASON_MUTE_PERSON);
            return true;
        }
    decide_defect(intake);
    return true;
}

/* --- who
 * ---------------------------------------------------------------------------------------------------- */

static const char *stated_org(const json_t *parse) {
    return text_of(parse, "org");
}

void intake_identify(const View *view, const json_t *parse, const char *from, const char *subject,
                     RosterMatch *ret_match) {
    g_autoptr(GString) files = g_string_new(NULL);
    gsize i;
    json_t *part;
    json_array_foreach(json_object_get(parse, "parts"), i, part)
        if (strcmp(text_of(part, "verdict"), "used") == 0)
            g_string_append_printf(files, "%s\n", text_of(part, "name"));
    const RosterClues clues = {.from = from,
                               .name_in_form = stated_org(parse),
                               .signature = text_of(parse, "signature"),
                               .subject = subject,
                               .file_names = files->str,
                               .text = text_of(parse, "reply"),
                               .from_name = text_of(parse, "from_name")};
    roster_identify(view, &clues, ret_match);
}

static void identify(const Intake *intake) {
    RosterMatch *who = &intake->decision->who;
    const MessageFacts *facts = intake->facts;
    const Organization *confirmed =
        facts->confirmed_org_id != 0 ? view_organization(intake->view, facts->confirmed_org_id) : NULL;
    if (confirmed != NULL) {
        who->org_id = confirmed->id;
        who->sure = SURE_ADDRESS;
        who->evidence_zh = g_strdup_printf("由人工确认：%s", confirmed->name);
        who->evidence_en = g_strdup_printf("a person said so: %s", confirmed->name);
        return;
    }
    const Organization *party = intake->obligation != NULL
                                    ? view_party_of_address(intake->view, intake->obligation, facts->from)
                                    : NULL;
    if (party != NULL) {
        who->org_id = party->id;
        who->sure = SURE_ADDRESS;
        who->evidence_zh = g_strdup_printf("登记的地址：%s", party->name);
        who->evidence_en = g_strdup_printf("a registered address: %s", party->name);
        return;
    }
    intake_identify(intake->view, intake->parse, facts->from, facts->subject, who);
}

static const RosterMap *roster_map_of(const Programme *programme, const char *form) {
    for (guint i = 0; programme->roster_maps != NULL && i < programme->roster_maps->len; i++) {
        const RosterMap *map = g_ptr_array_index(programme->roster_maps, i);
        if (g_strcmp0(map->form, form) == 0)
            return map;
    }
    return NULL;
}

/* Whether the sender may report for the organization that was found; if not, the review code. new_org: it may
 * add one. */
static const char *refuse_sender(const Intake *intake, bool *ret_new_org) {
    const RosterMatch *who = &intake->decision->who;
    const RosterMap *map = roster_map_of(intake->programme, text_of(intake->parse, "form"));
    const Organization *organization = view_organization(intake->view, who->org_id);
    *ret_new_org = false;
    if (who->contradiction)
        return "contradiction_org";
    if (who->ambiguous)
        return "ambiguous_org";
    if (organization != NULL && who->sure == SURE_ADDRESS)
        return NULL;
    /* the liaison passes on what came by other ways, and sends tables that are the programme's own */
    if (intake->manager != NULL && (who->sure == SURE_NAME || (intake->obligation == NULL && map == NULL)))
        return NULL;
    /* the receipt is how an expected organization says who speaks for it: once */
    if (map != NULL && who->sure == SURE_NAME && roster_contact(organization) == NULL)
        return NULL;
    if (organization != NULL)
        return intake->manager != NULL ? "unknown_org" : "unknown_sender";
    if (*stated_org(intake->parse) == '\0')
        return "no_org";
    *ret_new_org = map != NULL && intake->programme->open_roster;
    return *ret_new_org ? NULL : "unknown_org";
}

/* --- recording
 * ---------------------------------------------------------------------------------------------- */

/* The letter that is answered concerns a period of this obligation and this organization. */
static bool answers_period(const Intake *intake) {
    const Letter *letter = intake->facts->answered->letter;
    return letter->period != NULL && g_strcmp0(letter->obligation, intake->obligation->id) == 0 &&
           letter->org_id == intake->decision->who.org_id;
}

/* A form that states a period which was reported already, whose figures are others, and that comes when the
 * next is due: last period's form was filled in again and its dates were left. */
static void reconsider(const Intake *intake, Assignment *assignment) {
    const Period *stated = assignment->period;
    gint64 org_id = intake->decision->who.org_id, received_s = intake->facts->received_s;
    const Submission *known =
        org_id != 0 ? view_submission(intake->view, intake->obligation->id, stated->key, org_id) : NULL;
    g_auto(Assignment) later = {0};
    if (assignment->rule != ASSIGN_STATED || assignment->doubt == DOUBT_STALE || known == NULL ||
        known->message_id == intake->facts->id || received_s <= stated->late_after_s ||
        !assign_later_owed(intake->view, intake->obligation, org_id, stated, received_s, &later))
        return;
    if (known->fields == NULL && intake->facts->lends_contents)
        intake->decision->needs_content = known;
    else if (known->fields != NULL && intake_submission_has_other_figures(intake->parse, known)) {
        Assignment first = *assignment;
        *assignment = later;
        later = first; /* freed instead */
    }
}

/* The period, by a person's word, by the letter that is answered, or by assign_period(). */
static bool find_period(const Intake *intake, Period **ret_period, AssignDoubt *ret_doubt) {
    IntakeDecision *decision = intake->decision;
    if (intake->facts->confirmed_period != NULL) {
        *ret_period = period_by_key(intake->programme, intake->obligation, intake->facts->confirmed_period);
        decision->period_reason_zh = g_strdup("由人工指定");
        decision->period_reason_en = g_strdup("a person said so");
        return *ret_period != NULL;
    }
    if (intake->facts->answered != NULL && json_object_get(intake->parse, "period") == NULL &&
        answers_period(intake)) {
        *ret_period =
            period_by_key(intake->programme, intake->obligation, intake->facts->answered->letter->period);
        decision->period_reason_zh = g_strdup("回复的是这一期的信件");
        decision->period_reason_en = g_strdup("it answers a letter of this period");
        return *ret_period != NULL;
    }
    g_auto(Assignment) assignment = {0};
    if (!assign_period(intake->view, intake->obligation, decision->who.org_id, intake->parse,
                       intake->facts->received_s, &assignment))
        return false;
    reconsider(intake, &assignment);
    *ret_doubt = assignment.doubt;
    *ret_period = g_steal_pointer(&assignment.period);
    decision->period_reason_zh = g_steal_pointer(&assignment.reason_zh);
    decision->period_reason_en = g_steal_pointer(&assignment.reason_en);
    return true;
}

static void update_roster(const Intake *intake, bool is_new_org) {
    const MessageFacts *facts = intake->facts;
    const RosterMap *map = roster_map_of(intake->programme, text_of(intake->parse, "form"));
    const Organization *organization =
        is_new_org ? NULL : view_organization(intake->view, intake->decision->who.org_id);
    static const RosterMap no_map = {.contacts = NULL};
    /* nobody gains rights through a form that feeds no roster, except where a person confirmed the sender */
    if ((map == NULL && facts->confirmed_org_id == 0) || (organization == NULL && !is_new_org))
        return;
    const char *sender = intake->manager == NULL && !facts->by_hand && !facts->replay && has_sender(facts)
                             ? facts->from
                             : NULL;
    RosterUpdate *update =
        roster_update_from_fields(map != NULL ? map : &no_map, organization, stated_org(intake->parse),
                                  json_object_get(intake->parse, "fields"), sender);
    if (update != NULL)
        g_ptr_array_add(intake->decision->roster_updates, update);
}

/* A report that comes again with the same words about something urgent raises no second alarm. */
static bool says_same_urgent(const IntakeDecision *decision, const Submission *previous) {
    const char *before = text_of(json_object_get(previous->fields, "urgent"), "value");
    const char *now = text_of(json_object_get(decision->submission->fields, "urgent"), "value");
    return decision->is_identical || (*now != '\0' && strcmp(before, now) == 0);
}

/* Most decisions need no contents: whether a form says the same as before is told by digests. */
bool intake_lacks_contents(const Intake *intake, const Obligation *obligation, const Period *period,
                           gint64 org_id, const Submission *previous) {
    IntakeDecision *decision = intake->decision;
    if (!intake->facts->lends_contents || obligation == NULL || period == NULL)
        return false;
    bool is_compared = intake_letters_may_answer(intake) || intake_submission_may_complete(intake->parse) ||
                       decision->urgent_text != NULL;
    if (previous != NULL && previous->fields == NULL && is_compared)
        decision->needs_content = previous;
    const Submission *before = intake_submission_before(intake->view, obligation, period, org_id);
    if (before != NULL && before->fields == NULL)
        decision->needs_numbers = before;
    return decision->needs_content != NULL || decision->needs_numbers != NULL;
}

/* A form from somebody who may send it. */
static void record(const Intake *intake, bool is_new_org) {
    IntakeDecision *decision = intake->decision;
    const MessageFacts *facts = intake->facts;
    g_autoptr(Period) period = NULL;
    gint64 org_id = decision->who.org_id;
    AssignDoubt doubt = DOUBT_NONE;
    if (intake->obligation != NULL && !find_period(intake, &period, &doubt)) {
        intake_to_review(intake, "no_period", NULL);
        intake_letters_none(intake, REASON_MUTE_PERSON_FIRST);
        return;
    }
    if (decision->needs_content != NULL)
        return;
    if (period != NULL)
        view_extend(intake->view, period, org_id);
    const Submission *previous =
        period != NULL && org_id != 0
            ? view_submission(intake->view, intake->obligation->id, period->key, org_id)
            : NULL;
    if (intake_lacks_contents(intake, intake->obligation, period, org_id, previous))
        return;
    json_t *completed =
        previous != NULL ? intake_submission_completed(intake->parse, previous, facts->forms) : NULL;
    decision->state = MESSAGE_RECORDED;
    decision->submission =
        intake_submission_new(intake->view, completed != NULL ? completed : intake->parse, intake->obligation,
                              period, org_id, previous, facts->id, facts->received_s);
    json_decref(completed);
    decision->submission->by_hand = facts->by_hand;
    intake_submission_add_doubt(intake->programme, decision->submission, doubt);
    decision->obligation = g_strdup(decision->submission->obligation);
    decision->period = g_strdup(decision->submission->period);
    decision->is_revision = previous != NULL;
    /* `explain` asks again about a message that is recorded: it is not its own repetition */
    bool is_itself = previous != NULL && previous->message_id == facts->id;
    decision->is_identical =
        previous != NULL && !is_itself && intake_submission_is_same(decision->submission, previous);
    if (decision->is_identical)
        decision->identical_id = previous->id;
    if (decision->is_identical || is_itself) {
        /* what stands is what was sent: the answer shows it, nothing new is stored */
        decision->submission->revision = previous->revision;
        decision->submission->revised_s = previous->revised_s;
    }
    update_roster(intake, is_new_org);
    intake_letters_ack(intake, period, previous);
    if (previous != NULL && !is_itself && says_same_urgent(decision, previous))
        g_clear_pointer(&decision->urgent_text, g_free);
    if (decision->is_identical)
        g_clear_pointer(&decision->submission, submission_free);
}

static Intake begin(const View *view, const MessageFacts *facts, const json_t *parse, gint64 now_s) {
    IntakeDecision *decision = g_new0(IntakeDecision, 1);
    const Programme *programme = view_programme(view);
    decision->letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
    decision->roster_updates = g_ptr_array_new_with_free_func((GDestroyNotify)roster_update_free);
    return (Intake){
        .view = view,
        .programme = programme,
        .facts = facts,
        .parse = parse,
        .now_s = now_s,
        .obligation = programme_obligation_of_form(programme, text_of(parse, "form")),
        .manager = roster_role_of_address(programme, facts->from),
        .decision = decision,
    };
}

IntakeDecision *intake_answer(const View *view, const MessageFacts *facts, const json_t *parse, gint64 now_s,
                              bool is_understood, const char *title, json_t *lines, const char *how) {
    const Intake intake = begin(view, facts, parse, now_s);
    intake.decision->state = MESSAGE_RECORDED;
    if (!is_understood)
        intake_to_review(&intake, "command", title);
    intake_letters_command(&intake, title, lines, how);
    return intake.decision;
}

IntakeDecision *intake_decide(const View *view, const MessageFacts *facts, const json_t *parse,
                              gint64 now_s) {
    const Intake intake = begin(view, facts, parse, now_s);
    IntakeDecision *decision = intake.decision;
    if (decide_origin(&intake))
        return decision;
    identify(&intake);
    if (decide_kind(&intake))
        return decision;
    bool is_new_org;
    const char *refusal = refuse_sender(&intake, &is_new_org);
    if (refusal == NULL) {
        record(&intake, is_new_org);
    } else {
        intake_to_review(&intake, refusal, stated_org(parse));
        if (is_known_sender(&intake) || decision->who.contradiction || decision->who.ambiguous)
            intake_letters_none(&intake, REASON_MUTE_PERSON_FIRST);
        else
            intake_letters_unknown(&intake);
    }
    return decision;
}

/* --- within a batch
 * ----------------------------------------------------------------------------------------- */

static void apply_update(View *view, const RosterUpdate *update, gint64 org_id) {
    Organization *organization = (Organization *)view_organization(view, org_id);
    if (organization == NULL) {
        organization = organization_new();
        organization->id = org_id;
        organization->name = g_strdup(update->name != NULL ? update->name : "");
        view_add_organization(view, organization);
    }
    for (guint i = 0; i < update->contacts->len; i++) {
        const Contact *contact = g_ptr_array_index(update->contacts, i);
        for (guint j = 0; j < organization->contacts->len; j++)
            if (g_strcmp0(((Contact *)g_ptr_array_index(organization->contacts, j))->role, contact->role) ==
                0) {
                g_ptr_array_remove_index(organization->contacts, j);
                break;
            }
        Contact *copy = g_new0(Contact, 1);
        *copy = (Contact){.role = g_strdup(contact->role),
                          .name = g_strdup(contact->name),
                          .address = g_strdup(contact->address),
                          .phone = g_strdup(contact->phone)};
        g_ptr_array_add(organization->contacts, copy);
    }
    view_forget_names(view);
}

void intake_apply(View *view, const IntakeDecision *decision, gint64 org_id) {
    for (guint i = 0; i < decision->roster_updates->len; i++)
        apply_update(view, g_ptr_array_index(decision->roster_updates, i), org_id);
    if (decision->submission != NULL) {
        Submission *copy = intake_submission_copy(decision->submission);
        copy->org_id = org_id;
        view_record(view, copy);
    }
    for (guint i = 0; i < decision->letters->len; i++)
        view_decide_letter(view, ((const Letter *)g_ptr_array_index(decision->letters, i))->key,
                           OUTBOX_QUEUED);
}
