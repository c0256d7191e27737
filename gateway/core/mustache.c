#include "gateway/core/mustache.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache_template.h"

struct MustacheSet {
    GHashTable *templates; /* char* → MustacheTemplate* */
};

/* One value that an open section looks into. Borrowed: facts outlive the rendering. */
typedef struct {
    const json_t *value;
    gsize index, count; /* place in the list; count 0: not an entry of a list */
} Frame;

typedef struct {
    const MustacheSet *set;
    MustacheEscape escape;
    bool strict;
    GString *out;
    Frame frames[MUSTACHE_DEPTH_MAX + 1];
    guint n_frames;
    guint depth; /* sections and partials open */
} Renderer;

static const char too_deep[] = "sections or partials are nested too deeply at";

static bool render_range(Renderer *renderer, const MustacheTemplate *template, guint from, guint to,
                         GError **error);

MustacheSet *mustache_set_new(void) {
    MustacheSet *set = g_new0(MustacheSet, 1);
    set->templates =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)mustache_template_free);
    return set;
}

void mustache_set_free(MustacheSet *set) {
    if (!set)
        return;
    g_hash_table_unref(set->templates);
    g_free(set);
}

bool mustache_set_add(MustacheSet *set, const char *name, const char *source, gsize length, GError **error) {
    MustacheTemplate *template = mustache_template_new(name, source, length, error);
    if (!template)
        return false;
    g_hash_table_replace(set->templates, template->name, template);
    return true;
}

bool mustache_set_has(const MustacheSet *set, const char *name) {
    return g_hash_table_contains(set->templates, name);
}

guint mustache_set_raw_line(const MustacheSet *set, const char *name) {
    const MustacheTemplate *template = g_hash_table_lookup(set->templates, name);
    for (guint i = 0; template && i < template->nodes->len; i++) {
        const MustacheNode *node = &g_array_index(template->nodes, MustacheNode, i);
        if (node->kind == NODE_RAW)
            return node->line;
    }
    return 0;
}

static bool fail(const MustacheTemplate *template, const MustacheNode *node, const char *what,
                 GError **error) {
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s:%u: %s “%s”", template->name,
                node->line, what, node->kind == NODE_TEXT ? "" : node->text);
    return false;
}

/* @index, @first, @last of the innermost list. New reference or NULL. */
static json_t *lookup_loop(const Renderer *renderer, const char *name) {
    for (guint i = renderer->n_frames; i-- > 0;) {
        const Frame *frame = &renderer->frames[i];
        if (!frame->count)
            continue;
        if (strcmp(name, "@index") == 0)
            return json_integer((json_int_t)frame->index + 1);
        if (strcmp(name, "@first") == 0)
            return json_boolean(frame->index == 0);
        if (strcmp(name, "@last") == 0)
            return json_boolean(frame->index + 1 == frame->count);
        return NULL;
    }
    return NULL;
}

static json_t *lookup_first(const Renderer *renderer, const char *name) {
    for (guint i = renderer->n_frames; i-- > 0;) {
        json_t *found = json_object_get(renderer->frames[i].value, name);
        if (found)
            return json_incref(found);
    }
    return NULL;
}

static json_t *lookup_member(const json_t *value, const char *name) {
    if (json_is_array(value) && strcmp(name, "any") == 0)
        return json_boolean(json_array_size(value) > 0);
    if (json_is_array(value) && strcmp(name, "length") == 0)
        return json_integer((json_int_t)json_array_size(value));
    return json_incref(json_object_get(value, name));
}

/* New reference, NULL if nothing has that name. */
static json_t *lookup(const Renderer *renderer, const char *name) {
    if (strcmp(name, ".") == 0)
        return json_incref((json_t *)renderer->frames[renderer->n_frames - 1].value);
    if (name[0] == '@')
        return lookup_loop(renderer, name);
    g_auto(GStrv) path = g_strsplit(name, ".", -1);
    json_t *value = lookup_first(renderer, path[0]);
    for (guint i = 1; value && path[i]; i++) {
        json_t *member = lookup_member(value, path[i]);
        json_decref(value);
        value = member;
    }
    return value;
}

static bool is_true(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_NULL:
    case JSON_FALSE:
        return false;
    case JSON_STRING:
        return json_string_length(value) > 0;
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    case JSON_OBJECT:
        return json_object_size(value) > 0;
    case JSON_INTEGER:
    case JSON_REAL:
        return json_number_value(value) != 0;
    default:
        return true;
    }
}

static void append_text(Renderer *renderer, const char *text, bool raw) {
    bool is_long = !raw && g_utf8_strlen(text, -1) > MUSTACHE_VALUE_MAX;
    g_autofree char *cut = is_long ? g_utf8_substring(text, 0, MUSTACHE_VALUE_MAX) : NULL;
    if (raw)
        g_string_append(renderer->out, text);
    else
        mustache_escape(renderer->out, is_long ? cut : text, renderer->escape);
    if (is_long)
        g_string_append(renderer->out, "…");
}

