/* From a total to what it is summed from: one page a figure. */
#include "gateway/io/site_totals.h"

#include <string.h>

#include "gateway/core/calendar.h"

/* Every submission of the period that gives the figure, in the roster's order. New reference. */
static json_t *sources_of(const Site *site, const Period *period, const char *key) {
    const View *view = site->source->view;
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    json_t *sources = json_array();
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = organizations->pdata[i];
        const Submission *submission =
            view_submission(view, site->obligation->id, period->key, organization->id);
        const json_t *field = submission ? json_object_get(submission->fields, key) : NULL;
        const json_t *value = json_object_get(field, "value");
        const char *origin = json_string_value(json_object_get(field, "source"));
        if (!json_is_number(value))
            continue;
        g_autofree char *link = g_strdup_printf("s%" G_GINT64_FORMAT ".html", submission->id);
        json_array_append_new(sources, json_pack("{s:s, s:O, s:s, s:s, s:I}", "name", organization->name,
                                                 "value", value, "link", link, "source", origin ? origin : "",
                                                 "message", (json_int_t)submission->message_id));
    }
    return sources;
}

/* number: its place on the page; a key may hold what no file name does. */
static bool write_total(Site *site, const Period *period, const json_t *total, guint number, json_t *rows,
                        GError **error) {
    g_autofree char *name = g_strdup_printf("t%u.html", number);
    json_t *row = json_copy((json_t *)total), *facts = site_page_facts(site);
    json_object_set_new(row, "link", json_string(name));
    json_object_del(row, "sources");
    json_array_append_new(rows, row);
    g_autofree char *span = calendar_span_text(&period->first, &period->last, site->source->language);
    json_object_update(facts, row);
    json_object_set_new(facts, "span", json_string(span));
    json_object_set_new(facts, "sources",
                        sources_of(site, period, json_string_value(json_object_get(total, "key"))));
    bool good = site_write_page(site, name, "total.html", facts, error);
    json_decref(facts);
    return good;
}

bool site_write_totals(Site *site, const Period *period, const json_t *totals, json_t *rows, GError **error) {
    gsize i;
    json_t *total;
    json_array_foreach(totals, i, total)
        if (!write_total(site, period, total, (guint)i + 1, rows, error))
            return false;
    return true;
}
