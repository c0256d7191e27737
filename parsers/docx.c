/* A docx: which parts there are, in which order they are read, whether all text that was seen came out, and
 * the documents inside it. */
#include <string.h>

#include "parsers/docx_story.h"
#include "parsers/formats.h"
#include "parsers/limits.h"
#include "parsers/ole_object.h"

/* The main part: its usual name, else what the package says. */
static char *find_main(Package *package) {
    static const char USUAL[] = "word/document.xml";
    if (zip_find(package->zip, USUAL))
        return g_strdup(USUAL);
    g_autoptr(GPtrArray) relations = package_relations(package, "");
    return g_strdup(package_related(relations, "officeDocument"));
}

/* A paragraph or a run has a style: "<w:pStyle ". By its capital letter, which is rare: memmem() looks at
 * every byte of what is most of the document. */
static bool mentions_style(GBytes *bytes) {
    static const char STYLE[] = "Style ";
    gsize length;
    const char *at = g_bytes_get_data(bytes, &length), *end = at + length;
    for (; at < end && (at = memchr(at, *STYLE, (gsize)(end - at))) != NULL; at++)
        if ((gsize)(end - at) >= strlen(STYLE) && memcmp(at, STYLE, strlen(STYLE)) == 0)
            return true;
    return false;
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
    if (document_text_length(document) + context->dropped < context->seen)
        problem_add_reading(problems, PROBLEM_LOSS, name);
}

/* ---- documents inside ---- */

/* A document inside one inside the one that came: nothing real goes deeper. */
#define INSIDE_DEPTH_MAX 2u
/* Of all depths together; the bytes bound the time, since 4 MiB of a docx may be 60 MiB of XML. */
#define INSIDE_MAX       8u
#define INSIDE_BYTES_MAX (8u << 20)

/* What may still be read of documents inside. */
typedef struct {
    guint documents;
    guint64 bytes;
} Budget;

typedef struct {
    guint depth; /* of the document being read */
    Budget *budget;
} Nesting;

static Document *read_nested(GBytes *data, const char *name, GPtrArray *problems, Nesting nesting);

/* A part, where what may still be read allows it and it is not empty. */
static GBytes *take_inside(Package *package, const char *part, Nesting nesting) {
    const ZipEntry *entry = zip_find(package->zip, part);
    ProblemCode code = PROBLEM_CODES; /* none */
    bool is_allowed = entry && nesting.depth < INSIDE_DEPTH_MAX && nesting.budget->documents &&
                      entry->size_bytes <= nesting.budget->bytes;
    g_autoptr(GBytes) bytes = is_allowed ? zip_read(package->zip, entry, nesting.budget->bytes, &code) : NULL;
    if (code != PROBLEM_CODES)
        problem_add_reading(package->problems, code, package->name);
    if (!bytes || !g_bytes_get_size(bytes))
        return NULL;
    nesting.budget->documents--;
    nesting.budget->bytes -= g_bytes_get_size(bytes);
    return g_steal_pointer(&bytes);
}

static Document *read_bytes_inside(Package *package, GBytes *bytes, FileType type, GPtrArray *problems,
                                   Nesting nesting) {
    nesting.depth++;
    if (type == FILE_DOCX)
        return read_nested(bytes, package->name, problems, nesting);
    return formats_is_readable(type) ? formats_read(bytes, type, package->name, problems) : NULL;
}

static FileType type_inside(GBytes *bytes, const char *name) {
    gsize length;
    const void *start = g_bytes_get_data(bytes, &length);
    return sniff_type(start, length, name);
}

static Document *read_inside(Package *package, const char *part, Nesting nesting) {
    g_autoptr(GBytes) bytes = take_inside(package, part, nesting);
    return bytes ? read_bytes_inside(package, bytes, type_inside(bytes, part), package->problems, nesting)
                 : NULL;
}

/* An object of the old kind, of which the document shows a picture or a sign. The file in it is read like one
 * of the new kind, but for a PDF, which would send the whole message to another process. False where
 * something of it was not read. */
