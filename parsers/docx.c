/* A docx: which parts there are, in which order they are read, and whether all text that was seen came out.
 */
#include <string.h>

#include "parsers/docx_story.h"
#include "parsers/formats.h"
#include "parsers/limits.h"

/* The main part: its usual name, else what the package says. */
static char *find_main(Package *package) {
    static const char USUAL[] = "word/document.xml";
    if (zip_find(package->zip, USUAL))
        return g_strdup(USUAL);
    g_autoptr(GPtrArray) relations = package_relations(package, "");
    return g_strdup(package_related(relations, "officeDocument"));
}

static bool mentions(GBytes *bytes, const char *needle) {
    gsize length;
    const void *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;
    return data && memmem(data, length, needle, strlen(needle));
}

/* A part beside the main one: word/styles.xml, or as the relations say. */
static char *part_beside(const GPtrArray *relations, const char *type) {
    return g_strdup(package_related(relations, type));
}

static void read_references(DocxContext *context, const GPtrArray *relations, const char *type,
                            BlockOrigin origin, GPtrArray *blocks) {
    g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
    guint n_references = context->references->len; /* stories read here add none of their own */
    for (guint i = 0; i < n_references; i++) {
        const Relation *relation =
            package_relation_by_id(relations, g_ptr_array_index(context->references, i));
        if (!relation || strcmp(relation->type, type) != 0 || !g_hash_table_add(done, relation->target))
            continue;
        docx_story_read(context, relation->target, origin, blocks);
    }
}

/* Text that stands beside the story, or is drawn into it. */
static void read_others(DocxContext *context, const GPtrArray *relations, GPtrArray *blocks) {
    static const struct {
        const char *type;
        BlockOrigin origin;
        bool is_note;
    } OTHERS[] = {{"footnotes", ORIGIN_NOTE, true},
                  {"endnotes", ORIGIN_NOTE, true},
                  {"comments", ORIGIN_NOTE, false},
                  {"diagramData", ORIGIN_TEXT_BOX, false},
                  {"chart", ORIGIN_HIDDEN, false}}; /* its numbers are no figures of the report */
    for (guint i = 0; i < G_N_ELEMENTS(OTHERS); i++)
        for (guint r = 0; (context->has_notes || !OTHERS[i].is_note) && r < relations->len; r++) {
            const Relation *relation = g_ptr_array_index(relations, r);
            if (!relation->is_external && strcmp(relation->type, OTHERS[i].type) == 0)
                docx_story_read(context, relation->target, OTHERS[i].origin, blocks);
        }
}

static void take_blocks(Document *document, GPtrArray *blocks) {
    for (guint i = 0; i < blocks->len; i++)
        document_take_block(document, g_ptr_array_index(blocks, i));
}

static Document *read_stories(DocxContext *context, GBytes *main_bytes, const GPtrArray *relations) {
    g_autoptr(GPtrArray) headers = g_ptr_array_new(), body = g_ptr_array_new(), rest = g_ptr_array_new();
    docx_story_read_bytes(context, main_bytes, ORIGIN_BODY, body);
    read_references(context, relations, "header", ORIGIN_HEADER, headers);
    read_others(context, relations, rest);
    read_references(context, relations, "footer", ORIGIN_FOOTER, rest);
    Document *document = document_new(context->package->name);
    take_blocks(document, headers);
    take_blocks(document, body);
    take_blocks(document, rest);
    return document;
}

static void check_completeness(const DocxContext *context, const Document *document) {
    GPtrArray *problems = context->package->problems;
    const char *name = context->package->name;
    if (context->is_over_limit)
        problem_add_reading(problems, PROBLEM_LIMIT, name);
    if (context->has_foreign || document_text_length(document) + context->dropped < context->seen)
        problem_add_reading(problems, PROBLEM_LOSS, name);
}

Document *docx_read(GBytes *data, const char *name, GPtrArray *problems) {
    g_autoptr(Package) package = package_open(data, name, problems);
    if (!package)
        return NULL;
    g_autofree char *part = find_main(package);
    g_autoptr(GBytes) bytes = part ? package_part(package, part) : NULL;
    if (!bytes) {
        problem_add_reading(problems, PROBLEM_DAMAGED, name);
        return NULL;
    }
    if (zip_find(package->zip, "word/vbaProject.bin"))
        problem_add_reading(problems, PROBLEM_MACRO, name);
    g_autoptr(GPtrArray) relations = package_relations(package, part);
    g_autofree char *styles_part = mentions(bytes, "Style ") ? part_beside(relations, "styles") : NULL;
    g_autoptr(DocxStyles) styles = docx_styles_read(package, styles_part);
    g_autofree char *numbering_part = part_beside(relations, "numbering");
    g_autoptr(DocxNumbering) numbering = docx_numbering_read(package, numbering_part);
    g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);
    DocxContext context = {
        .package = package, .styles = styles, .numbering = numbering, .references = references};
    Document *document = read_stories(&context, bytes, relations);
    check_completeness(&context, document);
    return document;
}
