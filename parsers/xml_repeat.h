/* Elements of properties (w:rPr, w:pPr, a:tcPr …) that stand in a document again and again, byte for byte:
 * as most tags of a filled Word form do. What the handler knows of one is kept, so that its next
 * occurrence is compared and told, not read. Memory is fixed; so is the work for a tag. */
#pragma once

#include "parsers/xml_plain.h"

/* Per element, of one document. */
enum {
    XML_REPEAT_BYTES_MAX = 2048,
    XML_REPEAT_TAGS_MAX = 256,
    XML_REPEAT_ATTRIBUTES_MAX = 512,
    XML_REPEAT_SETS = 8,
    XML_REPEAT_WAYS = 8,
};

typedef struct {
    int token;   /* not 0 */
    guint depth; /* below the element, which is 0 itself */
    guint first_attribute, n_attributes;
} XmlRepeatTag;

typedef struct {
    const char *text; /* in the bytes that are read; NULL: none */
    gsize length;
    guint generation; /* of the namespaces in force */
    guint n_told;     /* start and end tags */
    guint height;     /* levels, the element itself counted */
    guint first_tag, n_tags;
} XmlRepeatSpan;

typedef struct {
    XmlRepeatSpan spans[XML_REPEAT_SETS][XML_REPEAT_WAYS];
    guint8 next_way[XML_REPEAT_SETS];
    guint n_tags, n_attributes; /* kept; of the element that is being read, too */
    XmlRepeatSpan pending;      /* text NULL: none is being read */
    guint pending_depth, pending_attributes;
    XmlRepeatTag tags[XML_REPEAT_TAGS_MAX];
    XmlPlainAttribute attributes[XML_REPEAT_ATTRIBUTES_MAX];
} XmlRepeat;

/* Nothing has been seen: before the first tag of a document. */
void xml_repeat_init(XmlRepeat *repeat);

/* The element that begins at tag as it was seen before in the same namespaces, or NULL; then it is watched
 * until its end, unless another is. */
const XmlRepeatSpan *xml_repeat_find(XmlRepeat *repeat, const char *tag, gsize left, guint generation);

/* What is read on the way. depth: of the element in the document. behind: where the bytes go on. */
void xml_repeat_start(XmlRepeat *repeat, guint depth, int token, const XmlPlainTag *tag);
void xml_repeat_end(XmlRepeat *repeat, guint depth, const char *behind, guint generation);

/* Something else than tags: the element is not kept. */
void xml_repeat_abandon(XmlRepeat *repeat);
