/* Which organization a message comes from: roster_identify() of roster.h. */
#include "gateway/core/roster.h"

#include <string.h>

#include "gateway/core/names_private.h"

/* Shorter names ("学生会") occur within others: one that is alike or stands in a signature proves nothing. */
#define FULL_NAME_MIN_CHARACTERS 4

/* --- comparing names
 * ---------------------------------------------------------------------------------------- */

NameRelation roster_compare_names(const char *normal_a, const char *normal_b) {
    enum { NEARLY_MIN_CHARACTERS = 5 }; /* one character in three is another faculty: 文学院, 理学院 */
    glong length_a, length_b;
    g_autofree gunichar *a = g_utf8_to_ucs4_fast(normal_a, -1, &length_a);
    g_autofree gunichar *b = g_utf8_to_ucs4_fast(normal_b, -1, &length_b);
    glong shorter = MIN(length_a, length_b), head = 0, tail = 0;
    while (head < shorter && a[head] == b[head])
        head++;
    while (tail < shorter - head && a[length_a - 1 - tail] == b[length_b - 1 - tail])
        tail++;
    glong rest_a = length_a - head - tail, rest_b = length_b - head - tail;
    if (rest_a == 0 && rest_b == 0)
        return NAMES_EQUAL;
    if (head + tail == 0)
        return length_a == length_b && names_are_turned(a, b, (gsize)length_a) ? NAMES_NEARLY_EQUAL
                                                                               : NAMES_DIFFERENT;
    if (rest_a == 0 || rest_b == 0)
        return NAMES_ONE_LONGER;
    if (rest_a == rest_b && names_are_turned(a + head, b + head, (gsize)rest_a))
        return NAMES_NEARLY_EQUAL;
    return rest_a == 1 && rest_b == 1 && shorter >= NEARLY_MIN_CHARACTERS ? NAMES_NEARLY_EQUAL
                                                                          : NAMES_DIFFERENT;
}

/* --- finding by name
 * ---------------------------------------------------------------------------------------- */

/* Whether an organization is among those that are asked about. */
static bool is_candidate(const GPtrArray *candidates, const Organization *organization) {
    return candidates == NULL || g_ptr_array_find((GPtrArray *)candidates, organization, NULL);
}

/* The one organization that a written name comes closest to, or NULL: none, or several. candidates: only
 * these; NULL: all. */
static const Organization *find_alike(const View *view, const NameForm *written, const GPtrArray *candidates,
                                      NameCloseness *ret_closeness) {
    const NameVocabulary *vocabulary;
    const GPtrArray *entries = view_names(view, &vocabulary);
    const Organization *best = NULL;
    NameCloseness closest = NAME_FOREIGN;
    bool several = false;
    for (guint i = 0; i < entries->len; i++) {
        const NameEntry *entry = g_ptr_array_index(entries, i);
        if (!is_candidate(candidates, entry->organization))
            continue;
        NameCloseness closeness = name_closeness(vocabulary, written, entry->form);
        if (closeness > closest || closeness >= NAME_FOREIGN)
            continue;
        several = closeness == closest && (several || (best != NULL && best != entry->organization));
        best = entry->organization;
        closest = closeness;
    }
    *ret_closeness = closest;
    return several ? NULL : best;
}

/* How a written name stands to an organization's own names. */
static NameCloseness closeness_to(const View *view, const NameForm *written,
                                  const Organization *organization) {
    const NameVocabulary *vocabulary;
    const GPtrArray *entries = view_names(view, &vocabulary);
    NameCloseness closest = NAME_OTHER;
    for (guint i = 0; i < entries->len; i++) {
        const NameEntry *entry = g_ptr_array_index(entries, i);
        if (entry->organization == organization)
            closest = MIN(closest, name_closeness(vocabulary, written, entry->form));
    }
    return closest;
}

/* The one organization whose full name stands in a text, or NULL. ret_several: several do, and none of the
 * names holds the others. */
