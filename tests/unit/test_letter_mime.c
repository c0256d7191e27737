#include "gateway/io/letter_mime.h"

#include <gmime/gmime.h>
#include <string.h>

#include "gateway/core/error.h"
#include "gateway/io/transport.h"

/* LetterText owns what it holds; here nothing is freed */
#define TEXT(subject, text, html)                                                                            \
    { (char *)(subject), (char *)(text), (char *)(html) }

static LetterText chinese = TEXT("收到：护理学院学生会 双周报（6月14日至6月27日），有 2 处请核对 [FN-1]",
                                 "您好：\n\n.\n..x\n已收到。\n", "<p>您好：已收到。</p>\n");

static LetterEnvelope envelope_of(LetterText *text) {
    static GTimeZone *zone;
    if (!zone)
        zone = g_time_zone_new_identifier("Asia/Shanghai");
    return (LetterEnvelope){.from_address = "gateway@example.edu.cn",
                            .from_name = "青年之声",
                            .to_address = "a@example.edu.cn",
                            .to_name = "王晓",
                            .text = text,
                            .message_id = "l.42@example.edu.cn",
                            .in_reply_to = "orig@example.com",
                            .fortnight_id = "ack/42",
                            .date_s = 1467000000,
                            .zone = zone,
                            .is_reply = true};
}

static GBytes *render(const LetterEnvelope *envelope) {
    g_autoptr(GError) error = NULL;
    GBytes *bytes = letter_mime_render(envelope, &error);
    g_assert_no_error(error);
    return bytes;
}

static GMimeMessage *parse(GBytes *bytes) {
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

static const char *header(GMimeMessage *message, const char *name) {
    return g_mime_object_get_header(GMIME_OBJECT(message), name);
}

static void test_headers(void) {
    LetterEnvelope envelope = envelope_of(&chinese);
    g_autoptr(GBytes) bytes = render(&envelope);
    GMimeMessage *message = parse(bytes);
    const char *text = g_bytes_get_data(bytes, NULL);
    g_assert_cmpstr(g_mime_message_get_subject(message), ==, chinese.subject);
    g_assert_cmpstr(header(message, "Message-Id"), ==, "<l.42@example.edu.cn>");
    g_assert_cmpstr(header(message, "In-Reply-To"), ==, "<orig@example.com>");
    g_assert_cmpstr(header(message, "References"), ==, "<orig@example.com>");
    g_assert_cmpstr(header(message, "Auto-Submitted"), ==, "auto-replied");
    g_assert_cmpstr(header(message, "X-Auto-Response-Suppress"), ==, "All");
    g_assert_cmpstr(header(message, "X-Fortnight-Id"), ==, "ack/42");
    g_assert_null(header(message, "X-Fortnight-Repeated"));
    g_assert_nonnull(strstr(text, "Date: Mon, 27 Jun 2016 12:00:00 +0800\r\n"));
    g_assert_nonnull(strstr(text, "MIME-Version: 1.0\r\n"));
    g_assert_nonnull(strstr(text, "<gateway@example.edu.cn>"));
    g_object_unref(message);

    envelope.is_reply = false;
    envelope.is_repeated = true;
    envelope.in_reply_to = NULL;
    g_autoptr(GBytes) second = render(&envelope);
    message = parse(second);
    g_assert_cmpstr(header(message, "Auto-Submitted"), ==, "auto-generated");
    g_assert_cmpstr(header(message, "X-Fortnight-Repeated"), ==, "yes");
    g_assert_null(header(message, "In-Reply-To"));
    g_object_unref(message);
}

static char *part_text(GMimeObject *part) {
    return g_mime_text_part_get_text(GMIME_TEXT_PART(part));
}

/* Text survives as it was, CRLF for LF, whatever the encoding. */
static void test_bodies(void) {
    LetterText english =
        TEXT("Received", "Dear Alex,\n\n.\n.hidden dot\nFrom here\ntrailing space \nna\u00efve = 100%\n",
             "<p>x</p>\n");
    LetterText *texts[] = {&chinese, &english};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        LetterEnvelope envelope = envelope_of(texts[i]);
        g_autoptr(GBytes) bytes = render(&envelope);
        GMimeMessage *message = parse(bytes);
        GMimeObject *root = g_mime_message_get_mime_part(message);
        g_assert_true(
            g_mime_content_type_is_type(g_mime_object_get_content_type(root), "multipart", "alternative"));
        g_assert_cmpint(g_mime_multipart_get_count(GMIME_MULTIPART(root)), ==, 2);
        g_autofree char *plain = part_text(g_mime_multipart_get_part(GMIME_MULTIPART(root), 0));
        g_autofree char *html = part_text(g_mime_multipart_get_part(GMIME_MULTIPART(root), 1));
        g_auto(GStrv) lines = g_strsplit(plain, "\r\n", -1);
        g_autofree char *with_lf = g_strjoinv("\n", lines);
        g_assert_cmpstr(with_lf, ==, texts[i]->text);
        g_assert_true(g_str_has_prefix(html, i ? "<p>x</p>" : "<p>您好：已收到。</p>"));
        g_object_unref(message);
    }
}

