/* Which organization a message comes from: roster_identify() of roster.h. */
#include "gateway/core/roster.h"

#include <string.h>

/* A name longer than this is not one: only its beginning is compared. */
#define NAME_MAX_CHARACTERS 80
/* A signature or subject beyond this is not looked through. */
#define TEXT_MAX_BYTES 2000
/* Shorter names ("学生会") occur within others: one that is alike or stands in a signature proves nothing. */
#define FULL_NAME_MIN_CHARACTERS 4

/* --- comparing names
 * ---------------------------------------------------------------------------------------- */

static int compare_characters(gconstpointer a, gconstpointer b) {
    gunichar x = *(const gunichar *)a, y = *(const gunichar *)b;
    return x < y ? -1 : x > y;
}

/* The same characters in another order: 学生会护理学院 and 护理学院学生会. */
static bool is_permutation(const gunichar *a, const gunichar *b, glong length) {
    gunichar sorted[2][NAME_MAX_CHARACTERS];
    if (length > NAME_MAX_CHARACTERS)
        return false;
    memcpy(sorted[0], a, (gsize)length * sizeof *a);
    memcpy(sorted[1], b, (gsize)length * sizeof *b);
    qsort(sorted[0], (gsize)length, sizeof **sorted, compare_characters);
    qsort(sorted[1], (gsize)length, sizeof **sorted, compare_characters);
    return memcmp(sorted[0], sorted[1], (gsize)length * sizeof *a) == 0;
}

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
        return length_a == length_b && is_permutation(a, b, length_a) ? NAMES_NEARLY_EQUAL : NAMES_DIFFERENT;
    if (rest_a == 0 || rest_b == 0)
        return NAMES_ONE_LONGER;
    if (rest_a == rest_b && is_permutation(a + head, b + head, rest_a))
        return NAMES_NEARLY_EQUAL;
    return rest_a == 1 && rest_b == 1 && shorter >= NEARLY_MIN_CHARACTERS ? NAMES_NEARLY_EQUAL
                                                                          : NAMES_DIFFERENT;
}

/* Pairs of neighbouring characters of a name, sorted. */
typedef struct {
    guint64 pairs[NAME_MAX_CHARACTERS];
    guint n_pairs;
} Pairs;

static int compare_pairs(gconstpointer a, gconstpointer b) {
    guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;
    return x < y ? -1 : x > y;
}

static void pairs_of(const char *normal, Pairs *ret_pairs) {
    gunichar last = 0;
    ret_pairs->n_pairs = 0;
    for (const char *p = normal; *p != '\0' && ret_pairs->n_pairs < NAME_MAX_CHARACTERS;
         p = g_utf8_next_char(p)) {
        gunichar character = g_utf8_get_char(p);
        if (last != 0)
            ret_pairs->pairs[ret_pairs->n_pairs++] = (guint64)last << 32 | character;
        last = character;
    }
    qsort(ret_pairs->pairs, ret_pairs->n_pairs, sizeof *ret_pairs->pairs, compare_pairs);
}

/* Shared pairs of all pairs, 0 to 1 (Dice). */
static double likeness(const Pairs *a, const Pairs *b) {
    guint shared = 0;
    for (guint i = 0, j = 0; i < a->n_pairs && j < b->n_pairs;) {
        if (a->pairs[i] == b->pairs[j])
            shared++, i++, j++;
        else if (a->pairs[i] < b->pairs[j])
            i++;
        else
            j++;
    }
    return a->n_pairs + b->n_pairs > 0 ? 2.0 * shared / (a->n_pairs + b->n_pairs) : 0;
}

/* --- finding by name
 * ---------------------------------------------------------------------------------------- */

typedef bool (*NameVisit)(const Organization *organization, const char *normal, gpointer data);

static void each_name(const View *view, NameVisit visit, gpointer data) {
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        guint n_aliases = organization->aliases != NULL ? organization->aliases->len : 0;
        for (guint j = 0; j <= n_aliases; j++) {
            const char *name = j == 0 ? organization->name : g_ptr_array_index(organization->aliases, j - 1);
            g_autofree char *normal = roster_normal_name(name);
            if (*normal != '\0' && !visit(organization, normal, data))
                return;
        }
    }
}

typedef struct {
    const char *wanted;
    Pairs pairs;
    const Organization *best;
    double score, next; /* of the best, and of the best of another organization */
    bool is_different;  /* the best one's name holds another part in the same place */
} AlikeSearch;

static bool visit_alike(const Organization *organization, const char *normal, gpointer data) {
    AlikeSearch *search = data;
    Pairs pairs;
    pairs_of(normal, &pairs);
    double score = likeness(&search->pairs, &pairs);
    if (score > search->score) {
        if (search->best != organization)
            search->next = search->score;
        search->best = organization;
        search->score = score;
        search->is_different = roster_compare_names(search->wanted, normal) == NAMES_DIFFERENT;
    } else if (organization != search->best && score > search->next) {
        search->next = score;
    }
    return true;
}