static const Organization *find_in_text(const View *view, const char *text, const GPtrArray *candidates,
                                        bool *ret_several) {
    *ret_several = false;
    if (text == NULL || *text == '\0')
        return NULL;
    const NameVocabulary *vocabulary;
    const GPtrArray *entries = view_names(view, &vocabulary);
    g_autoptr(NameText) searched = name_text_new(text);
    const NameEntry *found = NULL;
    for (guint i = 0; i < entries->len; i++) {
        const NameEntry *entry = g_ptr_array_index(entries, i);
        if (!is_candidate(candidates, entry->organization) ||
            g_utf8_strlen(entry->normal, -1) < FULL_NAME_MIN_CHARACTERS ||
            !name_text_holds(vocabulary, searched, entry->normal))
            continue;
        /* 护理学院学生会 says more than 学生会 within it */
        if (found == NULL || strstr(entry->normal, found->normal) != NULL) {
            found = entry;
            *ret_several = false;
        } else if (found->organization != entry->organization &&
                   strstr(found->normal, entry->normal) == NULL) {
            *ret_several = true;
        }
    }
    return found != NULL && !*ret_several ? found->organization : NULL;
}

/* Where a name stands beside the form. */
typedef struct {
    const Organization *found;
    const char *zh, *en;
} Mention;

/* The one organization that signature, subject, file names, text or display name speak of; found NULL: none,
 * or they disagree. */
static Mention find_mention(const View *view, const RosterClues *clues, const GPtrArray *candidates) {
    const struct {
        const char *text, *zh, *en;
    } places[] = {
        {clues->signature, "邮件签名中写有", "the signature names"},
        {clues->subject, "邮件主题中写有", "the subject names"},
        {clues->file_names, "附件名中写有", "the name of the file says"},
        {clues->text, "邮件正文中写有", "the text names"},
        {clues->from_name, "发件人名称中写有", "the sender's display name says"},
    };
    Mention mention = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        bool several;
        const Organization *found = find_in_text(view, places[i].text, candidates, &several);
        if (several || (found != NULL && mention.found != NULL && found != mention.found))
            return (Mention){0};
        if (found != NULL && mention.found == NULL)
            mention = (Mention){found, places[i].zh, places[i].en};
    }
    return mention;
}

/* --- deciding
 * ----------------------------------------------------------------------------------------------- */

static void say(RosterMatch *match, const char *zh, const char *en) {
    roster_match_clear(match);
    match->evidence_zh = g_strdup(zh);
    match->evidence_en = g_strdup(en);
}

static void say_names(RosterMatch *match, const char *zh, const char *en, const char *a, const char *b) {
    roster_match_clear(match);
    match->evidence_zh = g_strdup_printf("%s：%s%s%s", zh, a, b != NULL ? "；" : "", b != NULL ? b : "");
    match->evidence_en = g_strdup_printf("%s: %s%s%s", en, a, b != NULL ? "; " : "", b != NULL ? b : "");
}

/* What the form names is surely another than the one that the address speaks for. */
static bool contradicts(const View *view, const Organization *known, const NameForm *written,
                        const char *normal) {
    NameCloseness other_closeness, own = closeness_to(view, written, known);
    const Organization *alike = find_alike(view, written, NULL, &other_closeness);
    if (alike != NULL && alike != known)
        return own >= other_closeness;
    if (own != NAME_OTHER)
        return false;
    g_autofree char *name = roster_normal_name(known->name);
    return roster_compare_names(normal, name) == NAMES_DIFFERENT;
}

/* A registered address, and what the form says beside it. */
static void decide_known(const View *view, const Organization *known, const char *name, const char *normal,
                         const Organization *named, RosterMatch *match) {
    match->org_id = known->id;
    match->sure = SURE_ADDRESS;
    if (*normal == '\0' || named == known) {
        say_names(match, "发件地址已登记", "the address is registered", known->name, NULL);
        return;
    }
    g_autoptr(NameForm) written = name_form_new(name);
    match->contradiction = named != NULL || contradicts(view, known, written, normal);
    if (match->contradiction) {
        match->org_id = 0;
        match->sure = SURE_UNKNOWN;
        say_names(match, "发件地址登记的组织与表中的组织不同",
                  "the address is registered for one organization, the form names another", known->name,
                  name);
    } else {
        say_names(match, "发件地址已登记，表中名称写法略有不同",
                  "the address is registered, the form writes the name a little differently", known->name,
                  name);
    }
}

