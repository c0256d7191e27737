/* Sections and persons that owe something themselves, kept beside the organizations with contacts and history
 * of their own. Who they are stands in the configuration; store_parties() (roster.h) loads them. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/store.h"

typedef struct {
    OwedBy kind;      /* sections or persons */
    const char *role; /* of the programme's people */
    const char
        *identity; /* what makes it the same one for ever: the section's name, a person's address or name */
    const char *name;                           /* as letters call it */
    const char *section;                        /* or NULL */
    const char *contact_name, *address, *phone; /* who holds the role now; each may be NULL */
} StoreParty;

/* Adds a section or person, or brings name and contact up to date; who held the role before stays as history.
 */
bool store_party_set(Store *store, const StoreParty *party, gint64 now_s, gint64 *ret_id, GError **error);

/* Suspends all of them that are not among present (gint64 ids): they are configured no more. */
bool store_parties_end(Store *store, const GArray *present, GError **error);
