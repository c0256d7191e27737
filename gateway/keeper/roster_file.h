/* The expected list (SPEC 4): a csv file or the first sheet of an xlsx workbook → organizations, other names
 * and contacts in the store. The first row names the columns: name, section, team, aliases (separated by ; or
 * ；), and ROLE_name, ROLE_address, ROLE_phone for any role (liaison, leader, advisor …). Only name is
 * needed; a column of another name is refused, unless # stands before it. UTF-8 or GB18030. */
#pragma once

#include "gateway/store/store.h"

/* Imports a file where its content is another one than at the last import (so that what receipts brought
 * since is kept). In the caller's transaction. ret_imported: organizations read, 0 where nothing changed.
 * FORTNIGHT_ERROR_CONFIGURATION with file:line for a wrong row. */
bool roster_file_import(Store *store, const char *path, gint64 now_s, guint *ret_imported, GError **error);

/* The same whatever its content was before: a person asks for it (`orgs import`). */
bool roster_file_take(Store *store, const char *path, gint64 now_s, guint *ret_imported, GError **error);
