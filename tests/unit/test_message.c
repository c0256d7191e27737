#include "parsers/message.h"

#include <locale.h>
#include <string.h>

#include "parsers/limits.h"

#define HEAD "From: a@example.com\nSubject: s\nMIME-Version: 1.0\n"

static Message *parse(const char *text) {
    g_autoptr(GBytes) data = g_bytes_new(text, strlen(text));
    return message_parse(data, NULL);
}

static const MessagePart *part_at(const Message *message, guint index) {
    g_assert_cmpint(index, <, message->parts->len);
    return g_ptr_array_index(message->parts, index);
}

static void assert_data(const MessagePart *part, const char *expected) {
    gsize length;
    const void *bytes = g_bytes_get_data(part->data, &length);
    g_assert_cmpmem(bytes, length, expected, strlen(expected));
}

static void test_headers(void) {
    g_autoptr(Message) message =
        parse("Received: from x by y; Mon, 13 Jun 2016 10:05:00 +0800\n"
              "From: =?gb2312?B?1cU=?= =?gb2312?B?yP0=?= <a@Example.com>\n"
              "To: \"Doe, John\" <j@example.com>, Club: k@example.com, l@example.com;\n"
              "Cc: m@example.com (Mike)\n"
              "Subject: =?UTF-8?B?5Y+M?=\n =?UTF-8?B?5ZGo?=\n"
              "Message-ID: <1@example.com>\nIn-Reply-To: <2@example.com> (x)\n"
              "References: <2@example.com>\n <3@example.com>\n"
              "Date: Mon, 13 Jun 2016 10:00:00 CST\n\nbody\n");
    g_assert_cmpstr(message->from, ==, "a@Example.com");
    g_assert_cmpstr(message->from_name, ==, "张三");
    g_assert_cmpint(message->from_count, ==, 1);
    g_assert_cmpint(message->to->len, ==, 4);
    g_assert_cmpstr(g_ptr_array_index(message->to, 0), ==, "j@example.com");
    g_assert_cmpstr(g_ptr_array_index(message->to, 3), ==, "m@example.com");
    g_assert_cmpstr(message->subject, ==, "双周");
    g_assert_cmpstr(message->message_id, ==, "1@example.com");
    g_assert_cmpstr(message->in_reply_to, ==, "2@example.com");
    g_assert_cmpint(message->references->len, ==, 2);
    g_assert_cmpint(message->date_s, ==, 1465783200);
    g_assert_cmpint(message->date_offset_s, ==, 28800);
    g_assert_cmpint(message->received_s, ==, 1465783500);
    g_assert_cmpstr(message->body, ==, "body\n");
    g_assert_cmpint(message->problems->len, ==, 0);
}

