/* Any bytes as what stands in a header: words, parameters, a date, an address; and as a folder's name. */
#include "gateway/io/utf7.h"
#include "parsers/encoded_word.h"
#include "parsers/mail_date.h"
#include "parsers/message.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    g_autofree char *raw = g_strndup((const char *)bytes, length);
    g_autofree char *text = encoded_word_decode(raw, (gssize)length, length % 2);
    g_autofree char *value = encoded_word_parameter(raw, "filename", length % 2);
    g_autofree char *base = encoded_word_base_name(value != NULL ? value : text);
    g_autofree char *address G_GNUC_UNUSED = message_normalize_address(raw);
    g_autofree char *folder = utf7_decode(raw);
    g_autofree char *wire G_GNUC_UNUSED = folder != NULL ? utf7_encode(folder) : NULL;
    gint64 time_s;
    mail_date_parse(raw, &time_s, NULL);
    g_assert_true(g_utf8_validate(text, -1, NULL) && g_utf8_validate(base, -1, NULL));
    return 0;
}
