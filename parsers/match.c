#include "parsers/match.h"

#include <string.h>

#include "parsers/form_words.h"
#include "parsers/label.h"
#include "parsers/limits.h"
#include "parsers/match_private.h"
#include "parsers/utf8.h"

/* ---- labels
 * ---------------------------------------------------------------------------------------------------------
 */

typedef struct {
    const Matcher *m;
    GArray *found;
} Lookup;

static bool look_up(const char *normal, gpointer data) {
    Lookup *lookup = data;
    const GArray *all = form_set_meanings(lookup->m->set, normal);
    for (guint i = 0; all && i < all->len; i++) {
        const LabelMeaning *meaning = &g_array_index(all, LabelMeaning, i);
        if (meaning->form != lookup->m->form_index)
            continue;
        if (!lookup->found)
            lookup->found = g_array_new(FALSE, FALSE, sizeof(LabelMeaning));
        g_array_append_val(lookup->found, *meaning);
    }
    return lookup->found != NULL;
}

GArray *matcher_meanings(Matcher *m, const char *text, gssize length) {
    Lookup lookup = {.m = m};
    label_each_likely_reading(text, length, form_set_letters(m->set), look_up, &lookup);
    return lookup.found;
}

const LabelMeaning *matcher_find(const GArray *meanings, LabelKind kind) {
    for (guint i = 0; meanings && i < meanings->len; i++)
        if (g_array_index(meanings, LabelMeaning, i).kind == kind)
            return &g_array_index(meanings, LabelMeaning, i);
    return NULL;
}

const LabelMeaning *matcher_find_column(const GArray *meanings, guint table, guint *ret_column) {
    for (guint i = 0; meanings && i < meanings->len; i++) {
        const LabelMeaning *meaning = &g_array_index(meanings, LabelMeaning, i);
        if (meaning->kind == LABEL_COLUMN && meaning->index == table) {
            if (ret_column)
                *ret_column = meaning->column;
            return meaning;
        }
    }
    return NULL;
}

const Field *matcher_field_at(const Matcher *m, guint index) {
    return g_ptr_array_index(m->form->fields, index);
}

bool matcher_group_is_near(const Matcher *m, int group) {
    return group >= 0 && ((const FormGroup *)g_ptr_array_index(m->form->groups, (guint)group))->is_near;
}

bool matcher_has_value(const Matcher *m, guint field) {
    for (guint i = 0; i < m->match->candidates->len; i++) {
        const Candidate *candidate = g_ptr_array_index(m->match->candidates, i);
        if (candidate->field == field && candidate->verdict == VALUE_GOOD)
            return true;
    }
    return false;
}

static int group_default(const Matcher *m, guint group) {
    for (guint i = 0; i < m->form->fields->len; i++)
        if (matcher_field_at(m, i)->is_group_default && matcher_field_at(m, i)->group == (int)group)
            return (int)i;
    return -1;
}

int matcher_field(Matcher *m, const GArray *meanings, int group, bool group_inherited, double *ret_sure) {
    int free_field = -1, grouped = -1;
    *ret_sure = 1;
    for (guint i = 0; meanings && i < meanings->len; i++) {
        const LabelMeaning *meaning = &g_array_index(meanings, LabelMeaning, i);
        if (meaning->kind == LABEL_GROUP && free_field < 0)
            free_field = group_default(m, meaning->index);
        if (meaning->kind != LABEL_FIELD)
            continue;
        if (group >= 0 && matcher_field_at(m, meaning->index)->group == group)
            grouped = meaning->index;
        if (!meaning->needs_group &&
            (free_field < 0 || matcher_field_at(m, (guint)free_field)->is_group_default))
            free_field = meaning->index;
    }
    /* "负责人姓名" means one field wherever it stands; "姓名" is what its group says */
    bool grouped_is_named = false;
    for (guint i = 0; meanings && i < meanings->len; i++) {
        const LabelMeaning *meaning = &g_array_index(meanings, LabelMeaning, i);
        grouped_is_named |=
            meaning->kind == LABEL_FIELD && (int)meaning->index == grouped && !meaning->needs_group;
    }
    if (grouped >= 0) {
        *ret_sure = group_inherited && !grouped_is_named ? SURE_INHERITED : 1;
        return grouped;
    }
    return free_field;
}