static void append_value(Renderer *renderer, const json_t *value, bool raw) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (json_is_integer(value)) {
        g_string_append_printf(renderer->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value)) {
        /* 10 digits hide what binary fractions add: 0.1 stays 0.1 */
        g_string_append(renderer->out,
                        g_ascii_formatd(number, sizeof number, "%.10g", json_real_value(value)));
    } else if (json_is_true(value)) {
        g_string_append(renderer->out, "true");
    } else if (json_is_string(value)) {
        append_text(renderer, json_string_value(value), raw);
    }
}

static bool render_value(Renderer *renderer, const MustacheTemplate *template, const MustacheNode *node,
                         GError **error) {
    json_t *value = lookup(renderer, node->text);
    bool usable = value && !json_is_array(value) && !json_is_object(value);
    if (usable)
        append_value(renderer, value, node->kind == NODE_RAW);
    bool unknown = !value;
    json_decref(value);
    if (usable || !renderer->strict)
        return true;
    return fail(template, node,
                unknown ? "unknown variable" : "a list or object stands where text belongs:", error);
}

static bool render_inside(Renderer *renderer, const MustacheTemplate *template, guint from, Frame frame,
                          GError **error) {
    const MustacheNode *node = &g_array_index(template->nodes, MustacheNode, from);
    renderer->frames[renderer->n_frames++] = frame;
    bool ok = render_range(renderer, template, from + 1, node->end, error);
    renderer->n_frames--;
    return ok;
}

static bool render_section(Renderer *renderer, const MustacheTemplate *template, guint index,
                           GError **error) {
    const MustacheNode *node = &g_array_index(template->nodes, MustacheNode, index);
    if (renderer->depth == MUSTACHE_DEPTH_MAX)
        return fail(template, node, too_deep, error);
    json_t *value = lookup(renderer, node->text);
    if (!value && renderer->strict)
        return fail(template, node, "unknown variable", error);
    bool truth = value && is_true(value);
    bool ok = true;
    if (node->kind == NODE_INVERTED) {
        if (!truth)
            ok = render_range(renderer, template, index + 1, node->end, error);
    } else if (truth && json_is_array(value)) {
        gsize count = json_array_size(value);
        for (gsize i = 0; ok && i < count; i++)
            ok = render_inside(renderer, template, index, (Frame){json_array_get(value, i), i, count}, error);
    } else if (truth) {
        ok = render_inside(renderer, template, index, (Frame){.value = value}, error);
    }
    json_decref(value);
    return ok;
}

static bool render_partial(Renderer *renderer, const MustacheTemplate *template, const MustacheNode *node,
                           GError **error) {
    const MustacheTemplate *partial = g_hash_table_lookup(renderer->set->templates, node->text);
    if (!partial)
        return fail(template, node, "no such partial:", error);
    if (renderer->depth == MUSTACHE_DEPTH_MAX)
        return fail(template, node, too_deep, error);
    return render_range(renderer, partial, 0, partial->nodes->len, error);
}

static bool render_range(Renderer *renderer, const MustacheTemplate *template, guint from, guint to,
                         GError **error) {
    bool ok = true;
    renderer->depth++;
    for (guint i = from; ok && i < to; i++) {
        const MustacheNode *node = &g_array_index(template->nodes, MustacheNode, i);
        switch (node->kind) {
        case NODE_TEXT:
            g_string_append(renderer->out, node->text);
            break;
        case NODE_VALUE:
        case NODE_RAW:
            ok = render_value(renderer, template, node, error);
            break;
        case NODE_SECTION:
        case NODE_INVERTED:
            ok = render_section(renderer, template, i, error);
            i = node->end - 1;
            break;
        case NODE_PARTIAL:
            ok = render_partial(renderer, template, node, error);
            break;
        }
        if (ok && renderer->out->len > MUSTACHE_OUTPUT_MAX)
            ok = fail(template, node, "more output than allowed at", error);
    }
    renderer->depth--;
    return ok;
}

bool mustache_render(const MustacheSet *set, const char *name, const json_t *facts, MustacheEscape escape,
                     bool strict, char **ret_text, GError **error) {
    const MustacheTemplate *template = g_hash_table_lookup(set->templates, name);
    if (!template) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s: no such template", name);
        return false;
    }
    g_autoptr(GString) out = g_string_new(NULL);
    Renderer renderer = {.set = set, .escape = escape, .strict = strict, .out = out};
    renderer.frames[renderer.n_frames++] = (Frame){.value = facts};
    if (!render_range(&renderer, template, 0, template->nodes->len, error))
        return false;
    *ret_text = g_string_free(g_steal_pointer(&out), FALSE);
    return true;
}
