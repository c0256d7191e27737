#include "parsers/reading_period.h"

#include <string.h>

#include "parsers/period_words.h"

#define TITLE_PARAGRAPHS 4 /* before the first table: title, number, organization, remark */

static void add_said(json_t *said, const char *text, const char *source, const GDate *reference) {
    json_t *hint = text != NULL && *text != '\0' ? period_words_read(text, reference) : NULL;
    if (hint == NULL)
        return;
    json_object_set_new(hint, "source", json_string(source));
    json_array_append_new(said, hint);
}

/* What stands in the form's own place for the period and is no range of days: "第3期". */
static const char *unread_period(const Match *match) {
    for (guint i = 0; i < match->candidates->len; i++) {
        const Candidate *candidate = g_ptr_array_index(match->candidates, i);
        if ((int)candidate->field == match->form->period_field && candidate->verdict == VALUE_BAD)
            return candidate->raw;
    }
    return NULL;
}

/* The document's title: its first lines, or a first row of one cell. */
static void add_title(json_t *said, const Document *document, const GDate *reference) {
    guint seen = 0;
    for (guint i = 0; i < document->blocks->len && seen < TITLE_PARAGRAPHS; i++) {
        const Block *block = g_ptr_array_index(document->blocks, i);
        if (block->kind == BLOCK_GRID) {
            const Cell *first = block->grid->cells->len > 0 ? g_ptr_array_index(block->grid->cells, 0) : NULL;
            if (first != NULL && first->row == 0 && first->column == 0)
                add_said(said, first->text, "title", reference);
            return;
        }
        seen += *block->text != '\0';
        add_said(said, block->text, "title", reference);
    }
}

/* A day that stands somewhere in a title or a file's name is mostly that of writing. */
static void drop_days(json_t *said) {
    for (gsize i = json_array_size(said); i-- > 0;) {
        const json_t *hint = json_array_get(said, i);
        const char *source = json_string_value(json_object_get(hint, "source"));
        if (json_object_get(hint, "day") != NULL && !json_is_true(json_object_get(hint, "named")) &&
            (strcmp(source, "title") == 0 || strcmp(source, "file") == 0))
            json_array_remove(said, i);
    }
}

void reading_period_add(json_t *out, const Source *source, const char *subject, const ValueContext *context) {
    const GDate *reference = g_date_valid(&context->reference) ? &context->reference : NULL;
    json_t *said = json_array();
    bool in_form = json_object_get(out, "period") != NULL;
    if (!in_form)
        add_said(said, unread_period(source->match), "form", reference);
    add_said(said, subject, "subject", reference);
    if (source->part != NULL)
        add_title(said, source->document, reference);
    add_said(said, source->part != NULL ? source->part->name : NULL, "file", reference);
    drop_days(said);
    if (in_form)
        json_object_set_new(out, "period_source", json_string("form"));
    gsize i;
    json_t *hint;
    json_array_foreach(said, i, hint) {
        const char *place = json_string_value(json_object_get(hint, "source"));
        if (in_form || strcmp(place, "subject") != 0 || json_object_get(hint, "start") == NULL ||
            json_object_get(hint, "words") != NULL)
            continue;
        json_object_set_new(out, "period",
                            json_pack("{s:O, s:O}", "start", json_object_get(hint, "start"), "end",
                                      json_object_get(hint, "end")));
        json_object_set_new(out, "period_source", json_string("subject"));
    }
    if (json_array_size(said) > 0)
        json_object_set(out, "period_said", said);
    json_decref(said);
}
