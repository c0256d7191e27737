/* A workbook: which sheets there are, in which order they are read, and what could not be. */
#include <string.h>

#include "parsers/formats.h"
#include "parsers/xlsx_drawing.h"
#include "parsers/xlsx_sheet.h"

static char *find_main(Package *package) {
    static const char USUAL[] = "xl/workbook.xml";
    if (zip_find(package->zip, USUAL))
        return g_strdup(USUAL);
    g_autoptr(GPtrArray) relations = package_relations(package, "");
    return g_strdup(package_related(relations, "officeDocument"));
}

static void read_sheets(XlsxContext *context, const GPtrArray *relations) {
    for (guint i = 0; i < context->book->sheets->len && !context->is_over_limit; i++) {
        const XlsxSheet *sheet = g_ptr_array_index(context->book->sheets, i);
        const Relation *relation = package_relation_by_id(relations, sheet->relation_id);
        if (!relation || relation->is_external) {
            context->has_loss = true;
            continue;
        }
        bool has_cells = strcmp(relation->type, "worksheet") == 0;
        if (has_cells)
            xlsx_sheet_read(context, sheet, relation->target);
        if (has_cells || strcmp(relation->type, "chartsheet") == 0)
            xlsx_drawing_read(context, relation->target, sheet->is_hidden);
    }
}

Document *xlsx_read(GBytes *data, const char *name, GPtrArray *problems) {
    g_autoptr(Package) package = package_open(data, name, problems);
    if (!package)
        return NULL;
    g_autofree char *part = find_main(package);
    if (!part || !zip_find(package->zip, part) || g_str_has_suffix(part, ".bin")) {
        problem_add_reading(
            problems, part && g_str_has_suffix(part, ".bin") ? PROBLEM_UNSUPPORTED : PROBLEM_DAMAGED, name);
        return NULL;
    }
    if (zip_find(package->zip, "xl/vbaProject.bin"))
        problem_add_reading(problems, PROBLEM_MACRO, name);
    g_autoptr(GPtrArray) relations = package_relations(package, part);
    g_autoptr(XlsxBook) book = xlsx_book_read(package, part, relations);
    Document *document = document_new(name);
    XlsxContext context = {.package = package, .book = book, .document = document};
    read_sheets(&context, relations);
    if (context.is_over_limit)
        problem_add_reading(problems, PROBLEM_LIMIT, name);
    if (context.has_unread)
        problem_add_reading(problems, PROBLEM_EMBEDDED, name);
    if (context.has_loss)
        problem_add_reading(problems, PROBLEM_LOSS, name);
    return document;
}
