/* Any bytes as what an SMTP server answers, at every stage: two for the code, then the line. */
#include "gateway/io/smtp_reply.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (length < 2)
        return -1;
    g_autofree char *line = g_strndup((const char *)bytes + 2, length - 2);
    for (SmtpStage stage = SMTP_STAGE_CONNECT; stage <= SMTP_STAGE_DOT; stage++) {
        SmtpVerdict verdict = smtp_reply_classify(stage, 200 + (bytes[0] | bytes[1] << 8) % 400, line);
        g_assert_nonnull(smtp_outcome_name(verdict.outcome));
    }
    return 0;
}
