#include "gateway/core/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/cluster_order.h"

/* A character alone tells less than a pair: measured on sentences with hard negatives. */
#define WEIGHT_CHARACTER 0.7
#define WEIGHT_PAIR      1.0
/* Postings looked at for one question, the most telling first: beyond it a feature tells next to nothing. */
#define POSTINGS_MAX 4000
/* Of the candidates, so many are compared in full. */
#define COMPARED_MAX 32
/* The same characters (almost all), but fewer of the pairs: the order differs. */
#define SWAPPED_CHARACTERS 0.97
#define SWAPPED_PAIRS      0.95

#define CODE_POINTS 0x110000

typedef struct {
    guint32 from, to; /* into features */
    guint32 first;    /* the first question of this text */
    guint32 length;   /* in characters */
    gunichar *characters;
    double norm, norm_characters;
    char *numbers; /* "2016 3.5", or NULL */
} Text;

typedef struct {
    guint32 id;
    bool is_pair;
} Feature;

struct ClusterIndex {
    guint n_questions;
    guint32 *text_of;   /* of a question; G_MAXUINT32: empty */
    guint32 *same_next; /* the next question of the same text, or G_MAXUINT32 */
    GArray *texts;      /* Text */
    GArray *features;   /* Feature, ascending by id within a text */
    GHashTable *ids;    /* packed feature → id + 1 */
    guint n_ids;
    double *weights;    /* of a feature */
    guint32 *post_from; /* n_ids + 1 */
    guint32 *postings;  /* texts that have it */
    /* private scratch of a look-up, all zero between two */
    float *scores;
};

/* --- normal form
 * ------------------------------------------------------------------------------------------------ */

static bool is_negation(gunichar c) {
    return c == 0x4e0d /* 不 */ || c == 0x6ca1 /* 没 */ || c == 0x522b /* 别 */ || c == 0x672a /* 未 */ ||
           c == 0x5426 /* 否 */ || c == 0x975e /* 非 */ || c == 0x65e0 /* 无 */;
}

static bool is_ascii_word(gunichar c) {
    return c < 0x80 && g_ascii_isalnum((gchar)c);
}

/* Appends what stands for a mark between two characters. */
static void append_mark(GString *out, gunichar before, bool is_negated, const GString *marks,
                        gunichar after) {
    gunichar mark = g_utf8_get_char(marks->str);
    bool in_number =
        before < 0x80 && g_ascii_isdigit((gchar)before) && after < 0x80 && g_ascii_isdigit((gchar)after);
    if (in_number && marks->len == 1 && !g_unichar_isspace(mark))
        g_string_append_unichar(out, mark);
    else if (is_ascii_word(before) && is_ascii_word(after))
        g_string_append_c(out, ' ');
    else if (is_negated && !g_unichar_isspace(mark))
        g_string_append_c(out, ',');
}

static char *strip_openings(char *text) {
    static const char *const openings[] = {"请问一下", "想问一下", "咨询一下", "请问",   "您好", "你好",
                                           "老师好",   "各位老师", "我想问",   "想咨询", NULL};
    char *rest = text;
    for (bool again = true; again;) {
        again = false;
        for (guint i = 0; openings[i] != NULL && !again; i++)
            if (g_str_has_prefix(rest, openings[i]) && rest[strlen(openings[i])] != '\0') {
                rest += strlen(openings[i]);
                again = true;
            }
    }
    return rest;
}

char *cluster_normal_form(const char *question) {
    g_autofree char *valid = g_utf8_make_valid(question, -1);
    g_autofree char *wide = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *folded = g_utf8_casefold(wide != NULL ? wide : "", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GString) marks = g_string_new(NULL);
    gunichar before = 0;
    bool is_negated = false; /* what was read last: 不, 没有 */
    guint count = 0;
    for (const char *p = folded; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (!g_unichar_isalnum(c) && !g_unichar_ismark(c) && c != '+' && c != '#' && c != '%') {
            g_string_append_unichar(marks, c);
            continue;
        }
        if (marks->len > 0 && before != 0)
            append_mark(out, before, is_negated, marks, c);
        g_string_truncate(marks, 0);
        g_string_append_unichar(out, c);
        is_negated = is_negation(c) || (c == 0x6709 /* 有 */ && before == 0x6ca1 /* 没 */);
        before = c;
        count++;
    }
    return g_strdup(count > 0 ? strip_openings(out->str) : "");
}

