#include "parsers/message.h"

#include <string.h>

#include "parsers/automatic.h"
#include "parsers/limits.h"
#include "parsers/message_body.h"
#include "parsers/message_header.h"
#include "parsers/message_walk.h"
#include "parsers/unpack.h"

/* Lines that begin with "--" beyond this number cannot all be boundaries of honest mail; each part costs
 * GMime 1.4 kB. */
#define BOUNDARY_LINES_MAX 20000

static void part_free(gpointer data) {
    MessagePart *part = data;
    g_free(part->name);
    g_free(part->content_type);
    g_free(part->charset);
    g_free(part->content_id);
    g_free(part->container);
    g_bytes_unref(part->data);
    g_free(part);
}

static Message *message_new(void) {
    Message *message = g_new0(Message, 1);
    char **strings[] = {&message->subject,    &message->from,        &message->from_name,
                        &message->message_id, &message->in_reply_to, &message->body,
                        &message->reply,      &message->quoted,      &message->signature};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        *strings[i] = g_strdup("");
    message->to = g_ptr_array_new_with_free_func(g_free);
    message->references = g_ptr_array_new_with_free_func(g_free);
    message->parts = g_ptr_array_new_with_free_func(part_free);
    message->problems = problem_list_new();
    message->date_s = message->received_s = -1;
    return message;
}

void message_free(Message *message) {
    if (message == NULL)
        return;
    char *strings[] = {message->subject,     message->from,     message->from_name, message->message_id,
                       message->in_reply_to, message->body,     message->body_html, message->reply,
                       message->quoted,      message->signature};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_ptr_array_unref(message->to);
    g_ptr_array_unref(message->references);
    g_ptr_array_unref(message->parts);
    g_ptr_array_unref(message->problems);
    automatic_bounce_free(message->bounce);
    g_free(message);
}

/* Mail that a gateway has given a second CR at every line's end: a copy with one. */
static GBytes *drop_second_cr(const char *bytes, gsize length) {
    char *copy = g_malloc(length);
    gsize used = 0;
    for (gsize i = 0; i < length; i++)
        if (bytes[i] != '\r' || i + 2 >= length || bytes[i + 1] != '\r' || bytes[i + 2] != '\n')
            copy[used++] = bytes[i];
    return g_bytes_new_take(copy, used);
}

/* Mail whose lines end in CR alone (old Macintosh) or in CR CR LF: a copy with LF or CR LF. Else a new
 * reference. */
static GBytes *normalize_line_ends(GBytes *data) {
    const gsize HEAD_BYTES = 4096; /* a header without a single LF in so many bytes is none */
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    gsize head = MIN(length, HEAD_BYTES);
    const char *newline = length ? memchr(bytes, '\n', head) : NULL;
    if (newline != NULL && newline - bytes >= 2 && newline[-1] == '\r' && newline[-2] == '\r')
        return drop_second_cr(bytes, length);
    if (length == 0 || newline != NULL || memchr(bytes, '\r', head) == NULL)
        return g_bytes_ref(data);
    char *copy = g_malloc(length);
    for (gsize i = 0; i < length; i++)
        copy[i] = bytes[i] == '\r' && (i + 1 == length || bytes[i + 1] != '\n') ? '\n' : bytes[i];
    return g_bytes_new_take(copy, length);
}

/* Where the message begins: after blank lines, a byte order mark and mbox From_ lines. */
static gsize leading_junk(const char *bytes, gsize length) {
    gsize start = 0;
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        start = 3;
    while (start < length && (g_ascii_isspace(bytes[start]) || bytes[start] == '\0'))
        start++;
    if (length - start > 5 &&
        (memcmp(bytes + start, "From ", 5) == 0 || memcmp(bytes + start, ">From", 5) == 0)) {
        const char *newline = memchr(bytes + start, '\n', length - start);
        if (newline != NULL)
            start = (gsize)(newline + 1 - bytes);
    }
    return start;
}

/* Length of the header block, its empty line included. */
static gsize header_length(const char *bytes, gsize length) {
    for (const char *p = bytes, *end = bytes + length; p < end;) {
        const char *newline = memchr(p, '\n', (gsize)(end - p));
        if (newline == NULL)
            return length;
        if (newline == p || (newline == p + 1 && *p == '\r'))
            return (gsize)(newline + 1 - bytes);
        p = newline + 1;
    }
    return length;
}

/* A header block beyond the limit loses its tail; the body stays. Takes over data. */
static GBytes *cap_header(GBytes *data, GPtrArray *problems) {
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    gsize header = header_length(bytes, MIN(length, LIMIT_HEADER_BYTES));
    if (header < LIMIT_HEADER_BYTES)
        return data;
    header = header_length(bytes, length);
    if (header <= LIMIT_HEADER_BYTES)
        return data;
    problem_add_reading(problems, PROBLEM_LIMIT, NULL);
    gsize kept = LIMIT_HEADER_BYTES;
    while (kept > 0 && bytes[kept - 1] != '\n')
        kept--;
    GByteArray *shorter = g_byte_array_sized_new((guint)(kept + 1 + length - header));
    g_byte_array_append(shorter, (const guint8 *)bytes, (guint)kept);
    g_byte_array_append(shorter, (const guint8 *)"\n", 1);
    g_byte_array_append(shorter, (const guint8 *)bytes + header, (guint)(length - header));
    g_bytes_unref(data);
    return g_byte_array_free_to_bytes(shorter);
}

