/* fortnight orgs history, labour: who spoke for an organization and when; the table of the division of
 * labour. */
#include <stdio.h>
#include <string.h>

#include "gateway/commands/orgs.h"
#include "gateway/commands/table.h"
#include "gateway/core/labour.h"
#include "gateway/io/document_out_form.h"
#include "gateway/io/document_out_template.h"
#include "gateway/io/workbook.h"
#include "gateway/store/roster.h"

static const char *text_of(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

int orgs_history(Context *context, gint64 org_id) {
    g_autoptr(GError) error = NULL;
    json_t *rows = store_contact_history(context->store, org_id, &error), *row;
    if (!rows)
        return context_fail(g_steal_pointer(&error));
    g_autoptr(Table) table =
        table_new((const char *[]){"role", "name", "address", "phone", "from", "until", "message", NULL});
    gsize i;
    json_array_foreach(rows, i, row) {
        gint64 message_id = json_integer_value(json_object_get(row, "message_id")),
               from_s = json_integer_value(json_object_get(row, "from_s")),
               until_s = json_integer_value(json_object_get(row, "until_s"));
        g_autofree char *from = context_local_text(context, from_s),
                        *until = context_local_text(context, until_s),
                        *message =
                            message_id ? g_strdup_printf("%" G_GINT64_FORMAT, message_id) : g_strdup("-");
        json_object_set_new(row, "from", json_string(from));
        json_object_set_new(row, "until", until_s ? json_string(until) : json_null());
        table_row(table, (const char *[]){text_of(row, "role"), text_of(row, "name"), text_of(row, "address"),
                                          text_of(row, "phone"), from, until_s ? until : "(now)", message});
    }
    if (context->json)
        context_print_json(rows);
    else
        table_print(table);
    json_decref(rows);
    return EXIT_DONE;
}

/* ---- the division of labour
 * ------------------------------------------------------------------------------------------ */

static GBytes *make_document(const Context *context, const char *language, GError **error) {
    g_autofree char *bytes = NULL;
    gsize length;
    g_autofree char *path =
        g_build_filename(context->config->templates_dir, "documents", language, "labour.docx", NULL);
    if (!g_file_get_contents(path, &bytes, &length, error))
        return NULL;
    g_autoptr(GBytes) template = g_bytes_new(bytes, length);
    json_t *facts = labour_facts(context->view, language, context->now_s);
    GBytes *document = document_out_render(template, facts, true, error);
    json_decref(facts);
    g_prefix_error(error, "%s: ", path);
    return document;
}

static GBytes *make_workbook(const Context *context, const char *language, GError **error) {
    json_t *sheets = labour_sheets(context->view, language);
    GBytes *workbook = workbook_render(sheets, text_of(json_array_get(sheets, 0), "title"), context->now_s,
                                       g_get_tmp_dir(), error);
    json_decref(sheets);
    return workbook;
}

int orgs_labour(Context *context, const char *path) {
    g_autoptr(GError) error = NULL;
    const char *language = context->config->programme->language;
    bool is_document = g_str_has_suffix(path, ".docx");
    if (!is_document && !g_str_has_suffix(path, ".xlsx")) {
        fputs("fortnight orgs labour: name a file that ends in .docx or .xlsx\n", stderr);
        return EXIT_USAGE;
    }
    g_autoptr(GBytes) bytes =
        is_document ? make_document(context, language, &error) : make_workbook(context, language, &error);
    /* names and phones of people: readable for the owner alone */
    if (!bytes ||
        !g_file_set_contents_full(path, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes),
                                  G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
        return context_fail(g_steal_pointer(&error));
    printf("%s\n", path);
    return EXIT_DONE;
}