bool cluster_is_same(const char *question, const char *other) {
    g_autofree char *a = cluster_normal_form(question);
    g_autofree char *b = cluster_normal_form(other);
    return *a != '\0' && strcmp(a, b) == 0;
}

static gint compare_strings(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The numbers of a normal form, sorted: "2016 3". NULL: there are none. */
static char *numbers_of(const char *normal) {
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    for (const char *p = normal; *p != '\0';) {
        gsize length = strspn(p, "0123456789.");
        if (length > 0 && g_ascii_isdigit(*p))
            g_ptr_array_add(found, g_strndup(p, length));
        p += length > 0 ? length : 1;
    }
    if (found->len == 0)
        return NULL;
    g_ptr_array_sort(found, compare_strings);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < found->len; i++)
        g_string_append_printf(out, "%s ", (const char *)g_ptr_array_index(found, i));
    return g_string_free(out, FALSE);
}

/* --- building
 * --------------------------------------------------------------------------------------------------- */

typedef struct {
    ClusterIndex *index;
    GHashTable *seen; /* normal form → text + 1 */
} Builder;

static gint compare_features(gconstpointer a, gconstpointer b) {
    guint32 x = ((const Feature *)a)->id, y = ((const Feature *)b)->id;
    return x < y ? -1 : x > y;
}

/* One number a pair; a character alone is a pair with nothing. */
static gpointer pack(gunichar first, gunichar second) {
    return GSIZE_TO_POINTER((gsize)first * CODE_POINTS + second + 1);
}

static void add_feature(const Builder *builder, gunichar first, gunichar second) {
    gpointer packed = pack(first, second);
    gpointer known = g_hash_table_lookup(builder->index->ids, packed);
    guint id = known != NULL ? GPOINTER_TO_UINT(known) - 1 : builder->index->n_ids++;
    if (known == NULL)
        g_hash_table_insert(builder->index->ids, packed, GUINT_TO_POINTER(id + 1));
    Feature feature = {.id = id, .is_pair = second != 0};
    g_array_append_val(builder->index->features, feature);
}

/* Sorted, each once. */
static void close_text(GArray *features, guint from) {
    Feature *list = (Feature *)(void *)features->data + from;
    guint count = features->len - from, kept = 0;
    if (count == 0)
        return;
    qsort(list, count, sizeof *list, compare_features);
    for (guint i = 1; i < count; i++)
        if (list[i].id != list[kept].id)
            list[++kept] = list[i];
    g_array_set_size(features, from + kept + 1);
}

static guint add_text(const Builder *builder, const char *normal, guint question) {
    ClusterIndex *index = builder->index;
    Text text = {.from = index->features->len, .first = question, .numbers = numbers_of(normal)};
    gunichar before = 0;
    guint count = 0;
    text.characters = g_new(gunichar, MIN(strlen(normal), (gsize)CLUSTER_TEXT_MAX) + 1);
    for (const char *p = normal; *p != '\0' && count < CLUSTER_TEXT_MAX; p = g_utf8_next_char(p), count++) {
        gunichar c = g_utf8_get_char(p);
        text.characters[count] = c;
        add_feature(builder, c, 0);
        if (before != 0)
            add_feature(builder, before, c);
        before = c;
    }
    text.length = count;
    close_text(index->features, text.from);
    text.to = index->features->len;
    g_array_append_val(index->texts, text);
    return index->texts->len - 1;
}

static void add_question(const Builder *builder, const char *question, guint place, guint32 *last_of_text) {
    ClusterIndex *index = builder->index;
    char *normal = cluster_normal_form(question);
    index->same_next[place] = G_MAXUINT32;
    index->text_of[place] = G_MAXUINT32;
    gpointer known = g_hash_table_lookup(builder->seen, normal);
    if (*normal == '\0') {
        g_free(normal);
        return;
    }
    if (known != NULL) {
        guint text = GPOINTER_TO_UINT(known) - 1;
        index->same_next[last_of_text[text]] = place;
        last_of_text[text] = place;
        index->text_of[place] = text;
        g_free(normal);
        return;
    }
    guint text = add_text(builder, normal, place);
    last_of_text[text] = place;
    index->text_of[place] = text;
    g_hash_table_insert(builder->seen, normal, GUINT_TO_POINTER(text + 1));
}

static const Text *text_at(const ClusterIndex *index, guint text) {
    return &g_array_index(index->texts, Text, text);
}

static const Feature *feature_at(const ClusterIndex *index, guint i) {
    return &g_array_index(index->features, Feature, i);
}

