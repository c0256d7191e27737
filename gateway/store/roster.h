/* The roster: organizations, their other names, who speaks for them and since when, what they are excused
 * from. Names are matched by a normal form that the caller makes (core), addresses by the normal form of
 * message_normalize_address(); this module only compares them byte by byte, addresses without regard to ASCII
 * case. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/store.h"

/* ---- organizations
 * ---------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *normal;  /* name as written, and its normal form */
    const char *section, *team; /* NULL: leave what is stored */
    gint64 since_s;             /* of a new one: owes from periods due after this instant on; 0: always */
} StoreOrganization;

/* Enters an organization, or updates section and team of the one that has this normal form as name or
 * (unambiguous) alias. ret_id; ret_new may be NULL. */
bool store_org_upsert(Store *store, const StoreOrganization *organization, gint64 now_s, gint64 *ret_id,
                      bool *ret_new, GError **error);

/* Another name for it; known already: nothing happens. */
bool store_org_add_alias(Store *store, gint64 org_id, const char *alias, const char *normal, GError **error);

/* Gives it a new name; the old one stays as an alias. _PERMANENT where another one bears the name. */
bool store_org_rename(Store *store, gint64 org_id, const char *name, const char *normal, GError **error);
bool store_org_set_suspended(Store *store, gint64 org_id, bool suspended, GError **error);

/* Makes from part of into: names become aliases, contacts, exemptions, messages move; submissions move where
 * into has none for the same thing, else they stay under the merged one, which is no longer listed. _INPUT
 * where both are the same. */
bool store_org_merge(Store *store, gint64 from, gint64 into, gint64 now_s, GError **error);

/* All that are not merged away, by id, with aliases and present contacts. Organization* in an owning array.
 */
bool store_orgs(Store *store, GPtrArray **ret_organizations, GError **error);
/* Sections and persons that owe something themselves (parties.h), likewise; NULL where there is none. */
bool store_parties(Store *store, GPtrArray **ret_parties, GError **error);

/* The organization with this normal form as name or alias: ret_org_id 0 where none has it; where several have
 * it also 0, and ret_candidates their number (else 0 or 1; may be NULL). A merged one answers with the one
 * that it is part of. */
bool store_org_by_name(Store *store, const char *normal, gint64 *ret_org_id, guint *ret_candidates,
                       GError **error);

/* ---- who speaks for it
 * ------------------------------------------------------------------------------------------ */

/* A contact as known from from_s on. Where the present holder of that role is another person (another name),
 * or has another address or phone now, the old state ends at from_s and stays in the history (ret_changed
 * true). Members that are NULL: not said; the same person keeps what is stored, another one has none. Older
 * news than what is stored goes straight into the history. A second person in one role: give the role another
 * name ("liaison2"). message_id: the message that it came from, or 0. ret_changed may be NULL. */
bool store_contact_set(Store *store, gint64 org_id, const Contact *contact, gint64 from_s, gint64 message_id,
                       bool *ret_changed, GError **error);

/* Who spoke for it: [{"role","name","address","phone","from_s","until_s" (0: still),"message_id" (0: none)}],
 * by role, the newest first. New reference. */
json_t *store_contact_history(Store *store, gint64 org_id, GError **error);

/* Ends a role's present holder; none is no error. */
bool store_contact_end(Store *store, gint64 org_id, const char *role, gint64 until_s, GError **error);

/* The organization that an address speaks for now: 0 where none, or where several (ret_candidates says how
 * many; may be NULL). */
bool store_org_by_address(Store *store, const char *address, gint64 *ret_org_id, guint *ret_candidates,
                          GError **error);

/* ---- what it is excused from
 * ------------------------------------------------------------------------------------ */

/* Excuses an organization from a period (period NULL: from all of the obligation's periods); again: only the
 * reason changes. */
bool store_exempt(Store *store, const Exemption *exemption, gint64 now_s, GError **error);
/* Lets an organization report a period until an instant; again: the new instant counts. message_id: who said
 * so, or 0. */
bool store_extend(Store *store, const Extension *extension, gint64 message_id, gint64 now_s, GError **error);
/* Takes it back; none is no error. */
bool store_exempt_revoke(Store *store, gint64 org_id, const char *obligation, const char *period,
                         gint64 now_s, GError **error);
