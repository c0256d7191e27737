#include "parsers/message_walk.h"

#include <string.h>

#include "parsers/charset.h"
#include "parsers/encoded_word.h"
#include "parsers/limits.h"
#include "parsers/transfer.h"

/* What a leaf inherits from the multiparts around it. */
typedef struct {
    guint mime_depth;
    guint message_depth;
    guint alternative;
    bool is_related;
    bool is_first; /* of a multipart/related: its root */
} Place;

static void walk_object(MessageWalk *walk, GMimeObject *object, GBytes *source, const Place *place);

MessagePart *message_part_new(const char *name, const char *content_type, GBytes *data) {
    MessagePart *part = g_new0(MessagePart, 1);
    part->name = g_strdup(name);
    part->content_type = g_ascii_strdown(content_type, -1);
    part->data = data;
    gsize length;
    const guint8 *bytes = g_bytes_get_data(data, &length);
    part->type = sniff_type(bytes, length, name);
    return part;
}

const char *message_raw_header(GMimeObject *object, const char *name) {
    GMimeHeaderList *headers = g_mime_object_get_header_list(object);
    GMimeHeader *header = headers == NULL ? NULL : g_mime_header_list_get_header(headers, name);
    return header == NULL ? NULL : g_mime_header_get_raw_value(header);
}

/* A reading problem of the part with that name, or of the message where it has none. */
static void add_problem(MessageWalk *walk, ProblemCode code, const char *name) {
    problem_add_reading(walk->message->problems, code, name != NULL && *name != '\0' ? name : NULL);
}

static void add_limit(MessageWalk *walk, const char *name) {
    add_problem(walk, PROBLEM_LIMIT, name);
}

/* The encoded bytes of a leaf: a slice of the source, because GMime parsed that memory with persistent
 * streams. */
static GBytes *encoded_bytes(GMimePart *part, GBytes *source) {
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *stream = content == NULL ? NULL : g_mime_data_wrapper_get_stream(content);
    if (stream == NULL)
        return g_bytes_new_static("", 0);
    gsize length = g_bytes_get_size(source);
    gint64 start = stream->bound_start, end = stream->bound_end < 0 ? (gint64)length : stream->bound_end;
    if (!GMIME_IS_STREAM_MEM(stream) || start < 0 || end > (gint64)length)
        return g_bytes_new_static("", 0);
    return g_bytes_new_from_bytes(source, (gsize)start, (gsize)MAX(end - start, 0));
}

static char *part_name(GMimeObject *object, bool hint_gbk) {
    g_autofree char *name =
        encoded_word_parameter(message_raw_header(object, "Content-Disposition"), "filename", hint_gbk);
    if (name == NULL || *name == '\0') {
        g_free(name);
        name = encoded_word_parameter(message_raw_header(object, "Content-Type"), "name", hint_gbk);
    }
    return encoded_word_base_name(name == NULL ? "" : name);
}

static char *part_content_type(GMimeObject *object) {
    GMimeContentType *type = g_mime_object_get_content_type(object);
    if (type == NULL)
        return g_strdup("text/plain");
    g_autofree char *mime_type = g_mime_content_type_get_mime_type(type);
    g_autofree char *valid = g_utf8_make_valid(mime_type, -1);
    return g_ascii_strdown(valid, -1);
}

static char *part_content_id(GMimeObject *object) {
    const char *raw = message_raw_header(object, "Content-ID");
    if (raw == NULL)
        return NULL;
    g_autofree char *id = encoded_word_decode(raw, -1, false);
    g_strdelimit(id, "<>", ' ');
    g_strstrip(id);
    return *id == '\0' ? NULL : g_steal_pointer(&id);
}

/* "attachment", "inline" or "" */
static bool has_disposition(GMimeObject *object, const char *kind) {
    const char *raw = message_raw_header(object, "Content-Disposition");
    if (raw == NULL)
        return false;
    while (g_ascii_isspace(*raw))
        raw++;
    return g_ascii_strncasecmp(raw, kind, strlen(kind)) == 0;
}

/* Decodes the transfer encoding within the limits; *ret_verdict is set where that was not possible. */
static GBytes *decode(MessageWalk *walk, GMimePart *leaf, GBytes *source, const char *name,
                      const char **ret_verdict) {
    const char *raw = message_raw_header(GMIME_OBJECT(leaf), "Content-Transfer-Encoding");
    TransferEncoding encoding = transfer_encoding_from_name(raw);
    g_autoptr(GBytes) encoded = encoded_bytes(leaf, source);
    gsize length = g_bytes_get_size(encoded);
    gsize expected = encoding == TRANSFER_BASE64 || encoding == TRANSFER_UUENCODE ? length / 4 * 3 : length;
    if (expected > LIMIT_PART_BYTES || walk->decoded_bytes + expected > LIMIT_DECODED_BYTES) {
        add_limit(walk, name);
        *ret_verdict = "limit";
        return g_bytes_new_static("", 0);
    }
    bool damaged = false;
    GBytes *data = transfer_decode(encoded, encoding, &damaged);
    if (damaged) {
        add_problem(walk, PROBLEM_DAMAGED, name);
        *ret_verdict = "damaged";
    }
    walk->decoded_bytes += g_bytes_get_size(data);
    return data;
}