/* The organization whose name is clearly the most alike, or NULL. */
static const Organization *find_alike(const View *view, const char *normal) {
    AlikeSearch search = {.wanted = normal};
    if (g_utf8_strlen(normal, -1) < FULL_NAME_MIN_CHARACTERS)
        return NULL;
    pairs_of(normal, &search.pairs);
    each_name(view, visit_alike, &search);
    if (search.best == NULL || search.is_different || search.score < ROSTER_LIKENESS_MIN ||
        search.score - search.next < ROSTER_LIKENESS_LEAD)
        return NULL;
    return search.best;
}

typedef struct {
    const char *text;
    char *longest;
    const Organization *found;
    bool several;
} TextSearch;

static bool visit_text(const Organization *organization, const char *normal, gpointer data) {
    TextSearch *search = data;
    if (g_utf8_strlen(normal, -1) < FULL_NAME_MIN_CHARACTERS || strstr(search->text, normal) == NULL)
        return true;
    if (search->found == NULL || search->found == organization || strstr(normal, search->longest) != NULL) {
        /* 护理学院学生会 says more than 学生会 within it */
        if (search->found != organization || strlen(normal) > strlen(search->longest)) {
            g_free(search->longest);
            search->longest = g_strdup(normal);
        }
        search->found = organization;
    } else if (strstr(search->longest, normal) == NULL) {
        search->several = true;
    }
    return true;
}

/* The one organization whose full name stands in a text, or NULL. */
static const Organization *find_in_text(const View *view, const char *text) {
    if (text == NULL || *text == '\0')
        return NULL;
    g_autofree char *head = g_utf8_make_valid(text, (gssize)strnlen(text, TEXT_MAX_BYTES));
    g_autofree char *normal = roster_normal_name(head);
    TextSearch search = {.text = normal};
    each_name(view, visit_text, &search);
    g_free(search.longest);
    return search.several ? NULL : search.found;
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

/* A registered address, and what the form says beside it. */
static void decide_known(const View *view, const Organization *known, const char *name, const char *normal,
                         const Organization *named, RosterMatch *match) {
    match->org_id = known->id;
    match->sure = SURE_ADDRESS;
    if (*normal == '\0' || named == known) {
        say_names(match, "发件地址已登记", "the address is registered", known->name, NULL);
        return;
    }
    if (named == NULL) {
        g_autofree char *own = roster_normal_name(known->name);
        const Organization *alike = find_alike(view, normal);
        match->contradiction = (alike != NULL && alike != known) ||
                               (alike == NULL && roster_compare_names(normal, own) == NAMES_DIFFERENT);
    } else {
        match->contradiction = true;
    }
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

/* An address that nobody registered. */
static void decide_unknown(const View *view, const char *name, const char *normal, const Organization *named,
                           const char *signature, const char *subject, RosterMatch *match) {
    const struct {
        const Organization *found;
        RosterSure sure;
        const char *zh, *en;
    } rules[] = {
        {named, SURE_NAME, "发件地址未登记，表中名称与名单一致",
         "the address is not registered, the form names"},
        {*normal != '\0' && named == NULL ? find_alike(view, normal) : NULL, SURE_LIKELY,
         "发件地址未登记，表中名称与名单相近", "the address is not registered, the name in the form is like"},
        {*normal == '\0' ? find_in_text(view, signature) : NULL, SURE_LIKELY, "邮件签名中写有",
         "the signature names"},
        {*normal == '\0' ? find_in_text(view, subject) : NULL, SURE_LIKELY, "邮件主题中写有",
         "the subject names"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        if (rules[i].found != NULL) {
            match->org_id = rules[i].found->id;
            match->sure = rules[i].sure;
            say_names(match, rules[i].zh, rules[i].en, rules[i].found->name, NULL);
            return;
        }
    if (*normal != '\0')
        say_names(match, "名单中没有这个组织，发件地址也未登记",
                  "neither the address nor the name is on the roster", name, NULL);
    else
        say(match, "发件地址未登记，邮件中也没有写明组织",
            "the address is not registered and the message names no organization");
}

void roster_identify(const View *view, const char *from, const char *name_in_form, const char *signature,
                     const char *subject, RosterMatch *ret_match) {
    RosterMatch match = {.sure = SURE_UNKNOWN};
    bool several_speak = false;
    g_autofree char *normal = roster_normal_name(name_in_form);
    const Organization *known = from != NULL ? view_address(view, from, &several_speak) : NULL;
    const GPtrArray *candidates = *normal != '\0' ? view_named(view, normal) : NULL;
    const Organization *named =
        candidates != NULL && candidates->len == 1 ? g_ptr_array_index(candidates, 0) : NULL;
    /* of several bodies with one name, the one that the sender speaks for */
    for (guint i = 0; candidates != NULL && i < candidates->len; i++)
        if (roster_has_address(g_ptr_array_index(candidates, i), from))
            known = named = g_ptr_array_index(candidates, i);
    match.named_org_id = named != NULL ? named->id : 0;
    if (known != NULL) {
        decide_known(view, known, name_in_form, normal, named, &match);
    } else if ((candidates != NULL && named == NULL) || (several_speak && named == NULL)) {
        match.ambiguous = true;
        say(&match, "有几个组织都符合，无法确定是哪一个", "several organizations fit equally well");
    } else {
        decide_unknown(view, name_in_form, normal, named, signature, subject, &match);
    }
    *ret_match = match;
}
