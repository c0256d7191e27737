#include "gateway/core/names.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/name_words.h"
#include "gateway/core/names_private.h"
#include "parsers/label.h"

#define TEXT_BYTES_MAX  2000 /* a signature or subject beyond this is not looked through */
#define SHORT_CORE_MAX  2    /* characters of a faculty's core: with one more or less it is another faculty */
#define MIDDLE_CORE_MAX 4 /* up to here one telling character makes another faculty: 机械工程, 机电工程 */
#define SHORT_BODY_MAX  3  /* characters of a body that one telling character makes another */
#define WORD_MAX        16 /* characters of one of the words that are looked for here */
#define CENTRAL_MIN     3  /* characters that remain where 校 is left out */

static bool is_han(gunichar c) {
    return c >= 0x3400 && c <= 0x9FFF;
}

/* ---- taking a Chinese name apart
 * --------------------------------------------------------------------------------- */

/* Where a word stands in text[from, to), or -1. */
static int find(const gunichar *text, guint from, guint to, const char *word) {
    gunichar wanted[WORD_MAX];
    guint n = 0;
    for (const char *p = word; *p != '\0' && n < WORD_MAX; p = g_utf8_next_char(p))
        wanted[n++] = g_utf8_get_char(p);
    for (guint i = from; i + n <= to; i++)
        if (memcmp(text + i, wanted, n * sizeof *wanted) == 0)
            return (int)i;
    return -1;
}

static bool starts(const NameForm *form, guint at, const char *word) {
    guint n = (guint)g_utf8_strlen(word, -1);
    return at + n <= form->length && find(form->text, at, at + n, word) >= 0;
}

static bool ends(const NameForm *form, const char *word) {
    guint n = (guint)g_utf8_strlen(word, -1);
    return n <= form->length && starts(form, form->length - n, word);
}

static void cut_head(NameForm *form, guint n) {
    memmove(form->text, form->text + n, (form->length - n) * sizeof *form->text);
    form->length -= n;
}

/* 共青团青山大学护理学院委员会 is 护理学院团委. */
static void rewrite_league(NameForm *form) {
    static const char *const heads[] = {"中国共产主义青年团", "共青团"};
    for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
        if (starts(form, 0, heads[i]) && ends(form, "委员会")) {
            cut_head(form, (guint)g_utf8_strlen(heads[i], -1));
            form->length -= 3;
            form->text[form->length++] = 0x56E2; /* 团 */
            form->text[form->length++] = 0x59D4; /* 委 */
            return;
        }
}

/* Where the name of the university ends, 0: it does not stand there. 大学生 is a word of its own, but
 * 大学生命科学学院 is not. */
static guint house_end(const NameForm *form) {
    static const char *const sciences[] = {"生命", "生物", "生态", "生化", "生产"};
    int at = find(form->text, 1, form->length, "大学");
    if (at > 0) {
        guint end = (guint)at + 2;
        bool is_students = starts(form, (guint)at, "大学生"), is_science = false;
        for (gsize i = 0; i < G_N_ELEMENTS(sciences); i++)
            is_science = is_science || starts(form, end, sciences[i]);
        bool behind_unit =
            find(form->text, 0, (guint)at, "院") >= 0 || find(form->text, 0, (guint)at, "系") >= 0;
        return end < form->length && (!is_students || (is_science && !behind_unit)) ? end : 0;
    }
    /* a house that is itself a 学院 is seen by the second one */
    int first = find(form->text, 1, form->length, "学院");
    int second = first > 0 ? find(form->text, (guint)first + 2, form->length, "学院") : -1;
    return second > first + 2 ? (guint)first + 2 : 0;
}