static void test_same_bytes(void) {
    LetterEnvelope envelope = envelope_of(&chinese);
    g_autoptr(GBytes) first = render(&envelope);
    g_autoptr(GBytes) second = render(&envelope);
    g_assert_true(g_bytes_equal(first, second));
}

static void test_attachments(void) {
    g_autoptr(GBytes) docx = g_bytes_new_static("PK\003\004\r\n\n\r.\r\n\0x", 13);
    g_autoptr(GBytes) png = g_bytes_new_static("\x89PNG", 4);
    LetterAttachment attachments[] = {
        {"../../联系回执表（青年之声平台工作）填写模板\u202e2016年6月.docx",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document", NULL, docx},
        {"chart.png", "image/png", "chart@example.edu.cn", png},
    };
    LetterEnvelope envelope = envelope_of(&chinese);
    envelope.attachments = attachments;
    envelope.n_attachments = 2;
    g_autoptr(GBytes) bytes = render(&envelope);
    const char *text = g_bytes_get_data(bytes, NULL);
    GMimeMessage *message = parse(bytes);
    GMimeObject *mixed = g_mime_message_get_mime_part(message);
    g_assert_true(g_mime_content_type_is_type(g_mime_object_get_content_type(mixed), "multipart", "mixed"));
    GMimePart *file = GMIME_PART(g_mime_multipart_get_part(GMIME_MULTIPART(mixed), 1));
    g_assert_cmpstr(g_mime_part_get_filename(file), ==,
                    "_._.._联系回执表（青年之声平台工作）填写模板2016年6月.docx");
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(file), stream);
    GByteArray *content = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    g_assert_cmpmem(content->data, content->len, g_bytes_get_data(docx, NULL), 13);
    g_object_unref(stream);
    g_assert_nonnull(strstr(text, "name=\"=?UTF-8?b?"));   /* for old clients */
    g_assert_nonnull(strstr(text, "filename*0*=UTF-8''")); /* for the others */
    g_assert_nonnull(strstr(text, "Content-Id: <chart@example.edu.cn>\r\n"));
    g_assert_nonnull(strstr(text, "type=\"text/html\""));
    g_object_unref(message);
}

