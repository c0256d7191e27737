/* Why: facts, rule, decision, in sentences (SPEC 7, `explain`). Language: the programme's. */
#pragma once

#include "gateway/core/intake.h"

/* Each gives a GPtrArray of char*, owned by it: one sentence each, in order of the reasoning. */
GPtrArray *explain_message(const View *view, const MessageFacts *facts, const json_t *parse, gint64 now_s);
GPtrArray *explain_standing(const View *view, const Obligation *obligation, const Period *period,
                            const Organization *organization, gint64 now_s);
GPtrArray *explain_letter(const View *view, const Letter *letter, OutboxState state, gint64 now_s);
/* known: {"events": [{"at_s", "event", "message", "text"}], "letters": [{"kind", "state", "to_address",
 * "changed_s"}]}. */
GPtrArray *explain_question(const View *view, const TrackedQuestion *question, const json_t *known,
                            gint64 now_s);