/* The university's own name, or 校, before the rest. */
static void cut_house(NameForm *form) {
    static const char *const central[] = {"我校", "本校", "学校", "校级", "校"};
    guint house = house_end(form);
    cut_head(form, house);
    form->is_central = house > 0;
    for (gsize i = 0; i < G_N_ELEMENTS(central); i++) {
        guint n = (guint)g_utf8_strlen(central[i], -1);
        if (starts(form, 0, central[i]) && form->length >= n + CENTRAL_MIN && !starts(form, 0, "校友")) {
            cut_head(form, n);
            form->is_central = true;
            return;
        }
    }
}

static char *text_of(const NameForm *form, guint from, guint to) {
    return g_ucs4_to_utf8(form->text + from, (glong)(to - from), NULL, NULL, NULL);
}

static void find_parts(NameForm *form) {
    static const char *const units[] = {"学院", "书院", "院", "学系", "系"};
    for (gsize u = 0; u < G_N_ELEMENTS(units) && form->unit_end == 0; u++) {
        int at = -1;
        for (int next = find(form->text, 1, form->length, units[u]); next > 0;
             next = find(form->text, (guint)next + 1, form->length, units[u]))
            at = next;
        if (at > 0) {
            form->core_end = (guint)at;
            form->unit_end = (guint)at + (guint)g_utf8_strlen(units[u], -1);
        }
    }
    g_autofree char *body = text_of(form, form->unit_end, form->length);
    form->body = body != NULL ? name_words_body(body) : -1;
}

NameForm *name_form_new(const char *written) {
    NameForm *form = g_new0(NameForm, 1);
    g_autofree char *valid = g_utf8_make_valid(written, (gssize)strnlen(written, TEXT_BYTES_MAX));
    g_autofree char *normal = label_normal_form(valid, -1);
    for (const char *p = normal; *p != '\0' && form->length < NAME_CHARACTERS_MAX; p = g_utf8_next_char(p)) {
        form->text[form->length] = g_utf8_get_char(p);
        form->is_han = form->is_han || is_han(form->text[form->length]);
        form->length++;
    }
    form->body = -1;
    if (form->is_han) {
        rewrite_league(form);
        cut_house(form);
        find_parts(form);
    } else {
        form->n_words = names_latin_words(valid, form->words, NAME_WORDS_MAX);
    }
    return form;
}

void name_form_free(NameForm *form) {
    if (form == NULL)
        return;
    for (guint i = 0; i < form->n_words; i++)
        g_free(form->words[i]);
    g_free(form);
}

/* ---- what a roster's names are made of
 * --------------------------------------------------------------------------- */

NameVocabulary *name_vocabulary_new(void) {
    NameVocabulary *vocabulary = g_new0(NameVocabulary, 1);
    vocabulary->characters = g_hash_table_new(g_direct_hash, g_direct_equal);
    vocabulary->units = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    vocabulary->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return vocabulary;
}

void name_vocabulary_free(NameVocabulary *vocabulary) {
    if (vocabulary == NULL)
        return;
    g_hash_table_unref(vocabulary->characters);
    g_hash_table_unref(vocabulary->units);
    g_hash_table_unref(vocabulary->words);
    g_free(vocabulary);
}

void name_vocabulary_add(NameVocabulary *vocabulary, const NameForm *form) {
    for (guint i = 0; i < form->core_end; i++)
        g_hash_table_add(vocabulary->characters, GUINT_TO_POINTER(form->text[i]));
    if (form->unit_end > 0)
        g_hash_table_add(vocabulary->units, text_of(form, 0, form->unit_end));
    for (guint i = 0; i < form->n_words; i++)
        g_hash_table_add(vocabulary->words, g_strdup(form->words[i]));
}

static bool is_telling(const NameVocabulary *vocabulary, gunichar c) {
    return name_words_is_telling(c) ||
           (vocabulary != NULL && g_hash_table_contains(vocabulary->characters, GUINT_TO_POINTER(c)));
}

static bool is_known_unit(const NameVocabulary *vocabulary, const NameForm *form) {
    g_autofree char *unit = form->unit_end > 0 ? text_of(form, 0, form->unit_end) : NULL;
    return unit != NULL && vocabulary != NULL && g_hash_table_contains(vocabulary->units, unit);
}

