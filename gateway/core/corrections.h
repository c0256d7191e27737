/* Replies to our own letters that change what was submitted (SPEC 4): corrections by number or label, and
 * 作废. The part of intake.h that decides them. Pure. */
#pragma once

#include "gateway/core/intake_letters.h"

/* True: the message was a correction or withdrawal, and intake->decision says what becomes of it: a
 * submission with origin CONTENT_CORRECTION or CONTENT_WITHDRAWAL, or review. Only the organization's own
 * addresses, or the address that the answered letter went to, may change anything. */
bool corrections_decide(const Intake *intake);

/* Whether a mail changes what was submitted: corrections, or 作废. */
bool corrections_is_one(const json_t *parse);

/* Whether none of the letters (SentLetter*, newest first) is about the same report. */
bool corrections_is_newest(const GPtrArray *reports, const Letter *letter);

/* Which of our letters a mail corrects that names none (phones and webmails drop In-Reply-To): reports holds
 * the last letter about each report of its sender, SentLetter*. One report alone, else, for corrections, the
 * one with open problems; every number in the mail must be one of its problems. NULL: none, or it cannot be
 * told.
 */
const Letter *corrections_meant(const GPtrArray *reports, const json_t *parse);
