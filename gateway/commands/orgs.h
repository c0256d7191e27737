/* Parts of `fortnight orgs` that look instead of changing. */
#pragma once

#include "gateway/commands/context.h"

/* Prints who spoke for an organization in which role, from when to when, and the message that said so. Exit
 * status. */
int orgs_history(Context *context, gint64 org_id);

/* Writes the table of the division of labour (annex 3) as .docx (by templates/documents/LANGUAGE/labour.docx)
 * or .xlsx. Exit status. */
int orgs_labour(Context *context, const char *path);
