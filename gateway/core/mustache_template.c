#include "gateway/core/mustache_template.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache.h"

typedef struct {
    MustacheTemplate *template;
    const char *start, *end;        /* of the source */
    const char *at;                 /* everything before it is compiled */
    guint line;                     /* of at */
    guint open[MUSTACHE_DEPTH_MAX]; /* node indexes of the open sections */
    guint n_open;
} Compiler;

typedef struct {
    const char *from, *to; /* the whole tag with its braces; widened when it stands alone in its line */
    guint line;
    char sigil;       /* '#', '^', '/', '>', '!', '&', '{' or 0 */
    const char *name; /* not terminated */
    gsize name_length;
} Tag;

static bool fail(const Compiler *compiler, guint line, const char *what, const char *name, gsize length,
                 GError **error) {
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s:%u: %s “%.*s”",
                compiler->template->name, line, what, (int)MIN(length, 60), name);
    return false;
}

static guint count_lines(const char *from, const char *to) {
    guint lines = 0;
    for (const char *p = from; (p = memchr(p, '\n', (gsize)(to - p))); p++)
        lines++;
    return lines;
}

static void add_node(Compiler *compiler, MustacheNodeKind kind, guint line, const char *text, gsize length) {
    MustacheNode node = {.kind = kind, .line = line, .text = g_strndup(text, length)};
    g_array_append_val(compiler->template->nodes, node);
}

static bool is_name(const char *name, gsize length) {
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(name[i]) && !strchr("_.@-", name[i]))
            return false;
    return length > 0 && name[0] != '-';
}

/* Reads the tag whose "{{" stands at from. */
static bool read_tag(const Compiler *compiler, const char *from, Tag *ret_tag, GError **error) {
    Tag tag = {.from = from, .line = compiler->line + count_lines(compiler->at, from)};
    const char *p = from + 2;
    if (p < compiler->end && strchr("#^/>!&{", *p) && *p)
        tag.sigil = *p++;
    const char *close = tag.sigil == '{' ? "}}}" : "}}";
    const char *stop = g_strstr_len(p, compiler->end - p, close);
    if (!stop)
        return fail(compiler, tag.line, "tag is never closed:", from, MIN((gsize)(compiler->end - from), 20),
                    error);
    tag.to = stop + strlen(close);
    while (p < stop && g_ascii_isspace(*p))
        p++;
    while (stop > p && g_ascii_isspace(stop[-1]))
        stop--;
    tag.name = p;
    tag.name_length = (gsize)(stop - p);
    if (tag.sigil != '!' && !is_name(tag.name, tag.name_length))
        return fail(compiler, tag.line, "not a name:", tag.name, tag.name_length, error);
    *ret_tag = tag;
    return true;
}

/* A section tag, comment or partial alone in its line takes the whole line with it. */
static void widen_if_alone(const Compiler *compiler, Tag *tag) {
    if (!tag->sigil || !strchr("#^/>!", tag->sigil))
        return;
    const char *from = tag->from, *to = tag->to;
    while (from > compiler->at && (from[-1] == ' ' || from[-1] == '\t'))
        from--;
    bool at_line_start = from == compiler->start || from[-1] == '\n';
    while (to < compiler->end && (*to == ' ' || *to == '\t' || *to == '\r'))
        to++;
    if (!at_line_start || (to < compiler->end && *to != '\n'))
        return;
    tag->from = from;
    tag->to = to < compiler->end ? to + 1 : to;
}

static bool open_section(Compiler *compiler, const Tag *tag, MustacheNodeKind kind, GError **error) {
    if (compiler->n_open == MUSTACHE_DEPTH_MAX)
        return fail(compiler, tag->line, "too many open sections at", tag->name, tag->name_length, error);
    compiler->open[compiler->n_open++] = compiler->template->nodes->len;
    add_node(compiler, kind, tag->line, tag->name, tag->name_length);
    return true;
}

