/* Any text as the body of a reply, plain and HTML: nothing of it may be lost. */
#include "parsers/charset.h"
#include "parsers/reply.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    ReplyParts parts;
    g_autofree char *text = charset_clean((const char *)bytes, (gssize)length);
    reply_split(text, &parts);
    g_assert_true(*parts.reply != '\0' || *parts.quoted != '\0' || *parts.signature != '\0' ||
                  text[strspn(text, " \t\n")] == '\0');
    reply_parts_clear(&parts);
    g_autofree char *new = NULL, *quoted = NULL;
    reply_split_html(text, &new, &quoted);
    return 0;
}
