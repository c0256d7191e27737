#include "parsers/package.h"

#include <string.h>

#include "parsers/limits.h"

/* More relations than entries make no sense. */
#define RELATIONS_MAX LIMIT_ARCHIVE_ENTRIES

Package *package_open(GBytes *data, const char *name, GPtrArray *problems) {
    ProblemCode code;
    ZipFile *zip = zip_open(data, &code);
    if (!zip) {
        problem_add_reading(problems, code, name);
        return NULL;
    }
    Package *package = g_new0(Package, 1);
    package->zip = zip;
    package->name = name;
    package->problems = problems;
    return package;
}

void package_free(Package *package) {
    if (!package)
        return;
    zip_free(package->zip);
    g_free(package);
}

GBytes *package_part(Package *package, const char *part) {
    const ZipEntry *entry = zip_find(package->zip, part);
    if (!entry)
        return NULL;
    ProblemCode code = PROBLEM_CODES;
    GBytes *bytes = zip_read(package->zip, entry, LIMIT_ARCHIVE_ENTRY, &code);
    if (code != PROBLEM_CODES)
        problem_add_reading(package->problems, code, package->name);
    return bytes;
}

bool package_read_xml(Package *package, const char *part, const XmlHandler *handler, void *user) {
    g_autoptr(GBytes) bytes = package_part(package, part);
    if (!bytes)
        return false;
    ProblemCode code;
    if (!xml_read(bytes, handler, user, &code))
        problem_add_reading(package->problems, code, package->name);
    return true;
}

/* ---- relations (ECMA-376-2 9.3) ---- */

enum { TOKEN_RELATIONSHIP = 1 };

static const XmlName NAMES[] = {{"Relationship", XML_ANY_SPACE, TOKEN_RELATIONSHIP}};
static const XmlGrammar GRAMMAR = {NAMES, G_N_ELEMENTS(NAMES), NULL, 0};

typedef struct {
    GPtrArray *relations;
    const char *folder; /* of the source part, with its last /, or "" */
} RelationReading;

static void relation_free(gpointer data) {
    Relation *relation = data;
    g_free(relation->id);
    g_free(relation->type);
    g_free(relation->target);
    g_free(relation);
}

/* A target is relative to its source part; "." and ".." are resolved, never above the root. */
static char *resolve(const char *folder, const char *target) {
    g_autofree char *joined = *target == '/' ? g_strdup(target) : g_strconcat(folder, target, NULL);
    g_auto(GStrv) steps = g_strsplit(joined, "/", 64);
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    for (guint i = 0; steps[i]; i++) {
        if (strcmp(steps[i], "..") == 0) {
            if (kept->len)
                g_ptr_array_set_size(kept, (gint)kept->len - 1);
        } else if (*steps[i] && strcmp(steps[i], ".") != 0) {
            g_ptr_array_add(kept, steps[i]);
        }
    }
    g_ptr_array_add(kept, NULL);
    return g_strjoinv("/", (char **)kept->pdata);
}

static bool on_relation(void *user, int token, const XmlAttributes *attributes) {
    RelationReading *reading = user;
    if (token != TOKEN_RELATIONSHIP)
        return true;
    g_autofree char *type = xml_attribute_dup(attributes, "Type");
    g_autofree char *target = xml_attribute_dup(attributes, "Target");
    char mode[16] = "";
    xml_attribute(attributes, "TargetMode", mode, sizeof mode);
    if (!type || !target)
        return true;
    const char *slash = strrchr(type, '/');
    Relation *relation = g_new0(Relation, 1);
    relation->id = xml_attribute_dup(attributes, "Id");
    relation->type = g_strdup(slash ? slash + 1 : type);
    relation->is_external = strcmp(mode, "External") == 0;
    relation->target = relation->is_external ? g_strdup(target) : resolve(reading->folder, target);
    g_ptr_array_add(reading->relations, relation);
    return reading->relations->len < RELATIONS_MAX;
}

static void ignore_end(void *user, int token) {
}

static void ignore_text(void *user, const char *text, gsize length) {
}

GPtrArray *package_relations(Package *package, const char *part) {
    const char *slash = strrchr(part, '/');
    g_autofree char *folder = slash ? g_strndup(part, (gsize)(slash - part) + 1) : g_strdup("");
    g_autofree char *path = g_strconcat(folder, "_rels/", slash ? slash + 1 : part, ".rels", NULL);
    RelationReading reading = {g_ptr_array_new_with_free_func(relation_free), folder};
    const XmlHandler handler = {&GRAMMAR, on_relation, ignore_end, ignore_text};
    package_read_xml(package, path, &handler, &reading);
    return reading.relations;
}

const char *package_related(const GPtrArray *relations, const char *type) {
    for (guint i = 0; i < relations->len; i++) {
        const Relation *relation = g_ptr_array_index(relations, i);
        if (!relation->is_external && strcmp(relation->type, type) == 0)
            return relation->target;
    }
    return NULL;
}

const Relation *package_relation_by_id(const GPtrArray *relations, const char *id) {
    for (guint i = 0; i < relations->len; i++) {
        const Relation *relation = g_ptr_array_index(relations, i);
        if (g_strcmp0(relation->id, id) == 0)
            return relation;
    }
    return NULL;
}