static bool is_type(const char *content_type, const char *const *types, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (strcmp(content_type, types[i]) == 0)
            return true;
    return false;
}

/* Parts whose content is known to be out of reach. */
static void note_unreadable(MessageWalk *walk, MessagePart *part) {
    static const char *const SECRET[] = {"application/pkcs7-mime", "application/x-pkcs7-mime",
                                         "application/pgp-encrypted"};
    static const char *const ELSEWHERE[] = {"message/external-body", "message/partial"};
    if (is_type(part->content_type, SECRET, G_N_ELEMENTS(SECRET))) {
        add_problem(walk, PROBLEM_ENCRYPTED, part->name);
        part->verdict = "encrypted";
    } else if (is_type(part->content_type, ELSEWHERE, G_N_ELEMENTS(ELSEWHERE))) {
        add_problem(walk, PROBLEM_LOSS, part->name);
        part->verdict = "unsupported";
    }
}

static void note_shown(MessageWalk *walk, GMimeObject *leaf, MessagePart *part, const Place *place) {
    bool is_html = strcmp(part->content_type, "text/html") == 0;
    if (!is_html && strcmp(part->content_type, "text/plain") != 0 && strcmp(part->content_type, "text") != 0)
        return;
    if (has_disposition(leaf, "attachment") || (place->is_related && !place->is_first))
        return;
    const char *raw_type = message_raw_header(leaf, "Content-Type");
    g_autofree char *format = encoded_word_parameter(raw_type, "format", false);
    g_autofree char *delsp = encoded_word_parameter(raw_type, "delsp", false);
    part->is_body = *part->name == '\0';
    if (place->message_depth > 0)
        return;
    ShownText shown = {.part = walk->message->parts->len,
                       .alternative = place->alternative,
                       .is_html = is_html,
                       .is_flowed = format != NULL && g_ascii_strcasecmp(format, "flowed") == 0,
                       .is_delsp = delsp != NULL && g_ascii_strcasecmp(delsp, "yes") == 0,
                       .is_named = *part->name != '\0'};
    g_array_append_val(walk->shown, shown);
}

static bool is_full(MessageWalk *walk) {
    if (walk->message->parts->len < LIMIT_PARTS)
        return false;
    add_limit(walk, NULL);
    return true;
}

/* An attached message whose transfer encoding hid it from GMime. True if it was walked. */
static bool walk_encoded_message(MessageWalk *walk, const MessagePart *part, const Place *place) {
    if (strcmp(part->content_type, "message/rfc822") != 0 &&
        strcmp(part->content_type, "message/news") != 0 && part->type != FILE_MESSAGE)
        return false;
    if (place->mime_depth + 1 >= LIMIT_MIME_DEPTH) {
        add_limit(walk, part->name);
        return true;
    }
    guint before = walk->message->parts->len;
    GMimeMessage *inner =
        message_walk_bytes(walk, part->data, place->mime_depth + 1, place->message_depth + 1);
    g_clear_object(&inner);
    return walk->message->parts->len > before;
}

static void walk_leaf(MessageWalk *walk, GMimePart *leaf, GBytes *source, const Place *place) {
    if (is_full(walk))
        return;
    GMimeObject *object = GMIME_OBJECT(leaf);
    g_autofree char *name = part_name(object, walk->hint_gbk);
    g_autofree char *content_type = part_content_type(object);
    const char *verdict = NULL;
    GBytes *data = decode(walk, leaf, source, name, &verdict);
    MessagePart *part = message_part_new(name, content_type, data);
    part->verdict = verdict;
    part->message_depth = place->message_depth;
    part->charset = encoded_word_parameter(message_raw_header(object, "Content-Type"), "charset", false);
    part->content_id = part_content_id(object);
    walk->hint_gbk |= charset_is_gbk(part->charset);
    bool is_image = part->type == FILE_IMAGE || g_str_has_prefix(content_type, "image/");
    part->is_inline_image =
        is_image && !has_disposition(object, "attachment") &&
        (part->content_id != NULL || place->is_related || has_disposition(object, "inline"));
    note_unreadable(walk, part);
    note_shown(walk, object, part, place);
    g_ptr_array_add(walk->message->parts, part);
    if (!part->is_body)
        walk_encoded_message(walk, part, place);
}

/* A multipart without a single part holds its text where the preamble would be: RFC 2046 5.1.1 forbids it,
 * programs write it. */
