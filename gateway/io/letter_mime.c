#include "gateway/io/letter_mime.h"

#include <gmime/gmime.h>
#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache_escape.h"
#include "gateway/io/transport.h"

#define ID_MAX_BYTES   250 /* with <> and the header's name it fits a line */
#define REFERENCES_MAX 10  /* the first one and the latest: RFC 5322 3.6.4 lets threads be cut */
#define FILE_NAME_MAX  120 /* characters */
#define PREFER_QP_PER                                                                                        \
    6 /* quoted-printable below one octet in six that is not ASCII: spam filters like it                     \
       */

/* ---- headers ----------------------------------------------------------------------------------------- */

/* A Message-ID as it may stand between <>: printable ASCII, one @, none of <>. */
static bool is_message_id(const char *id) {
    gsize length = id ? strlen(id) : 0;
    const char *at = length ? strchr(id, '@') : NULL;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isgraph(id[i]) || id[i] == '<' || id[i] == '>')
            return false;
    return at && at > id && at[1] && length <= ID_MAX_BYTES;
}

static void set_header(GMimeMessage *message, const char *name, const char *value) {
    g_mime_object_set_header(GMIME_OBJECT(message), name, value, "utf-8");
}

/* The ids of the thread, one a line: GMime folds nowhere else in this header. */
static void set_references(GMimeMessage *message, const LetterEnvelope *envelope) {
    g_autoptr(GString) value = g_string_new(NULL);
    guint n = envelope->references ? envelope->references->len : 0;
    for (guint i = 0; i < n; i++) {
        const char *id = g_ptr_array_index(envelope->references, i);
        bool kept = i == 0 || i + REFERENCES_MAX - 1 >= n;
        if (kept && is_message_id(id) && g_strcmp0(id, envelope->in_reply_to) != 0)
            g_string_append_printf(value, "<%s> ", id);
    }
    g_string_append_printf(value, "<%s>", envelope->in_reply_to);
    set_header(message, "References", value->str);
}

static void add_mailbox(GMimeMessage *message, GMimeAddressType type, const char *name, const char *address) {
    g_autofree char *clean = mustache_clean_line(name, FILE_NAME_MAX);
    g_mime_message_add_mailbox(message, type, *clean ? clean : NULL, address);
}

static void set_headers(GMimeMessage *message, const LetterEnvelope *envelope) {
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(envelope->date_s);
    g_autoptr(GDateTime) date = g_date_time_to_timezone(utc, envelope->zone);
    g_autofree char *subject = mustache_clean_line(envelope->text->subject, LETTER_SUBJECT_MAX);
    g_autofree char *fortnight_id = mustache_clean_line(envelope->fortnight_id, ID_MAX_BYTES);
    add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, envelope->from_name, envelope->from_address);
    add_mailbox(message, GMIME_ADDRESS_TYPE_TO, envelope->to_name, envelope->to_address);
    g_mime_message_set_subject(message, subject, "utf-8");
    g_mime_message_set_date(message, date);
    g_mime_message_set_message_id(message, envelope->message_id);
    if (is_message_id(envelope->in_reply_to)) {
        g_autofree char *id = g_strdup_printf("<%s>", envelope->in_reply_to);
        set_header(message, "In-Reply-To", id);
        set_references(message, envelope);
    }
    set_header(message, "Auto-Submitted", envelope->is_reply ? "auto-replied" : "auto-generated");
    set_header(message, "X-Auto-Response-Suppress", "All");
    if (*fortnight_id)
        set_header(message, "X-Fortnight-Id", fortnight_id);
    if (envelope->is_repeated)
        set_header(message, "X-Fortnight-Repeated", "yes");
}

/* ---- parts ------------------------------------------------------------------------------------------- */

static char *with_crlf(const char *text) {
    g_autoptr(GString) out = g_string_sized_new(strlen(text) + 256);
    for (const char *p = text; *p; p++) {
        if (*p == '\n')
            g_string_append(out, "\r\n");
        else if (*p != '\r')
            g_string_append_c(out, *p);
    }
    if (out->len && !g_str_has_suffix(out->str, "\r\n"))
        g_string_append(out, "\r\n");
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static bool prefers_base64(const char *bytes, gsize length) {
    gsize high = 0;
    for (gsize i = 0; i < length; i++)
        high += (guchar)bytes[i] >= 0x80;
    return high * PREFER_QP_PER >= length && high > 0;
}

static void set_content(GMimePart *part, const char *bytes, gsize length, GMimeContentEncoding encoding) {
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, encoding);
    g_object_unref(content);
    g_object_unref(stream);
}

/* GMime's quoted-printable encoder wants LF and its writer makes CRLF of it; inside base64 nothing is
 * changed, so CRLF goes in. */
