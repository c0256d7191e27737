/* A document that is a zip of XML parts: OOXML (ECMA-376 part 2) and OpenDocument. Opens, finds and reads
 * parts, and names what failed. */
#pragma once

#include "parsers/xml.h"
#include "parsers/zip.h"

typedef struct {
    ZipFile *zip;
    const char *name;    /* of the document: `where` of problems; not owned */
    GPtrArray *problems; /* not owned */
} Package;

typedef struct {
    char *id, *type, *target; /* type: from the last / on; target: a part name without leading / */
    bool is_external;
} Relation;

/* Opens a document's zip; NULL with the problem added where that fails. */
Package *package_open(GBytes *data, const char *name, GPtrArray *problems);
void package_free(Package *package);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Package, package_free)

/* The bytes of a part; perhaps partial, then a problem was added. NULL without problem where there is no such
 * part. */
GBytes *package_part(Package *package, const char *part);

/* Reads a part as XML; a missing part is silent and false, a broken one adds its problem and is true as far
 * as it went. */
bool package_read_xml(Package *package, const char *part, const XmlHandler *handler, void *user);

/* Relation* of a part ("" for the package itself); empty where there are none; free with g_ptr_array_unref().
 */
GPtrArray *package_relations(Package *package, const char *part);
/* Target of the first relation whose type ends in this; NULL if there is none. Belongs to the list. */
const char *package_related(const GPtrArray *relations, const char *type);
/* The same by id. */
const Relation *package_relation_by_id(const GPtrArray *relations, const char *id);
