#include "parsers/pdf_fields.h"

#include <string.h>

#include "parsers/document.h"
#include "parsers/ticks.h"

/* Fields and notes of one page that are looked at. */
#define FIELDS_MAX 500u
/* Points that a label may reach into its field. */
#define OVERLAP 2.0

static void field_free(gpointer data) {
    g_free(((PdfField *)data)->text);
    g_free(data);
}

static char *tick_text(bool is_ticked) {
    char utf8[6];
    return g_strndup(utf8, (gsize)g_unichar_to_utf8(is_ticked ? TICK_CHECKED : TICK_UNCHECKED, utf8));
}

static char *chosen_items(PopplerFormField *field) {
    GString *text = g_string_new(NULL);
    for (int i = 0; i < poppler_form_field_choice_get_n_items(field); i++) {
        g_autofree char *item = poppler_form_field_choice_is_item_selected(field, i)
                                    ? poppler_form_field_choice_get_item(field, i)
                                    : NULL;
        if (item)
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", item);
    }
    if (!text->len && poppler_form_field_choice_is_editable(field)) {
        g_autofree char *typed = poppler_form_field_choice_get_text(field);
        g_string_append(text, typed ? typed : "");
    }
    return g_string_free(text, FALSE);
}

/* What a field holds, or NULL where it is none to fill in. */
static char *entry_of(PopplerFormField *field, bool *ret_is_tick) {
    switch (poppler_form_field_get_field_type(field)) {
    case POPPLER_FORM_FIELD_TEXT:
        return poppler_form_field_text_is_password(field) ? NULL : poppler_form_field_text_get_text(field);
    case POPPLER_FORM_FIELD_CHOICE:
        return chosen_items(field);
    case POPPLER_FORM_FIELD_BUTTON:
        *ret_is_tick = poppler_form_field_button_get_button_type(field) != POPPLER_FORM_BUTTON_PUSH;
        return *ret_is_tick ? tick_text(poppler_form_field_button_get_state(field)) : NULL;
    default:
        return NULL;
    }
}

/* Places of the visible characters of a page: PopplerRectangle. */
static GArray *places_of_text(PopplerPage *page) {
    GArray *places = g_array_new(FALSE, FALSE, sizeof(PopplerRectangle));
    g_autofree char *text = poppler_page_get_text(page);
    g_autofree PopplerRectangle *boxes = NULL;
    guint n = 0, i = 0;
    if (!text || !poppler_page_get_text_layout(page, &boxes, &n))
        return places;
    for (const char *at = text; *at && i < n; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (g_unichar_type(c) == G_UNICODE_FORMAT) /* marks of direction have no box */
            continue;
        if (c > ' ' && !g_unichar_isspace(c))
            g_array_append_val(places, boxes[i]);
        i++;
    }
    return places;
}

/* Whether the page's text shows something inside. */
static bool is_shown(const GArray *places, const PopplerRectangle *box) {
    for (guint i = 0; i < places->len; i++) {
        const PopplerRectangle *at = &g_array_index(places, PopplerRectangle, i);
        double x = (at->x1 + at->x2) / 2, y = (at->y1 + at->y2) / 2;
        if (x > box->x1 && x < box->x2 && y > box->y1 && y < box->y2)
            return true;
    }
    return false;
}

static int compare_places(gconstpointer a, gconstpointer b) {
    const PdfField *one = *(const PdfField *const *)a, *other = *(const PdfField *const *)b;
    double down = one->box.y1 - other->box.y1, height = one->box.y2 - one->box.y1;
    if (ABS(down) < height / 2)
        return one->box.x1 < other->box.x1 ? -1 : one->box.x1 > other->box.x1;
    return down < 0 ? -1 : 1;
}

GPtrArray *pdf_fields_find(PopplerPage *page, double height) {
    GPtrArray *fields = g_ptr_array_new_with_free_func(field_free);
    GList *mappings = poppler_page_get_form_field_mapping(page);
    g_autoptr(GArray) places = mappings ? places_of_text(page) : NULL;
    for (GList *at = mappings; at && fields->len < FIELDS_MAX; at = at->next) {
        const PopplerFormFieldMapping *mapping = at->data;
        bool is_tick = false;
        g_autofree char *text = entry_of(mapping->field, &is_tick);
        PopplerRectangle box = {mapping->area.x1, height - mapping->area.y2, mapping->area.x2,
                                height - mapping->area.y1};
        if (!text || !g_utf8_validate(text, -1, NULL) || !*g_strstrip(text) ||
            (!is_tick && is_shown(places, &box)))
            continue;
        PdfField *field = g_new(PdfField, 1);
        *field = (PdfField){box, g_steal_pointer(&text), is_tick, false};
        g_ptr_array_add(fields, field);
    }
    poppler_page_free_form_field_mapping(mappings);
    g_ptr_array_sort(fields, compare_places);
    return fields;
}

static bool is_on_line(const PdfField *field, const PopplerRectangle *box) {
    double middle = (box->y1 + box->y2) / 2;
    return middle > field->box.y1 && middle < field->box.y2;
}

PdfField *pdf_fields_before(const GPtrArray *fields, const PopplerRectangle *box) {
    for (guint i = 0; i < fields->len; i++) {
        PdfField *field = g_ptr_array_index(fields, i);
        if (!field->is_written && is_on_line(field, box) && field->box.x2 <= box->x1 + OVERLAP)
            return field;
    }
    return NULL;
}

bool pdf_fields_is_tick(const GPtrArray *fields, const PopplerRectangle *box) {
    double middle = (box->x1 + box->x2) / 2;
    for (guint i = 0; i < fields->len; i++) {
        const PdfField *field = g_ptr_array_index(fields, i);
        if (field->is_tick && is_on_line(field, box) && middle > field->box.x1 && middle < field->box.x2)
            return true;
    }
    return false;
}

GPtrArray *pdf_fields_notes(PopplerPage *page) {
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *shown = poppler_page_get_text(page);
    GList *mappings = poppler_page_get_annot_mapping(page);
    for (GList *at = mappings; at && notes->len < FIELDS_MAX; at = at->next) {
        PopplerAnnot *annotation = ((PopplerAnnotMapping *)at->data)->annot;
        PopplerAnnotType type = poppler_annot_get_annot_type(annotation);
        g_autofree char *text =
            type == POPPLER_ANNOT_POPUP || type == POPPLER_ANNOT_WIDGET || type == POPPLER_ANNOT_LINK
                ? NULL
                : poppler_annot_get_contents(annotation);
        if (text && g_utf8_validate(text, -1, NULL) && *g_strstrip(text) && !(shown && strstr(shown, text)))
            g_ptr_array_add(notes, g_steal_pointer(&text));
    }
    poppler_page_free_annot_mapping(mappings);
    return notes;
}
