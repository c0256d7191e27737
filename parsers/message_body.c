#include "parsers/message_body.h"

#include <string.h>

#include "parsers/charset.h"
#include "parsers/encoded_word.h"
#include "parsers/formats.h"
#include "parsers/limits.h"
#include "parsers/reply.h"
#include "parsers/transfer.h"
#include "parsers/utf8.h"

#define UU_FILES_MAX 100 /* in one text */

/* A plain text shorter than this (visible characters) beside HTML is looked at more closely: it may be a mere
 * notice. */
#define STUB_MAX_CHARS 300

/* Appends text as one more paragraph of the body. */
static void append_text(GString *body, const char *text) {
    if (body->len > 0 && body->str[body->len - 1] != '\n')
        g_string_append_c(body, '\n');
    g_string_append(body, text);
}

static gsize visible_chars(const char *text) {
    gsize count = 0;
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
        count += utf8_is_common_han(p) || !g_unichar_isspace(g_utf8_get_char(p));
    return count;
}

static bool is_signature_rule(const char *line, gsize length) {
    return length == 3 && memcmp(line, "-- ", 3) == 0;
}

static guint quote_depth(const char *line, gsize length) {
    guint depth = 0;
    while (depth < length && line[depth] == '>')
        depth++;
    return depth;
}

/* format=flowed (RFC 3676 4): a line that ends in a blank goes on in the next one of the same quote depth. */
static char *unflow(const char *text, bool is_delsp) {
    GString *out = g_string_sized_new(strlen(text));
    bool is_open = false;
    guint open_depth = 0;
    for (const char *p = text; *p != '\0';) {
        gsize length = strcspn(p, "\n");
        guint depth = quote_depth(p, length);
        const char *content = p + depth;
        gsize content_length = length - depth;
        if (content_length > 0 && *content == ' ') { /* space-stuffed */
            content++;
            content_length--;
        }
        bool is_rule = is_signature_rule(content, content_length);
        if (is_open && (depth != open_depth || is_rule)) {
            g_string_append_c(out, '\n');
            is_open = false;
        }
        if (!is_open) {
            for (guint i = 0; i < depth; i++)
                g_string_append_c(out, '>');
            if (depth > 0)
                g_string_append_c(out, ' ');
        }
        bool is_flowing =
            content_length > 0 && content[content_length - 1] == ' ' && !is_rule && p[length] == '\n';
        g_string_append_len(out, content, (gssize)(content_length - (is_flowing && is_delsp)));
        is_open = is_flowing;
        open_depth = depth;
        p += length;
        if (*p == '\n') {
            if (!is_flowing)
                g_string_append_c(out, '\n');
            p++;
        }
    }
    return g_string_free(out, FALSE);
}

/* Moves uuencoded files out of a text into parts of their own. Returns the text that remains. */
static GBytes *extract_uuencoded(Message *message, GBytes *data) {
    gsize length;
    const char *text = g_bytes_get_data(data, &length);
    if (length == 0 || memmem(text, length, "begin ", 6) == NULL)
        return g_bytes_ref(data);
    g_autoptr(GByteArray) rest = g_byte_array_new();
    gsize from = 0;
    TransferUuFile file;
    for (guint i = 0; i < UU_FILES_MAX && message->parts->len < LIMIT_PARTS; i++) {
        if (!transfer_find_uuencoded(text, length, from, &file))
            break;
        g_byte_array_append(rest, (const guint8 *)text + from, (guint)(file.start - from));
        from = file.end;
        g_autofree char *decoded = encoded_word_decode(file.name, -1, false);
        g_autofree char *name = encoded_word_base_name(decoded);
        if (file.damaged)
            problem_add_reading(message->problems, PROBLEM_DAMAGED, name);
        g_ptr_array_add(message->parts,
                        message_part_new(name, "application/octet-stream", g_steal_pointer(&file.data)));
        transfer_uu_file_clear(&file);
    }
    if (from == 0)
        return g_bytes_ref(data);
    g_byte_array_append(rest, (const guint8 *)text + from, (guint)(length - from));
    return g_byte_array_free_to_bytes(g_steal_pointer(&rest));
}

/* The charset that HTML declares for itself, where the part does not; NULL where there is none. */
static char *html_charset(const char *html, gsize length) {
    const gsize PRESCAN_BYTES = 2048; /* browsers look at 1024 */
    g_autofree char *head = g_ascii_strdown(html, (gssize)MIN(length, PRESCAN_BYTES));
    const char *p = strstr(head, "charset=");
    if (p == NULL)
        return NULL;
    p += strlen("charset=");
    p += strspn(p, "\"' ");
    gsize n = strcspn(p, "\"' ;/>\r\n");
    return n > 0 && n < 40 ? g_strndup(p, n) : NULL;
}