/* Two sections cross each other, or one was never closed: its line helps more than that of the tag. */
static bool fail_open(Compiler *compiler, const Tag *tag, const MustacheNode *open, GError **error) {
    g_autofree char *what =
        g_strdup_printf("closes another section than “%s”, open since line %u:", open->text, open->line);
    return fail(compiler, tag->line, what, tag->name, tag->name_length, error);
}

static bool close_section(Compiler *compiler, const Tag *tag, GError **error) {
    if (!compiler->n_open)
        return fail(compiler, tag->line, "closes a section that is not open:", tag->name, tag->name_length,
                    error);
    guint index = compiler->open[compiler->n_open - 1];
    MustacheNode *node = &g_array_index(compiler->template->nodes, MustacheNode, index);
    if (strlen(node->text) != tag->name_length || memcmp(node->text, tag->name, tag->name_length) != 0)
        return fail_open(compiler, tag, node, error);
    compiler->n_open--;
    node->end = compiler->template->nodes->len;
    return true;
}

static bool compile_tag(Compiler *compiler, const Tag *tag, GError **error) {
    switch (tag->sigil) {
    case '#':
        return open_section(compiler, tag, NODE_SECTION, error);
    case '^':
        return open_section(compiler, tag, NODE_INVERTED, error);
    case '/':
        return close_section(compiler, tag, error);
    case '!':
        return true;
    case '>':
        add_node(compiler, NODE_PARTIAL, tag->line, tag->name, tag->name_length);
        return true;
    case '&':
    case '{':
        add_node(compiler, NODE_RAW, tag->line, tag->name, tag->name_length);
        return true;
    default:
        add_node(compiler, NODE_VALUE, tag->line, tag->name, tag->name_length);
        return true;
    }
}

static bool compile(Compiler *compiler, GError **error) {
    const char *from;
    while ((from = g_strstr_len(compiler->at, compiler->end - compiler->at, "{{"))) {
        Tag tag;
        if (!read_tag(compiler, from, &tag, error))
            return false;
        widen_if_alone(compiler, &tag);
        if (tag.from > compiler->at)
            add_node(compiler, NODE_TEXT, compiler->line, compiler->at, (gsize)(tag.from - compiler->at));
        if (!compile_tag(compiler, &tag, error))
            return false;
        compiler->line += count_lines(compiler->at, tag.to);
        compiler->at = tag.to;
    }
    if (compiler->at < compiler->end)
        add_node(compiler, NODE_TEXT, compiler->line, compiler->at, (gsize)(compiler->end - compiler->at));
    if (compiler->n_open) {
        guint index = compiler->open[compiler->n_open - 1];
        const MustacheNode *node = &g_array_index(compiler->template->nodes, MustacheNode, index);
        return fail(compiler, node->line, "section is never closed:", node->text, strlen(node->text), error);
    }
    return true;
}

static void clear_node(gpointer data) {
    g_free(((MustacheNode *)data)->text);
}

void mustache_template_free(MustacheTemplate *template) {
    if (!template)
        return;
    g_free(template->name);
    g_array_unref(template->nodes);
    g_free(template);
}

MustacheTemplate *mustache_template_new(const char *name, const char *source, gsize length, GError **error) {
    g_autoptr(MustacheTemplate) template = g_new0(MustacheTemplate, 1);
    template->name = g_strdup(name);
    template->nodes = g_array_new(FALSE, FALSE, sizeof(MustacheNode));
    g_array_set_clear_func(template->nodes, clear_node);
    Compiler compiler = {
        .template = template, .start = source, .at = source, .end = source + length, .line = 1};
    if (length > MUSTACHE_SOURCE_MAX) {
        fail(&compiler, 1, "template is larger than allowed:", name, strlen(name), error);
        return NULL;
    }
    if (!g_utf8_validate_len(source, length, NULL)) {
        fail(&compiler, 1, "template is not UTF-8:", name, strlen(name), error);
        return NULL;
    }
    return compile(&compiler, error) ? g_steal_pointer(&template) : NULL;
}