/* An address that speaks for several: the name in the form tells which, else another mention of one of them.
 */
static bool decide_shared(const View *view, const RosterClues *clues, const char *normal,
                          RosterMatch *match) {
    g_autoptr(GPtrArray) speaks_for = g_ptr_array_new();
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    for (guint i = 0; i < organizations->len; i++)
        if (roster_has_address(g_ptr_array_index(organizations, i), clues->from))
            g_ptr_array_add(speaks_for, g_ptr_array_index(organizations, i));
    NameCloseness closeness;
    g_autoptr(NameForm) written = name_form_new(clues->name_in_form != NULL ? clues->name_in_form : "");
    const Organization *found = *normal != '\0' ? find_alike(view, written, speaks_for, &closeness)
                                                : find_mention(view, clues, speaks_for).found;
    if (found == NULL)
        return false;
    match->org_id = found->id;
    match->sure = SURE_ADDRESS;
    say_names(match, "发件地址登记了几个组织，写明的是", "the address speaks for several, the mail names",
              found->name, NULL);
    return true;
}

static bool settle(RosterMatch *match, const Organization *found, RosterSure sure, const char *zh,
                   const char *en) {
    if (found == NULL)
        return false;
    match->org_id = found->id;
    match->sure = sure;
    say_names(match, zh, en, found->name, NULL);
    return true;
}

/* An address that nobody registered. */
static void decide_unknown(const View *view, const RosterClues *clues, const char *normal,
                           const Organization *named, RosterMatch *match) {
    if (settle(match, named, SURE_NAME, "发件地址未登记，表中名称与名单一致",
               "the address is not registered, the form names"))
        return;
    if (*normal != '\0') {
        NameCloseness closeness;
        g_autoptr(NameForm) written = name_form_new(clues->name_in_form);
        const Organization *alike = find_alike(view, written, NULL, &closeness);
        if (!settle(match, alike, closeness == NAME_SAME ? SURE_NAME : SURE_LIKELY,
                    "发件地址未登记，表中名称与名单相近",
                    "the address is not registered, the name in the form is like"))
            say_names(match, "名单中没有这个组织，发件地址也未登记",
                      "neither the address nor the name is on the roster", clues->name_in_form, NULL);
        return;
    }
    Mention mention = find_mention(view, clues, NULL);
    if (!settle(match, mention.found, SURE_LIKELY, mention.zh, mention.en))
        say(match, "发件地址未登记，邮件中也没有写明组织",
            "the address is not registered and the message names no organization");
}

void roster_identify(const View *view, const RosterClues *clues, RosterMatch *ret_match) {
    RosterMatch match = {.sure = SURE_UNKNOWN};
    bool several_speak = false;
    g_autofree char *normal = roster_normal_name(clues->name_in_form);
    const Organization *known = clues->from != NULL ? view_address(view, clues->from, &several_speak) : NULL;
    const GPtrArray *candidates = *normal != '\0' ? view_named(view, normal) : NULL;
    const Organization *named =
        candidates != NULL && candidates->len == 1 ? g_ptr_array_index(candidates, 0) : NULL;
    /* of several bodies with one name, the one that the sender speaks for */
    for (guint i = 0; candidates != NULL && i < candidates->len; i++)
        if (roster_has_address(g_ptr_array_index(candidates, i), clues->from))
            known = named = g_ptr_array_index(candidates, i);
    match.named_org_id = named != NULL ? named->id : 0;
    if (known != NULL) {
        decide_known(view, known, clues->name_in_form, normal, named, &match);
    } else if (several_speak && named == NULL && decide_shared(view, clues, normal, &match)) {
        ; /* said */
    } else if ((candidates != NULL && named == NULL) || (several_speak && named == NULL)) {
        match.ambiguous = true;
        say(&match, "有几个组织都符合，无法确定是哪一个", "several organizations fit equally well");
    } else {
        decide_unknown(view, clues, normal, named, &match);
    }
    *ret_match = match;
}