/* A shown part as clean UTF-8. */
static char *shown_text(Message *message, const MessageWalk *walk, const ShownText *shown) {
    const MessagePart *part = g_ptr_array_index(message->parts, shown->part);
    g_autoptr(GBytes) data =
        shown->is_html ? g_bytes_ref(part->data) : extract_uuencoded(message, part->data);
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    if (length > LIMIT_TEXT_BYTES) {
        problem_add_reading(message->problems, PROBLEM_LIMIT, *part->name != '\0' ? part->name : NULL);
        length = LIMIT_TEXT_BYTES;
    }
    if (length == 0)
        return g_strdup("");
    g_autofree char *own_charset =
        shown->is_html && part->charset == NULL ? html_charset(bytes, length) : NULL;
    bool lossy = false;
    g_autofree char *text = charset_to_utf8(bytes, length, own_charset != NULL ? own_charset : part->charset,
                                            walk->hint_gbk, &lossy);
    if (lossy && length < LIMIT_TEXT_BYTES)
        problem_add_reading(message->problems, PROBLEM_LOSS, *part->name != '\0' ? part->name : NULL);
    g_autofree char *clean = charset_clean(text, -1);
    return shown->is_flowed && !shown->is_html ? unflow(clean, shown->is_delsp) : g_steal_pointer(&clean);
}

/* HTML source (UTF-8) as text. A byte order mark tells the reader that its own charset declaration no longer
 * holds. */
static char *html_to_text(const char *html) {
    g_autofree char *marked = g_strconcat("\xef\xbb\xbf", html, NULL);
    gsize length = strlen(marked);
    g_autoptr(GBytes) data = g_bytes_new_take(g_steal_pointer(&marked), length);
    g_autoptr(GPtrArray) ignored = problem_list_new(); /* the reading of parts names them */
    g_autoptr(Document) document = html_read(data, "", ignored);
    if (document == NULL)
        return g_strdup("");
    for (guint i = document->blocks->len; i-- > 0;) /* what was struck is no part of what is said */
        if (((const Block *)g_ptr_array_index(document->blocks, i))->origin == ORIGIN_HIDDEN)
            g_ptr_array_remove_index(document->blocks, i);
    return document_to_text(document);
}

/* True if a plain text says no more than that the real one is HTML, or is mere question marks. */
static bool is_stub(const char *plain, const char *html_text) {
    gsize plain_chars = visible_chars(plain);
    if (plain_chars == 0)
        return true;
    if (plain_chars > STUB_MAX_CHARS)
        return false;
    gsize html_chars = visible_chars(html_text);
    gsize marks = 0;
    for (const char *p = plain; *p != '\0'; p++)
        marks += *p == '?';
    if (marks * 2 > plain_chars && html_chars > 0)
        return true;
    g_autofree char *lower = g_utf8_strdown(plain, -1);
    bool speaks_of_html = strstr(lower, "html") != NULL || strstr(lower, "网页") != NULL;
    return html_chars > plain_chars && (speaks_of_html || html_chars > 4 * plain_chars + 100);
}

/* The name of a tag that strikes. */
static bool is_striking_tag(const char *tag) {
    static const char *const NAMES[] = {"s", "del", "strike"};
    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        gsize length = strlen(NAMES[i]);
        if (g_ascii_strncasecmp(tag, NAMES[i], length) == 0 &&
            (tag[length] == '>' || g_ascii_isspace(tag[length])))
            return true;
    }
    return false;
}

/* True if something of an HTML text may be struck: a plain text beside it does not show that. */
static bool may_strike(const char *html) {
    static const char LINE[] = "line", THROUGH[] = "through";
    for (const char *at = html; (at = strpbrk(at, "<-")) != NULL; at++) {
        if (*at == '<' && is_striking_tag(at + 1))
            return true;
        if (*at == '-' && g_ascii_strncasecmp(at + 1, THROUGH, strlen(THROUGH)) == 0 &&
            at - html >= (ptrdiff_t)strlen(LINE) &&
            g_ascii_strncasecmp(at - strlen(LINE), LINE, strlen(LINE)) == 0)
            return true;
    }
    return false;
}

/* The texts of one alternative (or one text outside any), gathered. */
typedef struct {
    GString *plain, *html;
    bool has_plain;
} Choice;

static void append_choice(GString *body, GString *body_html, const Choice *choice, bool *ret_is_html) {
    if (choice->html->len > 0)
        append_text(body_html, choice->html->str);
    if (choice->html->len == 0) {
        append_text(body, choice->plain->str);
        return;
    }
    bool is_struck = choice->has_plain && may_strike(choice->html->str);
    if (choice->has_plain && !is_struck && visible_chars(choice->plain->str) > STUB_MAX_CHARS) {
        append_text(body, choice->plain->str);
        return;
    }
    g_autofree char *text = html_to_text(choice->html->str);
    if (choice->has_plain && !is_struck && !is_stub(choice->plain->str, text)) {
        append_text(body, choice->plain->str);
    } else {
        append_text(body, text);
        *ret_is_html = true;
    }
}

/* Links to files that did not come with the mail. `only_link`: what people also write about; counts where
 * nothing is attached. */