/* ---- abbreviations
 * ------------------------------------------------------------------------------------------------- */

static bool is_equal(const gunichar *a, guint n, const gunichar *b, guint m) {
    return n == m && memcmp(a, b, n * sizeof *a) == 0;
}

/* The short one's characters stand in the long one in their order, the first at its head. */
static bool is_drawn_from(const gunichar *brief, guint n, const gunichar *full, guint m) {
    guint i = 1;
    if (n == 0 || n >= m || brief[0] != full[0])
        return false;
    for (guint j = 1; j < m && i < n; j++)
        i += full[j] == brief[i];
    return i == n;
}

/* What may be left out behind a faculty's first word: 材料(科学与工程)学院, but not 经济(管理)学院. */
static bool is_generic(const gunichar *text, guint n) {
    static const char *const words[] = {"科学", "工程", "技术", "与", "和", "及", "专业"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        guint length = (guint)g_utf8_strlen(words[i], -1);
        if (length <= n && find(text, 0, length, words[i]) == 0)
            return true;
    }
    return false;
}

static bool is_short_unit(const NameForm *brief, const NameForm *full) {
    guint n = brief->core_end, m = full->core_end;
    if (!is_drawn_from(brief->text, n, full->text, m))
        return false;
    bool ends_alike = brief->text[brief->unit_end - 1] == full->text[full->unit_end - 1];
    bool is_brief_word = brief->unit_end - n == 1;
    bool is_head = memcmp(brief->text, full->text, n * sizeof *brief->text) == 0;
    return ends_alike && (!is_head || is_brief_word || is_generic(full->text + n, m - n));
}

typedef enum { PART_EQUAL, PART_SYNONYM, PART_SHORT, PART_DIFFERENT } PartRelation;

static PartRelation compare_units(const NameForm *a, const NameForm *b) {
    if (is_equal(a->text, a->unit_end, b->text, b->unit_end))
        return PART_EQUAL;
    if (a->unit_end == 0 || b->unit_end == 0)
        return PART_DIFFERENT;
    bool same_core = is_equal(a->text, a->core_end, b->text, b->core_end);
    bool is_college = a->text[a->unit_end - 1] == b->text[b->unit_end - 1]; /* 学院, 院; not 系 */
    if (same_core && is_college)
        return PART_SHORT;
    return is_short_unit(a, b) || is_short_unit(b, a) ? PART_SHORT : PART_DIFFERENT;
}

static PartRelation compare_bodies(const NameForm *a, const NameForm *b) {
    const gunichar *x = a->text + a->unit_end, *y = b->text + b->unit_end;
    guint n = a->length - a->unit_end, m = b->length - b->unit_end;
    if (is_equal(x, n, y, m))
        return PART_EQUAL;
    if (a->body >= 0 || b->body >= 0)
        return a->body == b->body ? PART_SYNONYM : PART_DIFFERENT;
    if (n < 2 || m < 2 || x[n - 1] != y[m - 1])
        return PART_DIFFERENT;
    return is_drawn_from(x, n, y, m) || is_drawn_from(y, m, x, n) ? PART_SHORT : PART_DIFFERENT;
}

/* ---- typing errors
 * ------------------------------------------------------------------------------------------------ */

static int compare_characters(gconstpointer a, gconstpointer b) {
    gunichar x = *(const gunichar *)a, y = *(const gunichar *)b;
    return x < y ? -1 : x > y;
}

bool names_are_turned(const gunichar *a, const gunichar *b, gsize length) {
    gunichar sorted[2][NAME_CHARACTERS_MAX];
    if (length > NAME_CHARACTERS_MAX)
        return false;
    memcpy(sorted[0], a, length * sizeof *a);
    memcpy(sorted[1], b, length * sizeof *b);
    qsort(sorted[0], length, sizeof **sorted, compare_characters);
    qsort(sorted[1], length, sizeof **sorted, compare_characters);
    return memcmp(sorted[0], sorted[1], length * sizeof *a) == 0;
}

