/* The roster as a table that `orgs import` reads again: name, section, team, aliases, and name, address and
 * phone of every role that somebody has. */
#pragma once

#include "gateway/core/view.h"

/* In the form of summary_sheets(), for workbook_csv(). New reference. */
json_t *roster_sheet(const View *view);