/* Postings by counting: one pass to count, one to place. */
static void invert(ClusterIndex *index) {
    guint n_texts = index->texts->len;
    index->post_from = g_new0(guint32, index->n_ids + 2);
    index->postings = g_new(guint32, index->features->len + 1);
    index->weights = g_new0(double, index->n_ids + 1);
    for (guint i = 0; i < index->features->len; i++)
        index->post_from[feature_at(index, i)->id + 2]++;
    for (guint id = 0; id < index->n_ids; id++) {
        index->weights[id] = log((n_texts + 1.0) / index->post_from[id + 2]);
        index->post_from[id + 2] += index->post_from[id + 1];
    }
    for (guint text = 0; text < n_texts; text++)
        for (guint i = text_at(index, text)->from; i < text_at(index, text)->to; i++)
            index->postings[index->post_from[feature_at(index, i)->id + 1]++] = text;
    for (guint text = 0; text < n_texts; text++) {
        Text *t = &g_array_index(index->texts, Text, text);
        for (guint i = t->from; i < t->to; i++) {
            const Feature *feature = feature_at(index, i);
            double weight = index->weights[feature->id] * (feature->is_pair ? WEIGHT_PAIR : WEIGHT_CHARACTER);
            t->norm += weight * weight;
            t->norm_characters += feature->is_pair ? 0 : weight * weight;
        }
    }
}

ClusterIndex *cluster_index_new(const char *const *questions, guint n) {
    ClusterIndex *index = g_new0(ClusterIndex, 1);
    index->n_questions = n;
    index->text_of = g_new(guint32, n + 1);
    index->same_next = g_new(guint32, n + 1);
    index->texts = g_array_new(FALSE, FALSE, sizeof(Text));
    index->features = g_array_new(FALSE, FALSE, sizeof(Feature));
    index->ids = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree guint32 *last_of_text = g_new(guint32, n + 1);
    Builder builder = {.index = index, .seen = seen};
    for (guint i = 0; i < n; i++)
        add_question(&builder, questions[i], i, last_of_text);
    invert(index);
    index->scores = g_new0(float, index->texts->len + 1);
    return index;
}

static void text_clear(Text *text) {
    g_free(text->numbers);
    g_free(text->characters);
}

void cluster_index_free(ClusterIndex *index) {
    if (index == NULL)
        return;
    for (guint i = 0; i < index->texts->len; i++)
        text_clear(&g_array_index(index->texts, Text, i));
    g_array_unref(index->texts);
    g_array_unref(index->features);
    g_hash_table_unref(index->ids);
    g_free(index->text_of);
    g_free(index->same_next);
    g_free(index->weights);
    g_free(index->post_from);
    g_free(index->postings);
    g_free(index->scores);
    g_free(index);
}

/* --- likeness
 * --------------------------------------------------------------------------------------------------- */

/* The shared weight of two texts, of all features and of characters alone. */
static void compare_texts(const ClusterIndex *index, guint a, guint b, double *ret_all,
                          double *ret_characters) {
    const Text *x = text_at(index, a), *y = text_at(index, b);
    double all = 0, characters = 0;
    for (guint i = x->from, j = y->from; i < x->to && j < y->to;) {
        const Feature *f = feature_at(index, i), *g = feature_at(index, j);
        if (f->id == g->id) {
            double weight = index->weights[f->id] * (f->is_pair ? WEIGHT_PAIR : WEIGHT_CHARACTER);
            all += weight * weight;
            characters += f->is_pair ? 0 : weight * weight;
        }
        guint32 id = f->id, other = g->id;
        i += id <= other;
        j += other <= id;
    }
    *ret_all = all;
    *ret_characters = characters;
}

static double ratio(double shared, double a, double b) {
    return a > 0 && b > 0 ? shared / sqrt(a * b) : 0;
}

static double likeness(const ClusterIndex *index, guint a, guint b) {
    double all, characters;
    compare_texts(index, a, b, &all, &characters);
    return ratio(all, text_at(index, a)->norm, text_at(index, b)->norm);
}

/* True where two texts may be proposed as one. */
static bool is_alike(const ClusterIndex *index, guint a, guint b) {
    const Text *x = text_at(index, a), *y = text_at(index, b);
    double all, characters;
    if (g_strcmp0(x->numbers, y->numbers) != 0)
        return false;
    compare_texts(index, a, b, &all, &characters);
    if (ratio(all, x->norm, y->norm) < CLUSTER_PROPOSE)
        return false;
    double of_pairs = ratio(all - characters, x->norm - x->norm_characters, y->norm - y->norm_characters);
    return ratio(characters, x->norm_characters, y->norm_characters) < SWAPPED_CHARACTERS ||
           of_pairs >= SWAPPED_PAIRS;
}

