/* The table of the division of labour (分工表, annex 3): organization, section, team, people and contacts, as
 * receipts and the expected list tell them. */
#pragma once

#include "gateway/core/view.h"

/* For the Word document: {programme, date_text, count, people, sections [{name, count, rows [{number, name,
 * team, advisor, advisor_phone, leader, leader_phone, liaison, liaison_phone, liaison_address, people, names,
 * answerers}]}]}: sections in the order in which the roster names them first, organizations without one last;
 * every member is a text ("" where nothing is known) but count and people. The view needs the contents of
 * receipts (SnapshotScope.with_people, or everything). New reference. */
json_t *labour_facts(const View *view, const char *language, gint64 now_s);

/* For the workbook: the sheets "labour" and "people" in the form of summary_sheets(), without a sheet that
 * would be empty. New reference. */
json_t *labour_sheets(const View *view, const char *language);
