/* Labels that nobody listed (SPEC 3): likeness to the labels of the fields that are still without one,
 * weighted by how telling each character is, by the type of the value and by the group; taken only where one
 * field is clearly the best. */
#include <string.h>

#include "parsers/form_likeness.h"
#include "parsers/form_words.h"
#include "parsers/label.h"
#include "parsers/match_private.h"

#define GUESS_MIN       0.45 /* likeness below this is chance */
#define GUESS_MARGIN    0.12 /* the best must lead the second by this */
#define TYPED_LIKENESS  0.75 /* what a group and a telling type are worth without a likeness */
#define TYPED_LABEL_MAX 14   /* characters: a longer text is no label of a phone */
#define TAKEN_MARGIN    0.06 /* … and by this one that is found already, under a label that is listed */
#define UNTYPED_COST    0.85 /* any text fits a text field: the type says nothing */
#define RANGE_WORTH     0.1  /* a range of days is rare: it says by itself what it is */
#define RANGE_COST      0.6  /* … least of all where the value is a range of days */
#define ENDING_LIKENESS 0.7  /* what it is worth that a label ends in one that is listed */

typedef struct {
    const Matcher *m;
    const Unlisted *unlisted;
    double *scores; /* per field: the best over all readings */
} Comparison;

static bool compare_reading(const char *normal, gpointer data) {
    const Comparison *comparison = data;
    if (form_words_is_foreign_label(normal))
        return true;
    form_likeness_scores(comparison->m->form->likeness, normal, comparison->unlisted->group,
                         comparison->scores);
    return false;
}

/* The group that a label names by its first word: 负责人 in 负责人手机; else the one that it stands in. */
static int group_of(const Matcher *m, const Unlisted *unlisted) {
    g_autofree char *normal = label_normal_form(unlisted->label, -1);
    for (guint g = 0; g < m->form->groups->len; g++) {
        const FormGroup *group = g_ptr_array_index(m->form->groups, g);
        for (guint i = 0; i < group->labels->len; i++) {
            g_autofree char *name = label_normal_form(g_ptr_array_index(group->labels, i), -1);
            if (g_str_has_prefix(normal, name))
                return (int)g;
        }
    }
    return unlisted->group;
}

/* The field of the label's group that alone takes such a value: a phone or an address says by itself what it
 * is. */
static int field_by_type(Matcher *m, const Unlisted *unlisted) {
    int group = group_of(m, unlisted), found = -1;
    if (group < 0 || g_utf8_strlen(unlisted->label, -1) > TYPED_LABEL_MAX)
        return -1;
    for (guint f = 0; f < m->form->fields->len; f++) {
        const Field *field = g_ptr_array_index(m->form->fields, f);
        if (field->group != group || (field->type != TYPE_PHONE && field->type != TYPE_EMAIL) ||
            matcher_has_value(m, f) ||
            value_parse(field, unlisted->value, m->context, NULL, NULL) != VALUE_GOOD)
            continue;
        if (found >= 0)
            return -1;
        found = (int)f;
    }
    return found;
}

/* "姓名" where nobody is named: a listed label that only its group makes sense of, so likeness says nothing.
 */
static bool lacks_group(Matcher *m, const Unlisted *unlisted) {
    g_autoptr(GArray) meanings = unlisted->group < 0 ? matcher_meanings(m, unlisted->label, -1) : NULL;
    for (guint i = 0; meanings && i < meanings->len; i++) {
        const LabelMeaning *meaning = &g_array_index(meanings, LabelMeaning, i);
        if (meaning->kind == LABEL_FIELD && meaning->needs_group)
            return true;
    }
    return false;
}

/* "上期提问量" is not 提问量, "未及时答复数" not 及时答复数: a word that turns the sense must stand in one of
 * the field's labels, too. */
static bool means_another_thing(const Field *field, const char *normal) {
    const char *word;
    for (guint i = 0; (word = form_words_qualifier(normal, i)); i++) {
        bool shared = false;
        for (guint j = 0; j < field->labels->len; j++)
            shared |= strstr(g_ptr_array_index(field->labels, j), word) != NULL;
        if (!shared)
            return true;
    }
    return false;
}

/* "平台回答量" is not 未回答量: what most labels of a field turn round, a label of it must turn round, too.
 */