static bool read_object(Package *package, const char *part, Nesting nesting, Document **ret_document) {
    g_autoptr(GBytes) object = take_inside(package, part, nesting);
    *ret_document = NULL;
    if (object && ole_object_is_drawing(object))
        return true;
    g_autofree char *name = NULL;
    g_autoptr(GBytes) file = object ? ole_object_file(object, g_bytes_get_size(object), &name) : NULL;
    FileType type = file ? type_inside(file, name) : FILE_UNKNOWN;
    if (!file || type == FILE_PDF)
        return false;
    g_autoptr(GPtrArray) problems = problem_list_new();
    *ret_document = read_bytes_inside(package, file, type, problems, nesting);
    return *ret_document && !problems->len;
}

/* Their tables count on behind those of the document, nested ones (as deep as their reader allowed) too. */
static void adopt_blocks(DocxContext *context, const GPtrArray *blocks, bool is_hidden) {
    for (guint i = 0; i < blocks->len; i++) {
        Block *block = g_ptr_array_index(blocks, i);
        if (is_hidden)
            block->origin = ORIGIN_HIDDEN;
        if (block->kind != BLOCK_GRID)
            continue;
        block->number = block->grid->number = ++context->tables;
        for (guint k = 0; k < block->grid->cells->len; k++) {
            const Cell *cell = g_ptr_array_index(block->grid->cells, k);
            if (cell->nested)
                adopt_blocks(context, cell->nested, is_hidden);
        }
    }
}

/* Moves the blocks of a document behind those of another. */
static void take_document(DocxContext *context, Document *document, Document *inside, bool is_hidden) {
    adopt_blocks(context, inside->blocks, is_hidden);
    for (guint i = 0; i < inside->blocks->len; i++)
        document_take_block(document, g_ptr_array_index(inside->blocks, i));
    g_ptr_array_set_free_func(inside->blocks, NULL);
    g_ptr_array_set_size(inside->blocks, 0);
}

/* Chunks of other documents (w:altChunk) are text like any other; of an embedded one a picture is shown, or a
 * sign, so it is kept, but gives no values. */
static void read_documents_inside(DocxContext *context, const GPtrArray *relations, Document *document,
                                  Nesting nesting) {
    bool has_loss = context->has_foreign && !package_related(relations, "aFChunk"), has_unread = false;
    for (guint i = 0; i < relations->len; i++) {
        const Relation *relation = g_ptr_array_index(relations, i);
        bool is_object = strcmp(relation->type, "oleObject") == 0;
        bool is_embedded = is_object || strcmp(relation->type, "package") == 0;
        if (relation->is_external || (!is_embedded && strcmp(relation->type, "aFChunk") != 0))
            continue;
        g_autoptr(Document) inside = NULL;
        if (is_object)
            has_unread |= !read_object(context->package, relation->target, nesting, &inside);
        else
            inside = read_inside(context->package, relation->target, nesting);
        if (inside)
            take_document(context, document, inside, is_embedded);
        has_loss |= !inside && !is_object;
    }
    if (has_unread)
        problem_add_reading(context->package->problems, PROBLEM_EMBEDDED, context->package->name);
    if (has_loss)
        problem_add_reading(context->package->problems, PROBLEM_LOSS, context->package->name);
}

static Document *read_nested(GBytes *data, const char *name, GPtrArray *problems, Nesting nesting) {
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
    g_autofree char *styles_part = mentions_style(bytes) ? part_beside(relations, "styles") : NULL;
    g_autoptr(DocxStyles) styles = docx_styles_read(package, styles_part);
    g_autofree char *numbering_part = part_beside(relations, "numbering");
    g_autoptr(DocxNumbering) numbering = docx_numbering_read(package, numbering_part);
    g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) volatile_texts = g_ptr_array_new_with_free_func(g_free);
    DocxContext context = {.package = package,
                           .styles = styles,
                           .numbering = numbering,
                           .references = references,
                           .volatile_texts = volatile_texts};
    Document *document = read_stories(&context, bytes, relations);
    for (guint i = 0; i < volatile_texts->len; i++)
        document_note_volatile(document, g_ptr_array_index(volatile_texts, i));
    check_completeness(&context, document);
    g_clear_pointer(&bytes, g_bytes_unref); /* the largest part is done with */
    read_documents_inside(&context, relations, document, nesting);
    return document;
}

Document *docx_read(GBytes *data, const char *name, GPtrArray *problems) {
    Budget budget = {INSIDE_MAX, INSIDE_BYTES_MAX};
    return read_nested(data, name, problems, (Nesting){0, &budget});
}