/* --- candidates
 * ------------------------------------------------------------------------------------------------- */

typedef struct {
    guint text;
    double score;
} Candidate;

static gint compare_candidates(gconstpointer a, gconstpointer b) {
    const Candidate *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->text < y->text ? -1 : x->text > y->text;
}

static gint compare_weights(gconstpointer a, gconstpointer b, gpointer data) {
    const ClusterIndex *index = data;
    guint32 x = ((const Feature *)a)->id, y = ((const Feature *)b)->id;
    double u = index->weights[x], v = index->weights[y];
    return u > v ? -1 : u < v ? 1 : x < y ? -1 : x > y;
}

/* Adds a feature's postings to the scores; returns how many were looked at. */
static guint add_postings(const ClusterIndex *index, const Feature *feature, guint budget, GArray *touched) {
    double weight = index->weights[feature->id] * (feature->is_pair ? WEIGHT_PAIR : WEIGHT_CHARACTER);
    guint from = index->post_from[feature->id], to = index->post_from[feature->id + 1];
    guint count = MIN(to - from, budget);
    for (guint i = from; i < from + count; i++) {
        guint32 other = index->postings[i];
        if (index->scores[other] == 0)
            g_array_append_val(touched, other);
        index->scores[other] += (float)(weight * weight);
    }
    return count;
}

/* Keeps the best COMPARED_MAX in order; most of what comes is worse than the last one kept. */
static void keep_best(GArray *best, Candidate candidate) {
    if (best->len == COMPARED_MAX) {
        if (compare_candidates(&candidate, &g_array_index(best, Candidate, COMPARED_MAX - 1)) > 0)
            return;
        g_array_set_size(best, COMPARED_MAX - 1);
    }
    guint place = best->len;
    while (place > 0 && compare_candidates(&candidate, &g_array_index(best, Candidate, place - 1)) < 0)
        place--;
    g_array_insert_val(best, place, candidate);
}

/* The texts that share the most telling features with one, compared in full, best first. */
static GArray *candidates_of(const ClusterIndex *index, guint text) {
    const Text *t = text_at(index, text);
    guint count = t->to - t->from, spent = 0;
    g_autofree Feature *features = g_memdup2(feature_at(index, t->from), count * sizeof(Feature));
    g_autoptr(GArray) touched = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_qsort_with_data(features, (gint)count, sizeof(Feature), compare_weights, (gpointer)index);
    for (guint i = 0; i < count && spent < POSTINGS_MAX; i++)
        spent += add_postings(index, &features[i], POSTINGS_MAX - spent, touched);
    GArray *candidates = g_array_sized_new(FALSE, FALSE, sizeof(Candidate), COMPARED_MAX + 1);
    for (guint i = 0; i < touched->len; i++) {
        guint32 other = g_array_index(touched, guint32, i);
        Candidate candidate = {.text = other,
                               .score = index->scores[other] / sqrt(text_at(index, other)->norm)};
        index->scores[other] = 0;
        if (other != text)
            keep_best(candidates, candidate);
    }
    g_autoptr(ClusterOrder) order = cluster_order_new(t->characters, t->length);
    for (guint i = 0; i < candidates->len; i++) {
        Candidate *candidate = &g_array_index(candidates, Candidate, i);
        const Text *other = text_at(index, candidate->text);
        candidate->score = likeness(index, text, candidate->text) *
                           cluster_order_share(order, other->characters, other->length);
    }
    g_array_sort(candidates, compare_candidates);
    return candidates;
}

static void add_same(const ClusterIndex *index, guint text, guint but, double score, guint n, GArray *out) {
    for (guint32 i = text_at(index, text)->first; i != G_MAXUINT32 && out->len < n; i = index->same_next[i]) {
        ClusterNeighbour neighbour = {.question = i, .likeness = score};
        if (i != but)
            g_array_append_val(out, neighbour);
    }
}

GArray *cluster_neighbours(const ClusterIndex *index, guint question, guint n) {
    GArray *out = g_array_new(FALSE, FALSE, sizeof(ClusterNeighbour));
    guint32 text = index->text_of[question];
    if (text == G_MAXUINT32)
        return out;
    add_same(index, text, question, 1.0, n, out);
    g_autoptr(GArray) candidates = candidates_of(index, text);
    for (guint i = 0; i < candidates->len && out->len < n; i++) {
        const Candidate *candidate = &g_array_index(candidates, Candidate, i);
        add_same(index, candidate->text, question, candidate->score, n, out);
    }
    return out;
}