/* 学生会护理学院 and 护理学院学生会 */
static bool is_turned(const NameForm *a, const NameForm *b) {
    return a->length == b->length && names_are_turned(a->text, b->text, a->length);
}

/* One character was put in (is_more) or left out at a place of the known name. */
static bool may_miss(const NameVocabulary *vocabulary, const NameForm *known, guint place, gunichar c,
                     gunichar neighbour, bool is_more) {
    bool is_doubled = c == neighbour;
    if (is_doubled)
        return true;
    if (place > known->core_end || known->unit_end == 0)
        return !is_more || !is_telling(vocabulary, c);
    if (place == known->core_end)
        return !is_more || (known->core_end > SHORT_CORE_MAX && !is_telling(vocabulary, c));
    return known->core_end > SHORT_CORE_MAX && place > 0 && !(is_more && is_telling(vocabulary, c));
}

/* One character stands for another at a place of the known name. */
static bool may_replace(const NameVocabulary *vocabulary, const NameForm *known, guint place, gunichar c,
                        gunichar instead) {
    if (place < known->core_end)
        return known->core_end > MIDDLE_CORE_MAX
                   ? !name_words_is_telling(c) || !name_words_is_telling(instead)
                   : !is_telling(vocabulary, c);
    if (place < known->unit_end)
        return c != 0x7CFB; /* 系 */
    return known->length - known->unit_end > SHORT_BODY_MAX || !is_telling(vocabulary, c);
}

/* Exactly one error, of a kind that makes no other body. */
static bool is_slip(const NameVocabulary *vocabulary, const NameForm *written, const NameForm *known) {
    const gunichar *a = written->text, *b = known->text;
    guint n = written->length, m = known->length, shorter = MIN(n, m), head = 0, tail = 0;
    if (n + 1 < m || m + 1 < n || shorter < 4)
        return false;
    if (written->body >= 0 && known->body >= 0 && written->body != known->body)
        return false;
    while (head < shorter && a[head] == b[head])
        head++;
    while (tail < shorter - head && a[n - 1 - tail] == b[m - 1 - tail])
        tail++;
    guint rest_a = n - head - tail, rest_b = m - head - tail;
    if (rest_a == 2 && rest_b == 2)
        return a[head] == b[head + 1] && a[head + 1] == b[head];
    /* a faculty that stands on the roster was meant */
    if (head < known->core_end && is_known_unit(vocabulary, written))
        return false;
    if (rest_a == 1 && rest_b == 1)
        return may_replace(vocabulary, known, head, a[head], b[head]);
    if (rest_a == 1 && rest_b == 0)
        return may_miss(vocabulary, known, head, a[head], head > 0 ? a[head - 1] : 0, true);
    if (rest_a == 0 && rest_b == 1)
        return may_miss(vocabulary, known, head, b[head], 0, false);
    return false;
}

/* 护理学院学生会宣传部: a department behind the whole name. */
static bool is_part(const NameForm *written, const NameForm *known) {
    static const char *const parts[] = {"部", "办公室", "主席团", "秘书处", "组", "队", "处"};
    if (written->length <= known->length + 1 || known->length < 4 || written->body >= 0 ||
        memcmp(written->text, known->text, known->length * sizeof *known->text) != 0)
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (ends(written, parts[i]))
            return true;
    return false;
}