static GMimeObject *text_part(const char *subtype, const char *text) {
    GMimePart *part = g_mime_part_new_with_type("text", subtype);
    gsize length = strlen(text);
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    if (prefers_base64(text, length)) {
        g_autofree char *canonical = with_crlf(text);
        set_content(part, canonical, strlen(canonical), GMIME_CONTENT_ENCODING_BASE64);
    } else {
        set_content(part, text, length, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    }
    return GMIME_OBJECT(part);
}

/* A file name without path, controls and what file systems refuse. */
static char *clean_file_name(const char *name) {
    char *clean = mustache_clean_line(name, FILE_NAME_MAX);
    g_strdelimit(clean, "/\\:*?\"<>|;", '_');
    if (clean[0] == '.')
        clean[0] = '_';
    return clean;
}

/* The name parameter in RFC 2047 words: no standard, but the only form that old Chinese clients read; the
 * file name in Content-Disposition is RFC 2231 (facts/libraries.md 3.5). The format options do not reach
 * this, the parameter does. */
static void set_type_name(GMimeObject *part, const char *name) {
    GMimeContentType *type = g_mime_object_get_content_type(part);
    g_mime_content_type_set_parameter(type, "name", name);
    GMimeParam *param = g_mime_param_list_get_parameter(g_mime_content_type_get_parameters(type), "name");
    g_mime_param_set_charset(param, "utf-8");
    g_mime_param_set_encoding_method(param, GMIME_PARAM_ENCODING_METHOD_RFC2047);
}

static GMimeObject *attachment_part(const LetterAttachment *attachment) {
    g_autofree char *name = clean_file_name(attachment->file_name);
    GMimeContentType *type = g_mime_content_type_parse(NULL, attachment->content_type);
    GMimePart *part = g_mime_part_new();
    g_mime_object_set_content_type(GMIME_OBJECT(part), type);
    g_object_unref(type);
    set_type_name(GMIME_OBJECT(part), name);
    if (g_str_has_prefix(attachment->content_type, "text/"))
        g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    g_mime_object_set_disposition(GMIME_OBJECT(part), attachment->content_id ? "inline" : "attachment");
    g_mime_object_set_content_disposition_parameter(GMIME_OBJECT(part), "filename", name);
    if (attachment->content_id)
        g_mime_object_set_content_id(GMIME_OBJECT(part), attachment->content_id);
    gsize length;
    const char *bytes = g_bytes_get_data(attachment->data, &length);
    set_content(part, bytes, length, GMIME_CONTENT_ENCODING_BASE64);
    return GMIME_OBJECT(part);
}

/* Boundaries are made of the Message-ID, so that the bytes repeat. "=_" stands in no base64 and no
 * quoted-printable. */
static GMimeMultipart *multipart_new(const char *subtype, const LetterEnvelope *envelope) {
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, envelope->message_id, -1);
    g_autofree char *boundary = g_strdup_printf("=_%s_%.32s", subtype, digest);
    GMimeMultipart *multipart = g_mime_multipart_new_with_subtype(subtype);
    g_mime_multipart_set_boundary(multipart, boundary);
    return multipart;
}

static void add_part(GMimeMultipart *multipart, GMimeObject *part) {
    g_mime_multipart_add(multipart, part);
    g_object_unref(part);
}

/* Adds the attachments that are (or are not) inline; how many there are. */
static guint add_attachments(GMimeMultipart *multipart, const LetterEnvelope *envelope, bool is_inline) {
    guint n = 0;
    for (guint i = 0; i < envelope->n_attachments; i++) {
        const LetterAttachment *attachment = &envelope->attachments[i];
        if ((attachment->content_id != NULL) != is_inline)
            continue;
        if (multipart)
            add_part(multipart, attachment_part(attachment));
        n++;
    }
    return n;
}

static GMimeObject *build_body(const LetterEnvelope *envelope) {
    GMimeMultipart *alternative = multipart_new("alternative", envelope);
    add_part(alternative, text_part("plain", envelope->text->text));
    GMimeObject *html = text_part("html", envelope->text->html);
    if (add_attachments(NULL, envelope, true)) {
        GMimeMultipart *related = multipart_new("related", envelope);
        g_mime_object_set_content_type_parameter(GMIME_OBJECT(related), "type", "text/html");
        add_part(related, html);
        add_attachments(related, envelope, true);
        html = GMIME_OBJECT(related);
    }
    add_part(alternative, html);
    if (!add_attachments(NULL, envelope, false))
        return GMIME_OBJECT(alternative);
    GMimeMultipart *mixed = multipart_new("mixed", envelope);
    add_part(mixed, GMIME_OBJECT(alternative));
    add_attachments(mixed, envelope, false);
    return GMIME_OBJECT(mixed);
}

/* ---- bytes ------------------------------------------------------------------------------------------- */

static GBytes *write_message(GMimeMessage *message) {
    GMimeFormatOptions *format = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_mime_object_write_to_stream(GMIME_OBJECT(message), format, stream);
    g_object_unref(stream);
    g_mime_format_options_free(format);
    if (bytes->len < 2 || memcmp(bytes->data + bytes->len - 2, "\r\n", 2) != 0)
        g_byte_array_append(bytes, (const guint8 *)"\r\n", 2);
    return g_byte_array_free_to_bytes(bytes);
}

static bool check_envelope(const LetterEnvelope *envelope, GError **error) {
    const char *what = !transport_address_is_safe(envelope->from_address) ? "the sender's address"
                       : !transport_address_is_safe(envelope->to_address) ? "the recipient's address"
                       : !is_message_id(envelope->message_id)             ? "the Message-ID"
                                                                          : NULL;
    if (!what)
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT, "letter cannot be written: %s is unusable",
                what);
    return false;
}

GBytes *letter_mime_render(const LetterEnvelope *envelope, GError **error) {
    static gsize initialised = 0;
    if (!check_envelope(envelope, error))
        return NULL;
    if (g_once_init_enter(&initialised)) {
        g_mime_init();
        g_once_init_leave(&initialised, 1);
    }
    GMimeMessage *message = g_mime_message_new(TRUE);
    set_headers(message, envelope);
    GMimeObject *body = build_body(envelope);
    g_mime_message_set_mime_part(message, body);
    g_object_unref(body);
    g_autoptr(GBytes) bytes = write_message(message);
    g_object_unref(message);
    const char *reason;
    if (transport_letter_is_safe(bytes, &reason))
        return g_steal_pointer(&bytes);
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT, "letter is not fit for SMTP: %s", reason);
    return NULL;
}