static const struct {
    const char *mark;
    bool only_link;
} CLOUD_MARKS[] = {
    {"mail.qq.com/cgi-bin/ftnExs_", false},
    {"wx.mail.qq.com/ftn/", false},
    {"exmail.qq.com/cgi-bin/ftnExs_", false},
    {"divNeteaseBigAttach", false},
    {"divNeteaseSiriusCloudAttach", false},
    {"edisk.qiye.163.com", false},
    {"mail.163.com/large-attachment-download", false},
    {"dashi.163.com/html/cloud-attachment-download", false},
    {"邮箱发来的超大附件", false},
    {"邮箱发来的云附件", false},
    {"pan.baidu.com/s/", true},
    {"share.weiyun.com/", true},
    {"www.alipan.com/s/", true},
    {"www.aliyundrive.com/s/", true},
    {"cowtransfer.com/s/", true},
    {"wenshushu.cn/f/", true},
};

static void note_cloud_links(Message *message) {
    bool has_attachment = false;
    for (guint i = 0; i < message->parts->len; i++) {
        const MessagePart *part = g_ptr_array_index(message->parts, i);
        has_attachment |= !part->is_body && !part->is_inline_image;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(CLOUD_MARKS); i++) {
        if (CLOUD_MARKS[i].only_link && has_attachment)
            continue;
        if (strstr(message->body, CLOUD_MARKS[i].mark) != NULL ||
            (message->body_html != NULL && strstr(message->body_html, CLOUD_MARKS[i].mark) != NULL)) {
            problem_add_reading(message->problems, PROBLEM_CLOUD_LINK, NULL);
            return;
        }
    }
}

static void split_reply(Message *message, bool is_html) {
    g_autofree char *new_html = NULL, *quoted_html = NULL, *new_text = NULL, *quoted_text = NULL;
    if (is_html && message->body_html != NULL &&
        reply_split_html(message->body_html, &new_html, &quoted_html)) {
        new_text = html_to_text(new_html);
        quoted_text = html_to_text(quoted_html);
    }
    ReplyParts parts;
    reply_split(new_text != NULL ? new_text : message->body, &parts);
    g_free(message->reply);
    g_free(message->quoted);
    g_free(message->signature);
    message->reply = g_steal_pointer(&parts.reply);
    message->signature = g_steal_pointer(&parts.signature);
    message->quoted = quoted_text == NULL     ? g_steal_pointer(&parts.quoted)
                      : *parts.quoted == '\0' ? g_steal_pointer(&quoted_text)
                                              : g_strconcat(parts.quoted, "\n", quoted_text, NULL);
    reply_parts_clear(&parts);
}

/* Outlook may send its text inside winmail.dat alone. */
static void append_unpacked(Message *message, const MessageWalk *walk, GString *body, GString *body_html,
                            bool *ret_is_html) {
    Choice choice = {.plain = g_string_new(NULL), .html = g_string_new(NULL)};
    for (guint i = 0; i < message->parts->len; i++) {
        const MessagePart *part = g_ptr_array_index(message->parts, i);
        if (!part->is_body || part->container == NULL)
            continue;
        ShownText shown = {.part = i, .is_html = strcmp(part->content_type, "text/html") == 0};
        g_autofree char *text = shown_text(message, walk, &shown);
        append_text(shown.is_html ? choice.html : choice.plain, text);
        choice.has_plain |= !shown.is_html;
    }
    append_choice(body, body_html, &choice, ret_is_html);
    g_string_free(choice.plain, TRUE);
    g_string_free(choice.html, TRUE);
}

void message_body_read(Message *message, const MessageWalk *walk) {
    g_autoptr(GString) body = g_string_new(NULL), body_html = g_string_new(NULL);
    bool is_html = false, any_unnamed = false;
    for (guint i = 0; i < walk->shown->len; i++)
        any_unnamed |= !g_array_index(walk->shown, ShownText, i).is_named;
    Choice choice = {.plain = g_string_new(NULL), .html = g_string_new(NULL)};
    for (guint i = 0; i < walk->shown->len && body->len < LIMIT_TEXT_BYTES; i++) {
        const ShownText *shown = &g_array_index(walk->shown, ShownText, i);
        if (any_unnamed && shown->is_named)
            continue;
        ((MessagePart *)g_ptr_array_index(message->parts, shown->part))->is_body = true;
        g_autofree char *text = shown_text(message, walk, shown);
        append_text(shown->is_html ? choice.html : choice.plain, text);
        choice.has_plain |= !shown->is_html;
        bool is_more = i + 1 < walk->shown->len && shown->alternative != 0 &&
                       g_array_index(walk->shown, ShownText, i + 1).alternative == shown->alternative;
        if (is_more)
            continue;
        append_choice(body, body_html, &choice, &is_html);
        g_string_truncate(choice.plain, 0);
        g_string_truncate(choice.html, 0);
        choice.has_plain = false;
    }
    g_string_free(choice.plain, TRUE);
    g_string_free(choice.html, TRUE);
    if (visible_chars(body->str) == 0)
        append_unpacked(message, walk, body, body_html, &is_html);
    g_free(message->body);
    message->body = g_strdup(body->str);
    message->body_html = body_html->len > 0 ? g_strdup(body_html->str) : NULL;
    note_cloud_links(message);
    split_reply(message, is_html);
}