static void walk_bare_multipart(MessageWalk *walk, GMimeMultipart *multipart, const Place *place) {
    const char *text = g_mime_multipart_get_prologue(multipart);
    if (text == NULL)
        text = g_mime_multipart_get_epilogue(multipart);
    if (text == NULL || is_full(walk))
        return;
    gsize length = strlen(text);
    if (walk->decoded_bytes + length > LIMIT_DECODED_BYTES) {
        add_limit(walk, NULL);
        return;
    }
    walk->decoded_bytes += length;
    MessagePart *part = message_part_new("", "text/plain", g_bytes_new(text, length));
    part->is_body = true;
    part->message_depth = place->message_depth;
    ShownText shown = {.part = walk->message->parts->len};
    if (place->message_depth == 0)
        g_array_append_val(walk->shown, shown);
    g_ptr_array_add(walk->message->parts, part);
}

static void walk_multipart(MessageWalk *walk, GMimeMultipart *multipart, GBytes *source, const Place *place) {
    GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(multipart));
    const char *subtype = type == NULL ? NULL : g_mime_content_type_get_media_subtype(type);
    subtype = subtype == NULL ? "mixed" : subtype;
    Place inner = *place;
    inner.mime_depth++;
    if (g_ascii_strcasecmp(subtype, "alternative") == 0 && place->alternative == 0)
        inner.alternative = ++walk->alternatives;
    if (g_ascii_strcasecmp(subtype, "report") == 0 && place->message_depth == 0)
        walk->is_report = true;
    if (g_ascii_strcasecmp(subtype, "encrypted") == 0)
        add_problem(walk, PROBLEM_ENCRYPTED, NULL);
    int count = g_mime_multipart_get_count(multipart);
    if (count == 0)
        walk_bare_multipart(walk, multipart, place);
    inner.is_related = g_ascii_strcasecmp(subtype, "related") == 0;
    for (int i = 0; i < count && walk->message->parts->len <= LIMIT_PARTS; i++) {
        inner.is_first = i == 0;
        walk_object(walk, g_mime_multipart_get_part(multipart, i), source, &inner);
    }
}

static void note_gbk_headers(MessageWalk *walk, GMimeObject *object) {
    static const char *const FIELDS[] = {"Subject", "From", "Content-Type", "Content-Disposition"};
    for (gsize i = 0; i < G_N_ELEMENTS(FIELDS) && !walk->hint_gbk; i++) {
        const char *raw = message_raw_header(object, FIELDS[i]);
        const char *word = raw == NULL ? NULL : strstr(raw, "=?");
        walk->hint_gbk = word != NULL && g_ascii_strncasecmp(word + 2, "gb", 2) == 0;
    }
}

/* An attached message: listed by its name if it has one, then its own parts. */
static void walk_message(MessageWalk *walk, GMimeMessagePart *attached, GBytes *source, const Place *place) {
    GMimeMessage *inner = g_mime_message_part_get_message(attached);
    g_autofree char *name = part_name(GMIME_OBJECT(attached), walk->hint_gbk);
    if (is_full(walk))
        return;
    if (*name != '\0') {
        MessagePart *part = message_part_new(name, "message/rfc822", g_bytes_new_static("", 0));
        part->type = FILE_MESSAGE;
        part->message_depth = place->message_depth;
        part->verdict = "used"; /* its parts follow */
        g_ptr_array_add(walk->message->parts, part);
    }
    if (inner == NULL)
        return;
    if (g_mime_header_list_get_count(g_mime_object_get_header_list(GMIME_OBJECT(inner))) == 0)
        add_problem(walk, PROBLEM_DAMAGED, name);
    Place inside = {.mime_depth = place->mime_depth + 1, .message_depth = place->message_depth + 1};
    walk_object(walk, g_mime_message_get_mime_part(inner), source, &inside);
}

static void walk_object(MessageWalk *walk, GMimeObject *object, GBytes *source, const Place *place) {
    if (object == NULL)
        return;
    if (place->mime_depth >= LIMIT_MIME_DEPTH) {
        add_limit(walk, NULL);
        return;
    }
    if (GMIME_IS_MULTIPART(object)) {
        walk_multipart(walk, GMIME_MULTIPART(object), source, place);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        walk_message(walk, GMIME_MESSAGE_PART(object), source, place);
    } else if (GMIME_IS_PART(object)) {
        walk_leaf(walk, GMIME_PART(object), source, place);
    }
}

GMimeMessage *message_walk_bytes(MessageWalk *walk, GBytes *data, guint mime_depth, guint message_depth) {
    static gsize initialised = 0;
    if (g_once_init_enter(&initialised)) {
        g_mime_init();
        g_once_init_leave(&initialised, 1);
    }
    gsize length;
    const guint8 *bytes = g_bytes_get_data(data, &length);
    if (length == 0 || length > G_MAXUINT32)
        return NULL;
    /* GMime only reads from the array; lending it the memory saves a copy of the whole message */
    GByteArray view = {.data = (guint8 *)bytes, .len = (guint)length};
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(&view);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_persist_stream(parser, TRUE);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (message != NULL) {
        note_gbk_headers(walk, GMIME_OBJECT(message));
        Place place = {.mime_depth = mime_depth, .message_depth = message_depth};
        walk_object(walk, g_mime_message_get_mime_part(message), data, &place);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}