NameCloseness name_closeness(const NameVocabulary *vocabulary, const NameForm *written,
                             const NameForm *known) {
    if (written->is_han != known->is_han)
        return NAME_FOREIGN;
    if (!written->is_han)
        return names_latin_closeness(vocabulary, written, known);
    /* 学生会 alone may be anybody's; with 校 or the university before it, it is the central one */
    if (known->is_central && known->unit_end == 0 && written->unit_end == 0 && !written->is_central)
        return NAME_OTHER;
    PartRelation unit = compare_units(written, known), body = compare_bodies(written, known);
    if (unit == PART_EQUAL && body == PART_EQUAL)
        return NAME_SAME;
    bool has_body = written->unit_end < written->length && known->unit_end < known->length;
    if (has_body && unit != PART_DIFFERENT && body != PART_DIFFERENT)
        return unit == PART_EQUAL && body == PART_SYNONYM ? NAME_SYNONYM : NAME_SHORT;
    if (is_slip(vocabulary, written, known) || is_turned(written, known))
        return NAME_SLIP;
    return is_part(written, known) ? NAME_PART : NAME_OTHER;
}

/* ---- names within texts
 * --------------------------------------------------------------------------------------------- */

/* The normal form, and before which of its bytes a word begins. */
struct NameText {
    GString *normal;
    GByteArray *begins;
};

NameText *name_text_new(const char *text) {
    NameText *out = g_new0(NameText, 1);
    out->normal = g_string_new(NULL);
    out->begins = g_byte_array_new();
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, TEXT_BYTES_MAX));
    bool begins = true;
    for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        gsize before = out->normal->len;
        label_append_normal(out->normal, p, g_utf8_next_char(p) - p);
        for (gsize i = before; i < out->normal->len; i++) {
            guint8 mark = begins && i == before;
            g_byte_array_append(out->begins, &mark, 1);
        }
        bool is_inside_word = out->normal->len > before || *p == '\'' || g_utf8_get_char(p) == 0x2019;
        begins = !is_inside_word;
    }
    return out;
}

void name_text_free(NameText *text) {
    if (text == NULL)
        return;
    g_string_free(text->normal, TRUE);
    g_byte_array_unref(text->begins);
    g_free(text);
}

/* The word that ends before a byte of the text is one that names of the roster hold: it belongs to another
 * name. */
static bool follows_known_word(const NameVocabulary *vocabulary, const NameText *text, gsize at) {
    gsize from = at;
    while (from > 0 && !text->begins->data[--from])
        ;
    char *words[1];
    g_autofree char *before = g_strndup(text->normal->str + from, at - from);
    if (vocabulary == NULL || names_latin_words(before, words, 1) == 0)
        return false;
    bool is_known = g_hash_table_contains(vocabulary->words, words[0]);
    g_free(words[0]);
    return is_known;
}

static bool is_whole(const NameVocabulary *vocabulary, const NameText *text, gsize at, gsize end) {
    static const char *const bodies[] = {"学生会", "团委", "青年志愿者", "研究生会", "社团联合会", "党支部"};
    const char *start = text->normal->str, *before = at > 0 ? g_utf8_prev_char(start + at) : NULL;
    bool is_word = g_ascii_isalnum(start[at]);
    if (is_word)
        return text->begins->data[at] &&
               (end >= text->normal->len || text->begins->data[end] || !g_ascii_isalnum(start[end])) &&
               !(at > 0 && follows_known_word(vocabulary, text, at));
    bool follows_house =
        at >= strlen("大学") && strncmp(start + at - strlen("大学"), "大学", strlen("大学")) == 0;
    if (before != NULL && !text->begins->data[at] && !follows_house &&
        is_telling(vocabulary, g_utf8_get_char(before)))
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++)
        if (g_str_has_prefix(start + end, bodies[i]) && !text->begins->data[end])
            return false;
    return true;
}

bool name_text_holds(const NameVocabulary *vocabulary, const NameText *text, const char *normal) {
    gsize length = strlen(normal);
    for (const char *p = text->normal->str; length > 0 && (p = strstr(p, normal)) != NULL; p += length) {
        gsize at = (gsize)(p - text->normal->str);
        if (is_whole(vocabulary, text, at, at + length))
            return true;
    }
    return false;
}