/* A flood of boundary lines is cut off before GMime builds an object for each. Takes over data. */
static GBytes *cap_boundaries(GBytes *data, GPtrArray *problems) {
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    guint lines = 0;
    for (const char *p = bytes, *end = bytes + length; (p = memchr(p, '\n', (gsize)(end - p))) != NULL; p++) {
        bool is_boundary = end - p >= 3 && p[1] == '-' && p[2] == '-';
        if (is_boundary && ++lines > BOUNDARY_LINES_MAX) {
            problem_add_reading(problems, PROBLEM_LIMIT, NULL);
            GBytes *shorter = g_bytes_new_from_bytes(data, 0, (gsize)(p - bytes));
            g_bytes_unref(data);
            return shorter;
        }
    }
    return data;
}

static GBytes *prepare(GBytes *raw, GPtrArray *problems) {
    g_autoptr(GBytes) data = normalize_line_ends(raw);
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    gsize start = length == 0 ? 0 : leading_junk(bytes, length);
    gsize kept = length - start;
    if (kept > LIMIT_MESSAGE_BYTES) {
        problem_add_reading(problems, PROBLEM_LIMIT, NULL);
        kept = LIMIT_MESSAGE_BYTES;
    }
    if (kept == 0)
        return g_bytes_new_static("", 0);
    return cap_boundaries(cap_header(g_bytes_new_from_bytes(data, start, kept), problems), problems);
}

/* A text without any header field is its own body. */
static void take_whole_as_body(MessageWalk *walk, GBytes *data) {
    ShownText shown = {.part = 0};
    MessagePart *part = message_part_new("", "text/plain", g_bytes_ref(data));
    g_ptr_array_add(walk->message->parts, part);
    if (part->type == FILE_TEXT || part->type == FILE_CSV || part->type == FILE_MESSAGE)
        g_array_append_val(walk->shown, shown);
}

Message *message_parse(GBytes *data, const MessageOptions *options) {
    Message *message = message_new();
    g_autoptr(GBytes) prepared = prepare(data, message->problems);
    MessageWalk walk = {.message = message, .shown = g_array_new(FALSE, TRUE, sizeof(ShownText))};
    GMimeMessage *source = message_walk_bytes(&walk, prepared, 0, 0);
    if (source != NULL)
        message_header_read(message, source, walk.hint_gbk);
    bool has_header = source != NULL &&
                      g_mime_header_list_get_count(g_mime_object_get_header_list(GMIME_OBJECT(source))) > 0;
    if (!has_header && message->parts->len == 0 && g_bytes_get_size(prepared) > 0)
        take_whole_as_body(&walk, prepared);
    unpack_parts(message, &walk.decoded_bytes);
    message_body_read(message, &walk);
    if (source != NULL)
        automatic_classify(message, &walk, source, options);
    if (options == NULL || !options->leaves_memory)
        g_clear_object(&source);
    g_array_unref(walk.shown);
    return message;
}

/* "From someone Mon Jun 13 10:00:00 2016": a time of day must follow, so that a sentence does not split a
 * message. */
static bool is_from_line(const char *p, gsize length) {
    if (length < 12 || memcmp(p, "From ", 5) != 0)
        return false;
    const gsize FROM_LINE_MAX = 300; /* an address and a date */
    for (gsize i = 6; i + 3 < MIN(length, FROM_LINE_MAX); i++) {
        if (p[i] == ':' && g_ascii_isdigit(p[i - 1]) && g_ascii_isdigit(p[i + 1]) &&
            g_ascii_isdigit(p[i + 2]))
            return true;
        if (p[i] == '\n' || p[i] == '\r')
            return false;
    }
    return false;
}

static const char *next_line(const char *p, const char *end) {
    while (p < end && *p != '\n' && *p != '\r')
        p++;
    if (p + 1 < end && *p == '\r' && p[1] == '\n')
        p++;
    return p < end ? p + 1 : end;
}

GPtrArray *message_split_mbox(GBytes *data) {
    GPtrArray *messages = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    if (length == 0) {
        g_ptr_array_add(messages, g_bytes_ref(data));
        return messages;
    }
    const char *end = bytes + length, *start = bytes;
    bool after_blank = true;
    for (const char *p = bytes; p < end;) {
        const char *next = next_line(p, end);
        if (after_blank && is_from_line(p, (gsize)(end - p))) {
            if (p > start)
                g_ptr_array_add(messages,
                                g_bytes_new_from_bytes(data, (gsize)(start - bytes), (gsize)(p - start)));
            start = next;
        }
        after_blank = *p == '\n' || *p == '\r';
        p = next;
    }
    if (end > start || messages->len == 0)
        g_ptr_array_add(messages, g_bytes_new_from_bytes(data, (gsize)(start - bytes), (gsize)(end - start)));
    return messages;
}