/* The group's text that a text joins: of an earlier one that begins a group and is alike; itself: none. */
static guint group_of_text(const ClusterIndex *index, guint text, const guint32 *groups) {
    g_autoptr(GArray) candidates = candidates_of(index, text);
    for (guint i = 0; i < candidates->len; i++) {
        const Candidate *candidate = &g_array_index(candidates, Candidate, i);
        if (candidate->text < text && is_alike(index, text, groups[candidate->text]))
            return groups[candidate->text];
    }
    return text;
}

void cluster_groups(const ClusterIndex *index, guint *ret_groups) {
    g_autofree guint32 *groups = g_new(guint32, index->texts->len + 1);
    for (guint text = 0; text < index->texts->len; text++)
        groups[text] = group_of_text(index, text, groups);
    for (guint i = 0; i < index->n_questions; i++)
        ret_groups[i] =
            index->text_of[i] == G_MAXUINT32 ? i : text_at(index, groups[index->text_of[i]])->first;
}

/* --- why
 * -------------------------------------------------------------------------------------------------------- */

typedef struct {
    guint from, length; /* characters of the first text */
    double weight;
} Shared;

/* What every question says. */
static bool is_common(const char *word) {
    static const char *const words[] = {"什么时候", "什么时间", "怎么办", "怎么", "怎样", "如何",   "可以",
                                        "什么",     "多少",     "哪里",   "几点", "需要", "能不能", "有没有",
                                        "是不是",   "请问",     "一下",   "我们", "学校", NULL};
    return g_strv_contains(words, word);
}

static double weight_of(const ClusterIndex *index, gunichar first, gunichar second) {
    gpointer id = g_hash_table_lookup(index->ids, pack(first, second));
    return id != NULL ? index->weights[GPOINTER_TO_UINT(id) - 1] : 0;
}

/* How far both texts say the same from two places on. */
static guint shared_length(const gunichar *x, const gunichar *y) {
    guint length = 0;
    while (x[length] != 0 && x[length] == y[length])
        length++;
    return length;
}

static gint compare_shared(gconstpointer a, gconstpointer b) {
    const Shared *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* The longest runs that both have, each once; in ASCII only whole words. */
static GArray *shared_runs(const ClusterIndex *index, const gunichar *x, const gunichar *y) {
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(Shared));
    for (guint i = 0; x[i] != 0;) {
        Shared best = {.from = i};
        bool within_word = i > 0 && is_ascii_word(x[i - 1]) && is_ascii_word(x[i]);
        for (guint j = 0; y[j] != 0 && !within_word; j++)
            best.length = MAX(best.length, shared_length(x + i, y + j));
        while (best.length > 0 && is_ascii_word(x[i + best.length - 1]) && is_ascii_word(x[i + best.length]))
            best.length--;
        for (guint k = i; k + 1 < i + best.length; k++)
            best.weight += weight_of(index, x[k], x[k + 1]);
        if (best.length >= 2)
            g_array_append_val(runs, best);
        i += best.length >= 2 ? best.length : 1;
    }
    g_array_sort(runs, compare_shared);
    return runs;
}

GStrv cluster_shared_words(const ClusterIndex *index, const char *question, const char *other, guint n) {
    g_autofree char *a = cluster_normal_form(question), *b = cluster_normal_form(other);
    g_autofree gunichar *x = g_utf8_to_ucs4_fast(a, -1, NULL), *y = g_utf8_to_ucs4_fast(b, -1, NULL);
    if (g_utf8_strlen(a, -1) > CLUSTER_TEXT_MAX)
        x[CLUSTER_TEXT_MAX] = 0;
    if (g_utf8_strlen(b, -1) > CLUSTER_TEXT_MAX)
        y[CLUSTER_TEXT_MAX] = 0;
    g_autoptr(GArray) runs = shared_runs(index, x, y);
    GStrvBuilder *words = g_strv_builder_new();
    for (guint i = 0, count = 0; i < runs->len && count < n; i++) {
        const Shared *run = &g_array_index(runs, Shared, i);
        g_autofree char *word = g_ucs4_to_utf8(x + run->from, run->length, NULL, NULL, NULL);
        if (word == NULL || is_common(g_strstrip(word)))
            continue;
        g_strv_builder_add(words, word);
        count++;
    }
    GStrv list = g_strv_builder_end(words);
    g_strv_builder_unref(words);
    return list;
}
