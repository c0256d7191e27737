#include "parsers/sniff.h"

typedef struct {
    const char *bytes;
    gssize length; /* -1: a string */
    const char *name;
    FileType type;
} Case;

static const Case CASES[] = {
    {"", 0, NULL, FILE_EMPTY},
    {"%PDF-1.4\n", -1, "a.docx", FILE_PDF},
    {"{\\rtf1\\ansi", -1, "a.doc", FILE_RTF},
    {"\xEF\xBB\xBF<html><body>", -1, "a.doc", FILE_HTML},
    {"<!DOCTYPE html PUBLIC \"x\">\n<html>", -1, NULL, FILE_HTML},
    {"\n <!-- x --><table><tr>", -1, "a.xls", FILE_HTML},
    {"<?xml version=\"1.0\"?><html xmlns=\"x\">", -1, NULL, FILE_HTML},
    {"<?xml version=\"1.0\"?><w:wordDocument/>", -1, NULL, FILE_XML},
    {"\xFF\xFE<\0h\0t\0m\0l\0>\0", 14, NULL, FILE_HTML},
    {"Received: from a\r\nFrom: a@example.com\r\nSubject: x\r\n\r\nbody", -1, NULL, FILE_MESSAGE},
    {"From: a@example.com\rSubject: x\r\rbody", -1, NULL, FILE_MESSAGE},
    {"From a@example.com Mon Jun 13 10:00:00 2016\nSubject: x\n\n", -1, NULL, FILE_MBOX},
    {"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n", -1, "a.doc", FILE_MHTML},
    /* a form typed into a text file is not a message */
    {"Subject: weekly report\nDate: 2016-06-13\nClub: Chess\n", -1, "a.txt", FILE_TEXT},
    {"单位：示例学院\n提问量：35\n", -1, NULL, FILE_TEXT},
    {"\xb5\xa5\xce\xbb\xa3\xba\xca\xbe\xc0\xfd", -1, "a.txt", FILE_TEXT},
    {"a,b\n1,2\n", -1, "a.CSV", FILE_CSV},
    {"BM is how this text begins, and it goes on for a while", -1, NULL, FILE_TEXT},
    {"BEGIN:VCALENDAR\r\n", -1, NULL, FILE_CALENDAR},
    {"Rar!\x1a\x07\x01\0", 8, NULL, FILE_RAR},
    {"7z\xBC\xAF\x27\x1C", 6, NULL, FILE_7Z},
    {"\x78\x9F\x3E\x22zz", 6, NULL, FILE_TNEF},
    {"\x89PNG\r\n\x1a\n", 8, "a.docx", FILE_IMAGE},
    {"\1\2\3\4\5\6\7\0\1\2\3\0", 12, NULL, FILE_BINARY},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1zz", 10, NULL, FILE_OLE},
    {"PK\3\4zz word/document.xml zz", -1, NULL, FILE_DOCX},
    {"PK\3\4zz", -1, NULL, FILE_ZIP},
};

static void test_cases(void) {
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const Case *c = &CASES[i];
        gsize length = c->length < 0 ? strlen(c->bytes) : (gsize)c->length;
        /* a copy of exact length lets the sanitizer see a read behind the end */
        g_autofree guint8 *copy = g_memdup2(c->bytes, length);
        g_assert_cmpstr(sniff_type_name(sniff_type(copy, length, c->name)), ==, sniff_type_name(c->type));
    }
}

static void test_names(void) {
    for (int type = 0; type < FILE_TYPES; type++)
        g_assert_nonnull(sniff_type_name((FileType)type));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sniff/cases", test_cases);
    g_test_add_func("/sniff/names", test_names);
    return g_test_run();
}
