/* Any bytes as a message that came back, with and without the report's own type. */
#include "parsers/message.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const char HEAD[] =
        "From: MAILER-DAEMON@example.com\r\nSubject: Undelivered Mail\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n";
    for (guint skip = 0; skip < sizeof HEAD; skip += sizeof HEAD - 1) {
        g_autoptr(GByteArray) mail = g_byte_array_new();
        g_byte_array_append(mail, (const guint8 *)HEAD + skip, (guint)(sizeof HEAD - 1 - skip));
        g_byte_array_append(mail, bytes, (guint)length);
        g_autoptr(GBytes) data = g_bytes_new(mail->data, mail->len);
        message_free(message_parse(data, NULL));
    }
    return 0;
}