static void test_senders(void) {
    static const struct {
        const char *head, *from, *name;
        guint count;
    } CASES[] = {
        {"From: a@example.com\nFrom: b@example.com\n", "a@example.com", "", 2},
        {"From: a@example.com, b@example.com\n", "a@example.com", "", 2},
        {"From: \"boss@example.edu.cn\" <evil@example.com>\n", "evil@example.com", "boss@example.edu.cn", 1},
        {"From: a @ example.com (Al)\n", "a@example.com", "Al", 1},
        {"From: \xd5\xc5\xc8\xfd <a@example.com>\n", "a@example.com", "张三", 1},
        {"From: Doe, John <a@example.com>\n", "a@example.com", "Doe, John", 1},
        {"From: undisclosed-recipients:;\n", "", "undisclosed-recipients:;", 0},
        {"From: =?utf-8?B?5Y+M\n", "", "=?utf-8?B?5Y+M", 0},
        {"To: b@example.com\n", "", "", 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *text = g_strconcat(CASES[i].head, "\nx\n", NULL);
        g_autoptr(Message) message = parse(text);
        g_assert_cmpstr(message->from, ==, CASES[i].from);
        g_assert_cmpstr(message->from_name, ==, CASES[i].name);
        g_assert_cmpint(message->from_count, ==, CASES[i].count);
    }
}

static const char MIXED[] = HEAD
    "Content-Type: multipart/mixed; boundary=b\n\npreamble\n"
    "--b\nContent-Type: text/plain; charset=gb2312\n\n\xcb\xab\xd6\xdc \x94\x39\xfc\x36\n"
    "--b\nContent-Type: application/octet-stream; name=\"=?gb2312?B?y6s=?= =?gb2312?B?1twuZG9j?=\"\n"
    "Content-Transfer-Encoding: BASE64 \n\nYWJjZA==\nZWZnaA==\n"
    "--b\nContent-Type: image/png\nContent-ID: <i@x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"
    "--b\nContent-Type: message/rfc822\n\nFrom: c@example.com\nSubject: inner\n\ninner text\n"
    "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=e.txt\n\n"
    "--b--\nepilogue\n";

static void check_mixed(const char *text) {
    g_autoptr(Message) message = parse(text);
    g_assert_cmpint(message->parts->len, ==, 5);
    g_assert_true(part_at(message, 0)->is_body);
    g_assert_cmpstr(message->body, ==, "双周 😀");
    g_assert_cmpstr(part_at(message, 1)->name, ==, "双周.doc");
    assert_data(part_at(message, 1), "abcdefgh");
    g_assert_true(part_at(message, 2)->is_inline_image);
    g_assert_cmpstr(part_at(message, 2)->content_id, ==, "i@x");
    g_assert_cmpint(part_at(message, 3)->message_depth, ==, 1);
    g_assert_cmpstr(part_at(message, 4)->name, ==, "e.txt");
    g_assert_false(part_at(message, 4)->is_body);
    g_assert_cmpint(g_bytes_get_size(part_at(message, 4)->data), ==, 0);
    g_assert_cmpstr(message->subject, ==, "s");
    g_assert_cmpint(message->problems->len, ==, 0);
}

static char *replace(const char *text, const char *from, const char *to) {
    g_auto(GStrv) pieces = g_strsplit(text, from, -1);
    return g_strjoinv(to, pieces);
}

static void test_parts(void) {
    g_autofree char *crlf = replace(MIXED, "\n", "\r\n"), *cr = replace(MIXED, "\n", "\r"),
                    *crcrlf = replace(MIXED, "\n", "\r\r\n");
    g_autofree char *mbox = g_strconcat("From a@example.com Mon Jun 13 10:00:00 2016\n", MIXED, NULL);
    g_autofree char *bom = g_strconcat("\xef\xbb\xbf\n\n", MIXED, NULL);
    const char *const TEXTS[] = {MIXED, crlf, cr, crcrlf, mbox, bom};
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        check_mixed(TEXTS[i]);
}

static void test_bodies(void) {
    static const struct {
        const char *why, *text, *body;
    } CASES[] = {
        {"plain before HTML",
         HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain text of some length\n"
              "--b\nContent-Type: text/html\n\n<p>html</p>\n--b--\n",
         "plain text of some length"},
        {"a stub beside HTML",
         HEAD
         "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n"
         "请使用支持HTML的客户端\n--b\nContent-Type: text/html; "
         "charset=utf-8\n\n<p>提问量：12，回答量：12，转发量：3</p>\n--b--\n",
         "提问量：12，回答量：12，转发量：3"},
        {"a tag that strikes, torn by a line end as senders do it",
         HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nquestions: 1215\n"
              "--b\nContent-Type: text/html\n\n<p>questions: <DEL\nclass=x>12</DEL>15</p>\n--b--\n",
         "questions: 15"},
        {"struck text, which the plain text shows as any other",
         HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nquestions: 1215\n"
              "--b\nContent-Type: text/html\n\n<p>questions: <s>12</s>15</p>\n--b--\n",
         "questions: 15"},
        {"an empty plain text",
         HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n\n--b\nContent-Type: "
              "text/html\n\n<p>x</p>\n--b--\n",
         "x"},
        {"HTML alone, charset in it",
         HEAD "Content-Type: text/html\n\n<meta charset=gb2312><p>\xcb\xab\xd6\xdc</p>", "双周"},
        {"no MIME header at all", "From: a@example.com\n\n双周\n", "双周"},
        {"no header at all", "just a text\n\nof two paragraphs\n", "just a text\n\nof two paragraphs"},
        {"only a preamble", HEAD "Content-Type: multipart/mixed; boundary=b\n\nonly this\n", "only this"},
        {"flowed", HEAD "Content-Type: text/plain; format=flowed\n\nlabel: a long \nvalue\n-- \nme\n",
         "label: a long value\n-- \nme"},
        {"NUL", HEAD "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nYQBi\n", "ab"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_test_message("%s", CASES[i].why);
        g_autoptr(Message) message = parse(CASES[i].text);
        g_autofree char *body = g_strchomp(g_strdup(message->body));
        g_assert_cmpstr(body, ==, CASES[i].body);
        g_assert_cmpint(message->problems->len, ==, 0);
        g_assert_cmpint(message->parts->len, >=, 1);
        g_assert_true(part_at(message, 0)->is_body);
    }
}

static void test_html_reply(void) {
    g_autoptr(Message) message = parse(
        HEAD "Content-Type: text/html; charset=utf-8\n\n<div>好的</div><blockquote><p>旧文</p></blockquote>");
    g_assert_cmpstr(message->reply, ==, "好的");
    g_autofree char *quoted = g_strchomp(g_strdup(message->quoted));
    g_assert_cmpstr(quoted, ==, "旧文");
    g_assert_nonnull(strstr(message->body_html, "<blockquote>"));
}

static void test_problems(void) {
    static const struct {
        const char *why, *text;
        ProblemCode code;
    } CASES[] = {
        {"text behind the base64",
         HEAD "Content-Type: application/octet-stream\nContent-Transfer-Encoding: "
              "base64\n\nYWJj\nZA==\n___\nlist footer\n",
         PROBLEM_DAMAGED},
        {"undecodable text",
         HEAD "Content-Type: text/plain; charset=utf-8\n\n双周报告双周报告\xff双周报告双周报告\n",
         PROBLEM_LOSS},
        {"cloud attachment",
         HEAD "Content-Type: text/plain; charset=utf-8\n\n从QQ邮箱发来的超大附件\na.docx "
              "进入下载页面：http://mail.qq.com/cgi-bin/ftnExs_download?t=x\n",
         PROBLEM_CLOUD_LINK},
        {"external body",
         HEAD "Content-Type: message/external-body; access-type=URL\n\nContent-Type: text/plain\n\n",
         PROBLEM_LOSS},
        {"encrypted", HEAD "Content-Type: application/pkcs7-mime; name=smime.p7m\n\nx", PROBLEM_ENCRYPTED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_test_message("%s", CASES[i].why);
        g_autoptr(Message) message = parse(CASES[i].text);
        g_assert_true(problem_list_has(message->problems, CASES[i].code));
    }
}

static void test_uuencoded(void) {
    g_autoptr(Message) message = parse(HEAD "\nbefore\nbegin 644 a.txt\n#86)C\n`\nend\nafter\n");
    g_assert_cmpstr(message->body, ==, "before\nafter\n");
    g_assert_cmpint(message->parts->len, ==, 2);
    g_assert_cmpstr(part_at(message, 1)->name, ==, "a.txt");
    assert_data(part_at(message, 1), "abc");
}

static void test_unpacked(void) {
    g_autoptr(Message) zip =
        parse(HEAD "Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: "
                   "base64\n\nUEsDBBQAAAAAAAAA0UrCQSQ1AwAAAAMAAAAPAAAA18rBzy/Lq9bcsagudHh0YWJjUEsBAhQAFAAA"
                   "AAAAAADRSsJBJDUDAAAAAwAAAA8AAAAAAAAAAAAAAAAAAAAAANfKwc8vy6vW3LGoLnR4dFBLBQYA"
                   "AAAAAQABAD0AAAAwAAAAAAA=\n");
    g_assert_cmpint(zip->parts->len, ==, 2);
    g_assert_cmpstr(part_at(zip, 1)->name, ==, "双周报.txt");
    g_assert_cmpstr(part_at(zip, 1)->container, ==, "a.zip");
    assert_data(part_at(zip, 1), "abc");
    g_autoptr(Message) tnef =
        parse(HEAD "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: "
                   "base64\n\neJ8+IgEAAQeQBgAIAAAAqAMAAAAAAACrAAICkAYADgAAAAAAAAAAAAAAAAAAAAAAAAACEIABAAsA"
                   "AADLq9bcsaguZG9jAOUFAg+ABgAFAAAAaGVsbG8UAg==\n");
    g_assert_cmpint(tnef->parts->len, ==, 2);
    g_assert_cmpstr(part_at(tnef, 1)->name, ==, "双周报.doc");
    g_assert_cmpstr(part_at(tnef, 1)->container, ==, "winmail.dat");
    assert_data(part_at(tnef, 1), "hello");
    g_assert_cmpint(tnef->problems->len, ==, 0);
}

static void test_encoded_attached_message(void) {
    g_autoptr(Message) message = parse(
        HEAD
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: message/rfc822; "
        "name=f.eml\n"
        "Content-Transfer-Encoding: base64\n\nRnJvbTogYUBleGFtcGxlLmNvbQpTdWJqZWN0OiB4CgppbnNpZGUK\n--b--\n");
    g_assert_cmpint(message->parts->len, ==, 3);
    g_assert_cmpstr(part_at(message, 1)->name, ==, "f.eml");
    g_assert_cmpint(part_at(message, 2)->message_depth, ==, 1);
    assert_data(part_at(message, 2), "inside\n");
}

static void test_limits(void) {
    g_autoptr(GString) many = g_string_new(HEAD "Content-Type: multipart/mixed; boundary=b\n\n");
    for (guint i = 0; i < 60000; i++)
        g_string_append(many, "--b\n\n");
    g_autoptr(Message) message = parse(many->str);
    g_assert_cmpint(message->parts->len, <=, LIMIT_PARTS);
    g_assert_true(problem_list_has(message->problems, PROBLEM_LIMIT));

    g_autoptr(GString) deep = g_string_new(NULL);
    for (guint i = 0; i < 5000; i++)
        g_string_append(deep, "Content-Type: message/rfc822\n\n");
    g_autoptr(Message) nested = parse(deep->str);
    g_assert_true(problem_list_has(nested->problems, PROBLEM_LIMIT));

    g_autoptr(GString) wide = g_string_new("From: a@example.com\n");
    while (wide->len < LIMIT_HEADER_BYTES + 1000)
        g_string_append(wide, "X-Filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n");
    g_string_append(wide, "\nbody\n");
    g_autoptr(Message) header = parse(wide->str);
    g_assert_true(problem_list_has(header->problems, PROBLEM_LIMIT));
    g_assert_cmpstr(header->from, ==, "a@example.com");
    g_assert_cmpstr(header->body, ==, "body\n");
}

/* Every prefix of a message must be read without harm. */
static void test_truncated(void) {
    for (gsize length = 0; length < sizeof MIXED; length++) {
        g_autoptr(GBytes) data = g_bytes_new(MIXED, length);
        g_autoptr(Message) message = message_parse(data, NULL);
        g_assert_true(g_utf8_validate(message->body, -1, NULL));
        g_assert_true(g_utf8_validate(message->subject, -1, NULL));
    }
}

static void test_split_mbox(void) {
    const char *text = "From a Mon Jun 13 10:00:00 2016\nSubject: 1\n\nFrom here on 10 people\n\nFrom b Mon "
                       "Jun 13 10:00:00 2016\nSubject: 2\n\nx\n";
    g_autofree char *crlf = replace(text, "\n", "\r\n"), *cr = replace(text, "\n", "\r");
    const char *const TEXTS[] = {text, crlf, cr};
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autoptr(GBytes) data = g_bytes_new(TEXTS[i], strlen(TEXTS[i]));
        g_autoptr(GPtrArray) messages = message_split_mbox(data);
        g_assert_cmpint(messages->len, ==, 2);
        g_autoptr(Message) second = message_parse(g_ptr_array_index(messages, 1), NULL);
        g_assert_cmpstr(second->subject, ==, "2");
    }
    g_autoptr(GBytes) empty = g_bytes_new_static("", 0);
    g_autoptr(GPtrArray) one = message_split_mbox(empty);
    g_assert_cmpint(one->len, ==, 1);
}

static void test_normalize_address(void) {
    static const struct {
        const char *address, *expected;
    } CASES[] = {
        {"A.b@Example.COM", "A.b@example.com"},
        {"a@b@example.com", NULL},
        {"a b@example.com", NULL},
        {"a@example.com\r\nRCPT TO:<x@y>", NULL},
        {"a@", NULL},
        {"@example.com", NULL},
        {"a@exa_mple.com", NULL},
        {"a@example..com", NULL},
        {"<a@example.com>", NULL},
        {"张@example.com", NULL},
        {"", NULL},
        {NULL, NULL},
        {"a@example.com.", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *address = message_normalize_address(CASES[i].address);
        g_assert_cmpstr(address, ==, CASES[i].expected);
    }
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8"); /* libarchive's names */
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/headers", test_headers);
    g_test_add_func("/message/senders", test_senders);
    g_test_add_func("/message/parts", test_parts);
    g_test_add_func("/message/bodies", test_bodies);
    g_test_add_func("/message/html-reply", test_html_reply);
    g_test_add_func("/message/problems", test_problems);
    g_test_add_func("/message/uuencoded", test_uuencoded);
    g_test_add_func("/message/unpacked", test_unpacked);
    g_test_add_func("/message/encoded-attached-message", test_encoded_attached_message);
    g_test_add_func("/message/limits", test_limits);
    g_test_add_func("/message/truncated", test_truncated);
    g_test_add_func("/message/split-mbox", test_split_mbox);
    g_test_add_func("/message/normalize-address", test_normalize_address);
    return g_test_run();
}