/* Whatever stands in facts and foreign headers: never a header line of its own. */
static void test_injection(void) {
    LetterText hostile = TEXT("x\r\nBcc: v@example.com\u202e", "t\n", "<p>t</p>\n");
    LetterEnvelope envelope = envelope_of(&hostile);
    g_autoptr(GPtrArray) references = g_ptr_array_new();
    g_ptr_array_add(references, (char *)"ok@example.com");
    g_ptr_array_add(references, (char *)"bad@example.com>\r\nBcc: v@example.com");
    envelope.from_name = "gateway\r\nBcc: v@example.com";
    envelope.to_name = "\"王\" <boss@example.com>\nBcc: v@example.com";
    envelope.fortnight_id = "ack/42\r\nBcc: v@example.com";
    envelope.references = references;
    g_autoptr(GBytes) bytes = render(&envelope);
    GMimeMessage *message = parse(bytes);
    g_assert_null(header(message, "Bcc"));
    g_assert_cmpstr(g_mime_message_get_subject(message), ==, "x Bcc: v@example.com");
    g_assert_cmpstr(header(message, "References"), ==, "<ok@example.com> <orig@example.com>");
    InternetAddressList *to = g_mime_message_get_to(message);
    g_assert_cmpint(internet_address_list_length(to), ==, 1);
    InternetAddress *recipient = internet_address_list_get_address(to, 0);
    g_assert_cmpstr(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(recipient)), ==,
                    "a@example.edu.cn");
    g_object_unref(message);

    envelope.in_reply_to = "orig@example.com\r\nBcc: v@example.com";
    g_autoptr(GBytes) without = render(&envelope);
    message = parse(without);
    g_assert_null(header(message, "Bcc"));
    g_assert_null(header(message, "In-Reply-To"));
    g_object_unref(message);
}

static void test_refused(void) {
    static const struct {
        const char *from, *to, *id, *part;
    } bad[] = {{"gateway@example.edu.cn\r\nx", "a@example.edu.cn", "l@x", "sender"},
               {"gateway@example.edu.cn", "a@example.edu.cn>", "l@x", "recipient"},
               {"gateway@example.edu.cn", NULL, "l@x", "recipient"},
               {"gateway@example.edu.cn", "a@example.edu.cn", "l@x>\r\nBcc: y", "Message-ID"},
               {"gateway@example.edu.cn", "a@example.edu.cn", NULL, "Message-ID"}};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        LetterEnvelope envelope = envelope_of(&chinese);
        g_autoptr(GError) error = NULL;
        envelope.from_address = bad[i].from;
        envelope.to_address = bad[i].to;
        envelope.message_id = bad[i].id;
        g_assert_null(letter_mime_render(&envelope, &error));
        g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT);
        g_assert_nonnull(strstr(error->message, bad[i].part));
    }
}

/* A text of one endless line, thirty references, a subject at its limit: still lines of at most 998 octets.
 */
static void test_long_things(void) {
    g_autofree char *line = g_strnfill(20000, 'x');
    g_autoptr(GString) subject = g_string_new(NULL);
    for (int i = 0; i < 150; i++)
        g_string_append(subject, "护");
    LetterText text = {subject->str, line, line};
    LetterEnvelope envelope = envelope_of(&text);
    g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < 300; i++)
        g_ptr_array_add(references, g_strdup_printf("%d.%.*s@example.com", i, 200, line));
    envelope.references = references;
    g_autoptr(GBytes) bytes = render(&envelope);
    const char *reason;
    g_assert_true(transport_letter_is_safe(bytes, &reason));
    GMimeMessage *message = parse(bytes);
    g_assert_true(g_str_has_prefix(header(message, "References"), "<0."));
    g_assert_true(g_str_has_suffix(header(message, "References"), "<orig@example.com>"));
    g_assert_nonnull(strstr(header(message, "References"), "<299."));
    g_assert_null(strstr(header(message, "References"), "<150."));
    g_assert_cmpstr(g_mime_message_get_subject(message), ==, subject->str);
    g_object_unref(message);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/letter-mime/headers", test_headers);
    g_test_add_func("/letter-mime/bodies", test_bodies);
    g_test_add_func("/letter-mime/same-bytes", test_same_bytes);
    g_test_add_func("/letter-mime/attachments", test_attachments);
    g_test_add_func("/letter-mime/injection", test_injection);
    g_test_add_func("/letter-mime/refused", test_refused);
    g_test_add_func("/letter-mime/long-things", test_long_things);
    return g_test_run();
}