void matcher_see_column(Matcher *m, guint table, guint column) {
    g_hash_table_add(m->seen_columns, GUINT_TO_POINTER(table << 16 | column));
}

/* ---- places and candidates
 * ------------------------------------------------------------------------------------------ */

char *matcher_source(const Matcher *m, Place place) {
    bool zh = form_set_is_chinese(m->set);
    const char *name = *m->document->name ? m->document->name : zh ? "正文" : "mail text";
    g_autoptr(GString) out = g_string_new(name);
    if (place.grid && place.grid->name && *place.grid->name)
        g_string_append_printf(out, zh ? " 工作表“%s”" : " sheet \"%s\"", place.grid->name);
    else if (place.grid && place.grid->number)
        g_string_append_printf(out, zh ? " 表%u" : " table %u", place.grid->number);
    if (place.grid && m->line_of_row && place.grid->number == 0)
        g_string_append_printf(out, zh ? " 第%u行" : " line %u", m->line_of_row[place.row]);
    else if (place.grid)
        g_string_append_printf(out, zh ? " 第%u行第%u列" : " row %u column %u", place.row + 1,
                               place.column + 1);
    else if (*m->document->name)
        g_string_append_printf(out, zh ? " 第%u段" : " paragraph %u", place.paragraph);
    else
        g_string_append_printf(out, zh ? " 第%u行" : " line %u", place.paragraph);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void candidate_free(Candidate *candidate) {
    json_decref(candidate->value);
    g_free(candidate->raw);
    g_free(candidate->label);
    g_free(candidate->source);
    g_free(candidate);
}

static Candidate *add_candidate(Matcher *m, guint field, const char *raw, Place place, double sure,
                                const char *label) {
    Candidate *candidate = g_new0(Candidate, 1);
    double certainty = 1;
    candidate->field = field;
    candidate->raw = value_trim(raw);
    candidate->label = value_trim(label);
    candidate->verdict =
        value_parse(matcher_field_at(m, field), raw, m->context, &candidate->value, &certainty);
    candidate->confidence = sure * certainty;
    candidate->source = matcher_source(m, place);
    g_ptr_array_add(m->match->candidates, candidate);
    return candidate;
}

/* "李明 13800001234 li@example.com" where a name belongs: the name, the phone for the same group's phone, and
 * the address. */
static bool split_person(Matcher *m, guint field, const char *raw, Place place, double sure,
                         const char *label) {
    const char *digit = raw;
    while (*digit && !g_ascii_isdigit(*digit) && *digit != '+')
        digit = g_utf8_next_char(digit);
    const Field *person = matcher_field_at(m, field);
    if (!*digit || digit == raw || person->group < 0)
        return false;
    Field phone_type = {.type = TYPE_PHONE};
    if (value_parse(&phone_type, digit, m->context, NULL, NULL) != VALUE_GOOD)
        return false;
    const char *end = digit;
    while (end > raw && !g_unichar_isalpha(utf8_char(g_utf8_prev_char(end))))
        end = g_utf8_prev_char(end);
    for (const char *p = raw; p < end;
         p = g_utf8_next_char(p)) { /* "王老师（副教授，138…）": the name alone */
        gunichar c = utf8_char(p);
        if (c == '(' || c == 0xFF08 || c == '/' || c == ',' || c == 0xFF0C || c == 0x3001 || c == ';' ||
            c == 0xFF1B || c == '\n')
            end = p;
    }
    g_autofree char *name = g_strndup(raw, (gsize)(end - raw));
    add_candidate(m, field, name, place, sure * SURE_SPLIT, label);
    for (guint i = 0; i < m->form->fields->len; i++) {
        const Field *other = matcher_field_at(m, i);
        bool is_particular = other->group == person->group &&
                             (other->type == TYPE_PHONE || (other->type == TYPE_EMAIL && strchr(digit, '@')));
        if (is_particular)
            add_candidate(m, i, digit, place, sure * SURE_SPLIT, label);
    }
    return true;
}

/* "填报人（联系电话）| 张三 138…", "填报人/电话": the person whose phone the label asks for, too; -1 where it
 * asks for none. */
static int named_person(Matcher *m, const Field *phone, const char *label) {
    static const char *const marks[] = {"(", "（", "/", "／", "、", "及", "和", NULL};
    const char *open = NULL;
    for (const char *const *mark = marks; *mark && !open; mark++)
        open = strstr(label, *mark);
    if (!open || open == label || phone->group < 0)
        return -1;
    double sure;
    g_autoptr(GArray) meanings = matcher_meanings(m, label, open - label);
    int field = meanings ? matcher_field(m, meanings, phone->group, true, &sure) : -1;
    bool is_person = field >= 0 && matcher_field_at(m, (guint)field)->type == TYPE_PERSON &&
                     matcher_field_at(m, (guint)field)->group == phone->group;
    return is_person ? field : -1;
}

/* "：张三": the label's colon was typed into the value's place. */
static const char *skip_colon(const char *raw) {
    const char *p = utf8_skip_space(raw);
    return *p == ':' || g_str_has_prefix(p, "：") ? g_utf8_next_char(p) : raw;
}

void matcher_add(Matcher *m, guint field, const char *raw, Place place, double sure, const char *label) {
    raw = skip_colon(raw);
    m->seen_fields[field] = true;
    if (m->match->candidates->len >= LIMIT_TABLE_ROWS)
        return;
    const Field *f = matcher_field_at(m, field);
    int person = f->type == TYPE_PERSON ? (int)field : f->type == TYPE_PHONE ? named_person(m, f, label) : -1;
    if (person >= 0 && split_person(m, (guint)person, raw, place, sure, label))
        return;
    add_candidate(m, field, raw, place, sure, label);
}

static void unlisted_clear(gpointer data) {
    Unlisted *unlisted = data;
    g_free(unlisted->label);
    g_free(unlisted->value);
}

#define UNLISTED_MAX       300 /* unknown labels of one document that are compared with the form's */
#define UNLISTED_MAX_CHARS 24

#define PARTS_MAX 4 /* labels that share a place */

/* text cut at any of marks (NULL-terminated), at most PARTS_MAX + 1 parts, new. */
static char **cut(const char *text, const char *const *marks) {
    GPtrArray *parts = g_ptr_array_new();
    const char *start = text;
    for (const char *p = text; *p && parts->len < PARTS_MAX;) {
        const char *const *mark = marks;
        while (*mark && !g_str_has_prefix(p, *mark))
            mark++;
        if (*mark && p > start)
            g_ptr_array_add(parts, g_strndup(start, (gsize)(p - start)));
        p = *mark ? p + strlen(*mark) : g_utf8_next_char(p);
        if (*mark)
            start = p;
    }
    if (*start)
        g_ptr_array_add(parts, g_strdup(start));
    g_ptr_array_add(parts, NULL);
    return (char **)g_ptr_array_free(parts, FALSE);
}

/* "提问量/回答量 | 35/33", "联络员姓名、电话、邮箱 | 李四 138… li@…": as many values as listed labels, in
 * their order, each of which fits. */
static bool split_values(Matcher *m, const char *label, const char *value, Place place, int group) {
    static const char *const label_marks[] = {"/", "|", "、", "及", "和", "与", "／", NULL};
    static const char *const tight[] = {"/", "|", "／", "；", ";", "，", ",", "、", "\n", NULL};
    static const char *const loose[] = {"/", "|", "／", "；", ";", "，", ",", "、", "\n", " ", "　", NULL};
    g_auto(GStrv) labels = cut(label, label_marks);
    guint n = g_strv_length(labels), fields[PARTS_MAX + 1];
    if (n < 2 || n > PARTS_MAX)
        return false;
    g_auto(GStrv) values = cut(value, tight);
    if (g_strv_length(values) != n) {
        g_strfreev(values);
        values = cut(value, loose);
    }
    if (g_strv_length(values) != n)
        return false;
    for (guint i = 0; i < n; i++) {
        double sure;
        g_autoptr(GArray) meanings = matcher_meanings(m, labels[i], -1);
        int field = meanings ? matcher_field(m, meanings, group, true, &sure) : -1;
        if (field < 0 ||
            value_parse(matcher_field_at(m, (guint)field), values[i], m->context, NULL, NULL) != VALUE_GOOD)
            return false;
        group = matcher_field_at(m, (guint)field)->group; /* 联络员姓名 says whose 电话 it is */
        fields[i] = (guint)field;
    }
    for (guint i = 0; i < n; i++)
        matcher_add(m, fields[i], values[i], place, SURE_SPLIT, labels[i]);
    return true;
}

void matcher_unlisted(Matcher *m, const char *label, const char *value, Place place, int group) {
    if (m->unlisted->len >= UNLISTED_MAX)
        return;
    g_autofree char *plain = value_trim(label);
    if (!*plain || g_utf8_strlen(plain, -1) > UNLISTED_MAX_CHARS || form_words_is_instruction(plain) ||
        split_values(m, plain, value, place, group))
        return;
    Unlisted unlisted = {.label = g_steal_pointer(&plain),
                         .value = value_trim(value),
                         .place = place,
                         .group = group,
                         .before = m->match->candidates->len};
    g_array_append_val(m->unlisted, unlisted);
}

/* ---- a whole document
 * ------------------------------------------------------------------------------------------------ */

static void line_free(gpointer data) {
    g_free(((Line *)data)->text);
    g_free(data);
}

GPtrArray *matcher_lines_new(void) {
    return g_ptr_array_new_with_free_func(line_free);
}

void matcher_add_line(GPtrArray *lines, const char *text, guint block) {
    Line *line = g_new0(Line, 1);
    line->text = g_strdup(text);
    line->block = block;
    g_ptr_array_add(lines, line);
}

static void add_paragraph(GPtrArray *lines, const Block *block) {
    g_auto(GStrv) parts = g_strsplit(block->text, "\n", -1);
    for (guint i = 0; parts[i]; i++)
        matcher_add_line(lines, parts[i], block->number);
}

static void flush_lines(Matcher *m, GPtrArray *lines, bool grid_follows) {
    m->grid_follows = grid_follows;
    if (lines->len)
        match_lines(m, lines);
    g_ptr_array_set_size(lines, 0);
}

/* "附：上期数据" right above a grid, or a sheet named 上期 or 填表说明: nothing of this report stands in it.
 */
static bool is_of_another(const Block *before, const Block *block) {
    const char *name = block->grid->name;
    if (name && *name && (form_words_names_other_period(name) || form_words_is_instruction(name)))
        return true;
    return before && before->kind == BLOCK_PARAGRAPH && form_words_names_other_period(before->text);
}

/* True where some grid is of this report; only then the others are left out. */
static bool has_own_grid(const Matcher *m) {
    const Block *before = NULL;
    for (guint i = 0; i < m->document->blocks->len; i++) {
        const Block *block = g_ptr_array_index(m->document->blocks, i);
        if (block->kind == BLOCK_GRID && block->origin != ORIGIN_HIDDEN && !is_of_another(before, block))
            return true;
        before = block;
    }
    return false;
}

static void match_blocks(Matcher *m) {
    g_autoptr(GPtrArray) lines = matcher_lines_new();
    bool after_grid = false, has_own = has_own_grid(m);
    for (guint i = 0; i < m->document->blocks->len; i++) {
        const Block *block = g_ptr_array_index(m->document->blocks, i);
        if (block->origin == ORIGIN_HIDDEN || block->origin == ORIGIN_NOTE)
            continue;
        if (block->kind == BLOCK_PARAGRAPH) {
            if (after_grid) /* who was named inside a table is not meant below it */
                m->group = -1;
            after_grid = false;
            add_paragraph(lines, block);
            continue;
        }
        flush_lines(m, lines, true);
        after_grid = true;
        const Block *before = i ? g_ptr_array_index(m->document->blocks, i - 1) : NULL;
        if (has_own && is_of_another(before, block))
            continue;
        match_grid(m, block->grid, 0);
    }
    flush_lines(m, lines, false);
    match_record_flush(m);
}

static void collect_tables(Matcher *m) {
    m->match->tables = json_object();
    for (guint t = 0; t < m->form->tables->len; t++) {
        const FormTable *table = g_ptr_array_index(m->form->tables, t);
        json_t *rows = json_array();
        for (guint r = 0; r < m->rows[t]->len; r++)
            json_array_append(rows, g_ptr_array_index(m->rows[t], r));
        m->match->values_found += (guint)json_array_size(rows);
        if (json_array_size(rows))
            json_object_set_new(m->match->tables, table->key, rows);
        else
            json_decref(rows);
    }
}

Match *match_document(const FormSet *set, guint form_index, const Document *document,
                      const ValueContext *context, GHashTable *no_labels) {
    const Form *form = form_set_nth(set, form_index);
    Match *match = g_new0(Match, 1);
    match->form = form;
    match->form_index = form_index;
    match->candidates = g_ptr_array_new_with_free_func((GDestroyNotify)candidate_free);
    match->chosen = g_new0(Candidate *, form->fields->len + 1);
    match->unmatched = g_ptr_array_new_with_free_func(g_free);
    match->problems = problem_list_new();
    Matcher m = {.set = set,
                 .form = form,
                 .form_index = form_index,
                 .document = document,
                 .context = context,
                 .match = match,
                 .no_labels = no_labels,
                 .group = -1,
                 .section = -1,
                 .last_table = -1,
                 .cells_left = LIMIT_CELLS,
                 .figures_left = FIGURES_MAX};
    m.seen_fields = g_new0(bool, form->fields->len + 1);
    m.seen_columns = g_hash_table_new(NULL, NULL);
    m.unlisted = g_array_new(FALSE, FALSE, sizeof(Unlisted));
    g_array_set_clear_func(m.unlisted, unlisted_clear);
    m.last_header = g_array_new(FALSE, FALSE, sizeof(int));
    m.rows = g_new0(GPtrArray *, form->tables->len + 1);
    for (guint t = 0; t < form->tables->len; t++)
        m.rows[t] = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    match_blocks(&m);
    for (guint f = 0; f < form->fields->len; f++)
        match->listed_seen += m.seen_fields[f];
    match_guess(&m);
    match_pick(&m);
    collect_tables(&m);
    for (guint f = 0; f < form->fields->len; f++)
        match->labels_seen += m.seen_fields[f];
    match->labels_seen += g_hash_table_size(m.seen_columns);
    match->listed_seen += g_hash_table_size(m.seen_columns);
    for (guint t = 0; t < form->tables->len; t++)
        g_ptr_array_unref(m.rows[t]);
    g_free(m.rows);
    g_free(m.seen_fields);
    g_hash_table_unref(m.seen_columns);
    g_array_unref(m.unlisted);
    g_array_unref(m.last_header);
    return match;
}

void match_free(Match *match) {
    if (!match)
        return;
    g_ptr_array_unref(match->candidates);
    g_free(match->chosen);
    json_decref(match->tables);
    g_ptr_array_unref(match->unmatched);
    g_ptr_array_unref(match->problems);
    g_free(match);
}
