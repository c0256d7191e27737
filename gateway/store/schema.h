/* Private to gateway/store: schema.sql as embedded at build time, applied migration by migration. */
#pragma once

#include "gateway/store/store.h"

/* The newest migration in schema.sql. */
int schema_newest(void);

/* Is the file empty or ours, and not from a newer program? Reads only. _CONFIGURATION as schema_migrate(). */
bool schema_is_ours(Store *store, GError **error);

/* Brings the database up to schema_newest(), each migration in a transaction of its own. _CONFIGURATION where
 * it is newer than this program, or belongs to another program. */
bool schema_migrate(Store *store, GError **error);

/* For readers, who change nothing: is the schema exactly ours? _CONFIGURATION with the remedy where not. */
bool schema_check(Store *store, GError **error);