static bool lacks_turn(const Field *field, const char *normal) {
    guint turned = 0;
    if (form_words_qualifier(normal, 0) || strstr(normal, "待") || strstr(normal, "剩"))
        return false;
    for (guint j = 0; j < field->labels->len; j++)
        turned += form_words_qualifier(g_ptr_array_index(field->labels, j), 0) != NULL;
    return turned * 2 > field->labels->len;
}

/* 本组织板块: the word that a thing is called by comes last. Only texts: 研究生回答量 is a part of the
 * figure, 指导单位 is not the 单位. */
static bool ends_in_label(const Field *field, const char *normal) {
    if (field->type != TYPE_TEXT || means_another_thing(field, normal))
        return false;
    for (guint j = 0; j < field->labels->len; j++) {
        const char *label = g_ptr_array_index(field->labels, j);
        gsize length = strlen(label), whole = strlen(normal);
        if (g_utf8_strlen(label, -1) >= 2 && !g_ascii_isalpha(*label) && length < whole &&
            strcmp(normal + whole - length, label) == 0)
            return true;
    }
    return false;
}

static bool is_range(const Matcher *m, const char *value) {
    const Field range = {.type = TYPE_DATERANGE};
    return value_parse(&range, value, m->context, NULL, NULL) == VALUE_GOOD;
}

/* What the likeness of a label to a field's is worth with this value; 0 where it is none of the field's. */
static double worth(Matcher *m, const Unlisted *unlisted, const char *normal, const Field *field,
                    double score, bool is_a_range) {
    if (field->group < 0 && ends_in_label(field, normal))
        score = MAX(score, ENDING_LIKENESS);
    if (is_a_range && field->type == TYPE_DATERANGE && score > 0)
        score += RANGE_WORTH;
    if (score < GUESS_MIN || (is_a_range && field->type == TYPE_DATE) ||
        (field->type == TYPE_COUNT && (means_another_thing(field, normal) || lacks_turn(field, normal))) ||
        value_parse(field, unlisted->value, m->context, NULL, NULL) == VALUE_BAD)
        return 0;
    if (field->type == TYPE_TEXT || field->type == TYPE_PERSON || field->type == TYPE_ORG)
        score *= is_a_range ? RANGE_COST : UNTYPED_COST;
    return score;
}

static void guess_one(Matcher *m, const Unlisted *unlisted) {
    guint n = m->form->fields->len, best = n;
    g_autofree double *scores = g_new0(double, n + 1);
    g_autofree char *normal = label_normal_form(unlisted->label, -1);
    Comparison comparison = {.m = m, .unlisted = unlisted, .scores = scores};
    bool foreign =
        lacks_group(m, unlisted) || label_each_reading(unlisted->label, -1, compare_reading, &comparison);
    bool is_a_range = !foreign && is_range(m, unlisted->value);
    double first = 0, second = 0;
    for (guint f = 0; !foreign && f < n; f++) {
        scores[f] = worth(m, unlisted, normal, g_ptr_array_index(m->form->fields, f), scores[f], is_a_range);
        if (scores[f] > first) {
            first = scores[f];
            best = f;
        }
    }
    for (guint f = 0; f < n; f++) {
        double lead = matcher_has_value(m, f) ? GUESS_MARGIN - TAKEN_MARGIN : 0;
        second = f == best ? second : MAX(second, scores[f] - lead);
    }
    if (best < n && (first - second < GUESS_MARGIN ||
                     matcher_has_value(m, best))) /* a second, reworded label is another thing */
        best = n;
    int by_type = best < n || foreign ? -1 : field_by_type(m, unlisted);
    if (by_type >= 0) {
        best = (guint)by_type;
        first = TYPED_LIKENESS;
    }
    if (best < n) {
        guint before = m->match->candidates->len;
        matcher_add(m, best, unlisted->value, unlisted->place, SURE_GUESSED * first, unlisted->label);
        for (guint i = before; i < m->match->candidates->len; i++)
            ((Candidate *)g_ptr_array_index(m->match->candidates, i))->is_guessed = true;
        return;
    }
    if (!form_words_is_absent(unlisted->value))
        g_ptr_array_add(m->match->unmatched, g_strdup(unlisted->label));
}

void match_guess(Matcher *m) {
    if (m->unlisted->len == 0 || m->form->fields->len == 0)
        return;
    for (guint i = 0; i < m->unlisted->len; i++)
        guess_one(m, &g_array_index(m->unlisted, Unlisted, i));
}
