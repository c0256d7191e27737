#include "parsers/reading_sources.h"

#include <string.h>

#include "parsers/charset.h"
#include "parsers/formats.h"
#include "parsers/label.h"
#include "parsers/reply.h"

#define HEADER_LINES 14 /* of a forwarded message: From, Sent, To, Cc, Subject and blank lines */
#define CUT_CELLS    20 /* cells that tell whether a grid was quoted */
#define FILLED_MIN   2  /* values that make a quoted or body form more than a mention */

void source_free(Source *source) {
    if (!source)
        return;
    document_free(source->document);
    match_free(source->match);
    g_free(source);
}

static Source *source_new(Document *document, MessagePart *part) {
    Source *source = g_new0(Source, 1);
    source->document = document;
    source->part = part;
    return source;
}

/* ---- attachments
 * -------------------------------------------------------------------------------------------------------- */

/* The verdict that a new reading problem stands for. */
static const char *verdict_of(const GPtrArray *problems, guint from) {
    for (guint i = from; i < problems->len; i++) {
        switch (((const Problem *)g_ptr_array_index(problems, i))->code) {
        case PROBLEM_ENCRYPTED:
            return "encrypted";
        case PROBLEM_DAMAGED:
            return "damaged";
        case PROBLEM_BOMB:
            return "bomb";
        case PROBLEM_LIMIT:
            return "limit";
        case PROBLEM_UNSUPPORTED:
            return "unsupported";
        default:
            break;
        }
    }
    return NULL;
}

Source *reading_source_of(const FormSet *set, GBytes *data, FileType type, const char *name,
                          const ValueContext *context, Conversions *conversions, GPtrArray *problems,
                          const char **ret_verdict) {
    guint before = problems->len;
    bool is_converted;
    Document *document = conversions_read(conversions, data, type, name, problems, &is_converted);
    const char *verdict = verdict_of(problems, before);
    *ret_verdict = verdict && !document ? verdict : "ignored";
    if (!document)
        return NULL;
    Source *source = source_new(document, NULL);
    source->is_converted = is_converted;
    source->match = match_best(set, document, context, name);
    if (source->match)
        *ret_verdict = "used";
    else if (verdict)
        *ret_verdict = verdict;
    return source;
}

/* Types that no form comes in: they are neither read nor a problem. */
static bool is_beside_the_point(FileType type) {
    return type == FILE_IMAGE || type == FILE_CALENDAR || type == FILE_VCARD || type == FILE_MESSAGE ||
           type == FILE_MBOX || type == FILE_ZIP || type == FILE_RAR || type == FILE_7Z ||
           type == FILE_GZIP || type == FILE_TNEF || type == FILE_XML;
}

/* ---- text
 * -----------------------------------------------------------------------------------------------------------------
 */

/* Every line a paragraph, blank ones too, so that a paragraph's number is that of its line. */
static Document *document_of_text(const char *text) {
    Document *document = document_new("");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        document_add_paragraph(document, ORIGIN_BODY, lines[i]);
    return document;
}

static Document *document_of_html(const char *html) {
    g_autoptr(GPtrArray) unheard = problem_list_new();
    g_autoptr(GBytes) data = g_bytes_new(html, strlen(html));
    return formats_read(data, FILE_HTML, "", unheard);
}

static bool has_grid(const Document *document) {
    for (guint i = 0; document && i < document->blocks->len; i++)
        if (((const Block *)g_ptr_array_index(document->blocks, i))->kind == BLOCK_GRID)
            return true;
    return false;
}

