/* Duty rotas (SPEC 1): people who answer in person in turn, each told the day before and on the morning, the
 * coordinator by copy. Pure.
 *
 * Keys: duty/ROTA/2016-06-22/T-1d/ADDRESS, with /copy for the copy. Facts kept: {"rota", "day", "person",
 * "title", "when_text", "person_name", "is_copy"}. */
#pragma once

#include "gateway/core/view.h"

/* Who is on duty at a turn (due day) of a rota: by what was swapped, else in turn from its first day on;
 * NULL: nobody. Belongs to the programme. */
const RolePerson *rota_person(const View *view, const Rota *rota, const GDate *day);

/* The person that a name or address means among those of a programme's roles, or NULL. */
const RolePerson *rota_find_person(const Programme *programme, const char *text);

/* Appends what the rotas owe now. */
void rotas_plan(const View *view, gint64 now_s, GPtrArray *letters);
/* The next instant at which rotas_plan() may answer otherwise by the clock alone; G_MAXINT64: none. */
gint64 rotas_next_instant(const View *view, gint64 now_s);
/* Whether the letter's person is still on duty that day. */
bool rotas_letter_is_due(const View *view, const Letter *letter);
