/* The answers to a message: ack, correction, defect. The part of intake.h that makes letters. */
#pragma once

#include "gateway/core/intake.h"

/* One message on its way to a decision. */
typedef struct {
    const View *view;
    const Programme *programme;
    const MessageFacts *facts;
    const json_t *parse;
    gint64 now_s;
    const Obligation *obligation; /* that the form settles, or NULL */
    const RolePerson *manager;    /* the sender, if it has a role in the programme */
    IntakeDecision *decision;
} Intake;

/* Puts the message into review under a code. detail: what exactly, in the programme's language, or NULL. */
void intake_to_review(const Intake *intake, const char *code, const char *detail);

/* True where the caller lends contents (MessageFacts) and has to lend some first: they are named in the
 * decision. previous: what the decision may be compared with, or NULL. */
bool intake_lacks_contents(const Intake *intake, const Obligation *obligation, const Period *period,
                           gint64 org_id, const Submission *previous);

/* Records why nobody is answered, where nothing said so before. */
void intake_letters_none(const Intake *intake, ReasonCode reason);

/* Whether anything about the message forbids an answer. */
bool intake_letters_may_answer(const Intake *intake);

/* The answer to a command: a title and sentences (json array of {"text"}, taken over), how: what to do next,
 * or NULL; both in intake_letters_language(). Nothing where nobody may be answered. */
void intake_letters_command(const Intake *intake, const char *title, json_t *lines, const char *how);

/* "zh" or "en": in which language the sender is answered. */
const char *intake_letters_language(const Intake *intake);

/* Ack (or correction letter, where it changes what stood) of decision->submission to the sender, with a copy
 * to the registered contact if that is somebody else. period, previous: or NULL. */
void intake_letters_ack(const Intake *intake, const Period *period, const Submission *previous);

/* One ack a day to an unknown sender, with only what the message said. */
void intake_letters_unknown(const Intake *intake);

/* What was wrong and what to do instead. */
void intake_letters_defect(const Intake *intake, const char *code);
