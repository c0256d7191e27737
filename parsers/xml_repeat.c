#include "parsers/xml_repeat.h"

#include <string.h>

/* The letters before "Pr" tell the kinds of properties apart. */
static guint set_of(const char *tag, gsize left) {
    enum { LOOKED_AT = 6 }; /* "<w:rPr" */
    return left < LOOKED_AT ? 0 : ((guchar)tag[3] + 3u * (guchar)tag[4]) % XML_REPEAT_SETS;
}

static void forget_all(XmlRepeat *repeat) {
    memset(repeat->spans, 0, sizeof repeat->spans);
    repeat->n_tags = repeat->n_attributes = 0;
}

void xml_repeat_init(XmlRepeat *repeat) {
    forget_all(repeat);
    memset(repeat->next_way, 0, sizeof repeat->next_way);
    repeat->pending.text = NULL;
}

const XmlRepeatSpan *xml_repeat_find(XmlRepeat *repeat, const char *tag, gsize left, guint generation) {
    if (repeat->pending.text)
        return NULL;
    const XmlRepeatSpan *set = repeat->spans[set_of(tag, left)];
    for (guint way = 0; way < XML_REPEAT_WAYS; way++)
        if (set[way].text && set[way].length <= left && set[way].generation == generation &&
            memcmp(set[way].text, tag, set[way].length) == 0)
            return &set[way];
    repeat->pending = (XmlRepeatSpan){.text = tag, .generation = generation, .first_tag = repeat->n_tags};
    repeat->pending_attributes = repeat->n_attributes;
    return NULL;
}

void xml_repeat_abandon(XmlRepeat *repeat) {
    if (!repeat->pending.text)
        return;
    repeat->n_tags = repeat->pending.first_tag;
    repeat->n_attributes = repeat->pending_attributes;
    repeat->pending.text = NULL;
}

/* False: there is no room for one more. */
static bool keep(XmlRepeat *repeat, guint depth, int token, const XmlPlainTag *tag) {
    if (repeat->n_tags == XML_REPEAT_TAGS_MAX ||
        tag->n_attributes > XML_REPEAT_ATTRIBUTES_MAX - repeat->n_attributes)
        return false;
    repeat->tags[repeat->n_tags++] = (XmlRepeatTag){token, depth, repeat->n_attributes, tag->n_attributes};
    memcpy(repeat->attributes + repeat->n_attributes, tag->attributes,
           tag->n_attributes * sizeof *tag->attributes);
    repeat->n_attributes += tag->n_attributes;
    return true;
}

void xml_repeat_start(XmlRepeat *repeat, guint depth, int token, const XmlPlainTag *tag) {
    XmlRepeatSpan *pending = &repeat->pending;
    if (!pending->text)
        return;
    if (pending->n_told == 0)
        repeat->pending_depth = depth;
    pending->n_told++;
    depth -= repeat->pending_depth;
    pending->height = MAX(pending->height, depth + 1);
    if (token == 0 || keep(repeat, depth, token, tag))
        return;
    bool is_alone = pending->first_tag == 0;
    xml_repeat_abandon(repeat);
    if (!is_alone) /* what follows in the document is likelier to come again than what came before */
        forget_all(repeat);
}

void xml_repeat_end(XmlRepeat *repeat, guint depth, const char *behind, guint generation) {
    XmlRepeatSpan *pending = &repeat->pending;
    if (!pending->text)
        return;
    pending->n_told++;
    if (depth > repeat->pending_depth)
        return;
    pending->length = (gsize)(behind - pending->text);
    if (pending->length > XML_REPEAT_BYTES_MAX || pending->generation != generation) {
        xml_repeat_abandon(repeat);
        return;
    }
    pending->n_tags = repeat->n_tags - pending->first_tag;
    guint set = set_of(pending->text, pending->length);
    repeat->spans[set][repeat->next_way[set]++ % XML_REPEAT_WAYS] = *pending;
    pending->text = NULL;
}
