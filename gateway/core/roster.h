/* Who is who: which organization a message comes from, who speaks for it, what a receipt changes (SPEC 2.5).
 * From is a claim: the address decides, never the display name. */
#pragma once

#include "gateway/core/view.h"

typedef enum {
    SURE_UNKNOWN,
    SURE_LIKELY, /* by a name that is written otherwise, or that stands elsewhere in the mail */
    SURE_NAME,   /* by name or alias (the university before it or not), from an address that is not registered
                  */
    SURE_ADDRESS /* a registered address, and no other organization named */
} RosterSure;

typedef struct {
    gint64 org_id; /* 0: unknown or ambiguous */
    RosterSure sure;
    bool
        contradiction; /* the address speaks for one organization, the form names another: a person decides */
    bool ambiguous;    /* several are equally likely */
    gint64 named_org_id;             /* whom the form names in normal form, or 0 */
    char *evidence_zh, *evidence_en; /* one sentence each */
} RosterMatch;
void roster_match_clear(RosterMatch *match);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RosterMatch, roster_match_clear)

/* Normal form of an organization's name: NFKC, case folded, white space and punctuation dropped. The store
 * keeps it for look-ups. The caller frees it; never NULL. */
char *roster_normal_name(const char *name);

/* Normal form of an address: lower case (a look-up key only, never used to send). The caller frees it; never
 * NULL. */
char *roster_normal_address(const char *address);

/* Whether an address is one of an organization's contacts, or of a person with a role in the programme (then
 * that person, else NULL; belongs to the programme). Case does not matter; NULL and "" are nobody's. */
bool roster_has_address(const Organization *organization, const char *address);
const RolePerson *roster_role_of_address(const Programme *programme, const char *address);

/* How two names in normal form differ: a part that only one of them has makes the longer one more precise,
 * parts that both have in the same place make them different bodies. */
typedef enum { NAMES_EQUAL, NAMES_ONE_LONGER, NAMES_NEARLY_EQUAL, NAMES_DIFFERENT } NameRelation;
NameRelation roster_compare_names(const char *normal_a, const char *normal_b);

/* What a message says about who sent it; any may be NULL or "". */
typedef struct {
    const char *from;         /* address */
    const char *name_in_form; /* the organization that the form names */
    const char *signature, *subject, *file_names, *text, *from_name;
} RosterClues;

/* Which organization: registered address; name or alias in the form; else a name that one organization alone
 * is clearly meant by (names.h: with the university before it, shortened, one typing error), but
 * 护理学院学生会 is never 护理学院团委. Where the form names nobody, a full name in signature, subject, file
 * name, text or display name; where two of these disagree, nobody. Of several organizations that an address
 * speaks for, the one that is named so. */
void roster_identify(const View *view, const RosterClues *clues, RosterMatch *ret_match);

/* The contact who answers for an organization: liaison, then leader, then any other with an address but never
 * an advisor; one whose address is dead only where there is no other. NULL: nobody can be written to. The
 * result belongs to the organization. */
const Contact *roster_contact(const Organization *organization);
/* Whether only a telephone reaches an organization: no address, or none but a dead one. */
bool roster_needs_call(const Organization *organization);
/* The contact of a role with an address ("advisor"), or NULL. */
const Contact *roster_contact_of_role(const Organization *organization, const char *role);
/* Whoever holds a role, with or without an address; or NULL. */
const Contact *roster_holder(const Organization *organization, const char *role);
/* Someone to telephone: the first contact with a phone in the same order, or NULL. */
const Contact *roster_phone_contact(const Organization *organization);

/* The first person of a role (section heads: of that section; section NULL: any), or NULL. Belongs to the
 * programme. */
const RolePerson *roster_role(const Programme *programme, const char *role, const char *section);

/* What a submission changes in the roster (applied by the store in the same transaction as the submission).
 */
typedef struct {
    gint64 org_id;        /* 0: a new organization with `name` */
    char *name;           /* of a new one, else NULL */
    char *section, *team; /* new value, or NULL: unchanged */
    GPtrArray
        *contacts; /* Contact*: each replaces the current one of its role (the old one stays as history) */
    char *confirm_address; /* old registered address that is told of the change, or NULL */
} RosterUpdate;
void roster_update_free(RosterUpdate *update);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RosterUpdate, roster_update_free)

/* The update that a submission's fields (SPEC 3.4) make by the map; NULL if nothing changes. organization
 * NULL: a new one, called name. sender_address (may be NULL) becomes a contact of the role ROSTER_ROLE_SENDER
 * (or the next free one: sender2 …) where the form names another address: whoever returned the receipt may
 * report. */
#define ROSTER_ROLE_SENDER "sender"
RosterUpdate *roster_update_from_fields(const RosterMap *map, const Organization *organization,
                                        const char *name, const json_t *fields, const char *sender_address);