/* ">" marks at the start of each line */
static char *unquote(const char *text) {
    g_autoptr(GString) out = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        const char *p = lines[i];
        while (*p == '>' || (*p == ' ' && p[1] == '>'))
            p++;
        if (p > lines[i] && *p == ' ')
            p++;
        g_string_append(out, p);
        g_string_append_c(out, '\n');
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static bool is_header_line(const char *line) {
    static const char *const names[] = {"发件人", "收件人", "抄送",   "主题",   "发送时间", "发送日期",
                                        "日期",   "时间",   "From",   "To",     "Cc",       "Subject",
                                        "Sent",   "Date",   "寄件者", "收件者", NULL};
    while (*line == ' ' || *line == '*' || *line == '\t')
        line++;
    if (g_str_has_prefix(line, "---") || g_str_has_prefix(line, "在 "))
        return true;
    for (const char *const *n = names; *n; n++) {
        gsize length = strlen(*n);
        if (g_ascii_strncasecmp(line, *n, length) == 0 &&
            (line[length] == ':' || line[length] == ' ' || g_str_has_prefix(line + length, "：")))
            return true;
    }
    return false;
}

/* A forwarded text without the header block above it. */
static const char *skip_header_block(const char *text) {
    const char *body = text, *p = text;
    for (guint n = 0; *p && n < HEADER_LINES; n++) {
        const char *end = strchrnul(p, '\n');
        g_autofree char *line = g_strndup(p, (gsize)(end - p));
        p = *end ? end + 1 : end;
        g_strstrip(line);
        if (is_header_line(line))
            body = p;
        else if (*line && body != text)
            break;
    }
    return body;
}

static char *forwarded_text(const Message *message) {
    g_autofree char *plain = unquote(message->quoted);
    const char *body = skip_header_block(plain);
    ReplyParts parts;
    reply_split(body, &parts);
    char *text = *parts.reply ? g_strdup(parts.reply) : g_strdup(body);
    reply_parts_clear(&parts);
    return text;
}

static bool is_forward(const Message *message) {
    static const char *const prefixes[] = {"转发", "fw:", "fwd:", "fw：", "轉寄", "轉發", NULL};
    static const char *const marks[] = {"转发邮件信息", "Forwarded message", "Begin forwarded message",
                                        "forwarded by", NULL};
    g_autofree char *subject = g_utf8_casefold(message->subject, -1);
    for (const char *const *p = prefixes; *p; p++)
        if (strstr(subject, *p))
            return true;
    for (const char *const *p = marks; *p; p++)
        if (strstr(message->quoted, *p))
            return true;
    return document_visible_length(message->reply) == 0;
}

/* ---- the body
 * --------------------------------------------------------------------------------------------------------------
 */

/* What was kept and what was cut of a body, as normal forms. */
typedef struct {
    char *kept, *cut;
    bool in_cut; /* the block before stood in what was cut */
} Cut;

/* True where the words of a text stand in what was cut from the body (signature, quotation) and not in its
 * new text. The same words in both count as cut where the text before them was. */
static bool was_cut(const Cut *cut, const char *text, bool *ret_unknown) {
    g_autofree char *normal = label_normal_form(text, -1);
    bool in_cut = *normal && strstr(cut->cut, normal), in_kept = *normal && strstr(cut->kept, normal);
    *ret_unknown = !*normal || (in_cut && in_kept);
    return in_cut && (!in_kept || cut->in_cut);
}

static bool grid_was_cut(const Cut *cut, const Grid *grid) {
    guint texts = 0, gone = 0;
    for (guint c = 0; c < grid->cells->len && texts < CUT_CELLS; c++) {
        const Cell *cell = g_ptr_array_index(grid->cells, c);
        bool unknown;
        texts += *cell->text != 0;
        gone += *cell->text && was_cut(cut, cell->text, &unknown);
    }
    return texts && gone * 2 > texts;
}

static void drop_cut_blocks(Document *document) {
    /* its own text: the plain alternative may lack what the HTML quotes */
    g_autofree char *text = document_to_text(document);
    ReplyParts parts;
    reply_split(text, &parts);
    g_autofree char *cut_text = g_strconcat(parts.signature, parts.quoted, NULL);
    Cut cut = {.kept = label_normal_form(parts.reply, -1), .cut = label_normal_form(cut_text, -1)};
    reply_parts_clear(&parts);
    for (guint i = 0; i < document->blocks->len;) {
        const Block *block = g_ptr_array_index(document->blocks, i);
        bool unknown = false;
        bool gone = block->kind == BLOCK_GRID ? grid_was_cut(&cut, block->grid)
                                              : was_cut(&cut, block->text, &unknown);
        if (!unknown)
            cut.in_cut = gone;
        if (gone)
            g_ptr_array_remove_index(document->blocks, i);
        else
            i++;
    }
    g_free(cut.kept);
    g_free(cut.cut);
}

/* Only a table makes a grid: HTML without one says no more than the text beside it. */
static bool has_table(const char *html) {
    return html && strcasestr(html, "<table");
}

/* The new text of the body as a document: its HTML where that holds tables, else its lines. */
static Document *body_document(const Message *message) {
    g_autofree char *new_html = NULL, *quoted_html = NULL;
    if (has_table(message->body_html)) {
        bool split = reply_split_html(message->body_html, &new_html, &quoted_html);
        Document *document = document_of_html(split ? new_html : message->body_html);
        if (has_grid(document)) {
            drop_cut_blocks(document);
            return document;
        }
        document_free(document);
    }
    return document_of_text(message->reply);
}

static Document *forwarded_document(const Message *message) {
    if (has_table(message->body_html)) {
        Document *document = document_of_html(message->body_html);
        if (has_grid(document))
            return document;
        document_free(document);
    }
    g_autofree char *text = forwarded_text(message);
    return document_of_text(text);
}

/* Text of a message that is attached whole: its own new text. */
static Source *attached_body(const FormSet *set, MessagePart *part, const ValueContext *context) {
    gsize length;
    const void *bytes = g_bytes_get_data(part->data, &length);
    g_autofree char *text = charset_to_utf8(bytes, length, part->charset, false, NULL);
    Document *document = NULL;
    if (strcmp(part->content_type, "text/html") == 0)
        document = document_of_html(text);
    else {
        ReplyParts parts;
        reply_split(text, &parts);
        document = document_of_text(*parts.reply ? parts.reply : text);
        reply_parts_clear(&parts);
    }
    if (!document)
        return NULL;
    Source *source = source_new(document, part);
    source->match = match_best(set, document, context, NULL);
    return source;
}

static void add_body(GPtrArray *sources, const FormSet *set, const Message *message,
                     const ValueContext *context) {
    Source *body = source_new(body_document(message), NULL);
    body->match = match_best(set, body->document, context, message->subject);
    /* a mention of two labels in a letter is no form */
    if (body->match && body->match->values_found == 0 && body->match->labels_seen < 4)
        g_clear_pointer(&body->match, match_free);
    g_ptr_array_add(sources, body);
    if (body->match || !*message->quoted || !is_forward(message))
        return;
    Source *forward = source_new(forwarded_document(message), NULL);
    forward->is_forward = true;
    forward->match = match_best(set, forward->document, context, message->subject);
    if (forward->match && forward->match->values_found < FILLED_MIN) /* the quoted blank template */
        g_clear_pointer(&forward->match, match_free);
    g_ptr_array_add(sources, forward);
}

GPtrArray *reading_sources(const FormSet *set, Message *message, const ValueContext *context,
                           Conversions *conversions, GPtrArray *problems) {
    GPtrArray *sources = g_ptr_array_new_with_free_func((GDestroyNotify)source_free);
    for (guint i = 0; i < message->parts->len; i++) {
        MessagePart *part = g_ptr_array_index(message->parts, i);
        Source *source = NULL;
        if (part->is_body && part->message_depth == 0) {
            part->verdict = part->verdict ? part->verdict : "used";
            continue;
        }
        if (part->verdict && strcmp(part->verdict, "used") != 0 && strcmp(part->verdict, "ignored") != 0)
            continue;
        if (part->is_body) {
            source = attached_body(set, part, context);
            part->verdict = source && source->match ? "used" : "ignored";
        } else if (part->is_inline_image || is_beside_the_point(part->type))
            part->verdict = "ignored";
        else {
            source = reading_source_of(set, part->data, part->type, part->name, context, conversions,
                                       problems, &part->verdict);
            if (source)
                source->part = part;
        }
        if (source)
            g_ptr_array_add(sources, source);
    }
    add_body(sources, set, message, context);
    return sources;
}

/* A filled form beats a blank one, an attachment the body. */
const Source *reading_best(const GPtrArray *sources) {
    const Source *best = NULL;
    for (guint i = 0; i < sources->len; i++) {
        const Source *source = g_ptr_array_index(sources, i);
        if (!source->match)
            continue;
        bool filled = source->match->values_found > 0, best_filled = best && best->match->values_found > 0;
        bool better = !best || (filled && !best_filled) ||
                      (filled == best_filled && (source->part != NULL) == (best->part != NULL) &&
                       source->match->score > best->match->score);
        if (better)
            best = source;
    }
    return best;
}
