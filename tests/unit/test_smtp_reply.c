#include "gateway/io/smtp_reply.h"

#include <string.h>

#include "gateway/io/transport.h"

typedef struct {
    SmtpStage stage;
    guint code;
    const char *line;
    SmtpOutcome outcome;
    guint retry_after_s;
} Case;

/* Lines as providers write them; the table of facts: one case for every token. */
static const Case cases[] = {
    {SMTP_STAGE_DOT, 250, "250 2.0.0 Ok: queued as 4F1C", SMTP_SENT, 0},
    {SMTP_STAGE_DOT, 250, "250 strange but fine DT:SPM", SMTP_SENT, 0},
    {SMTP_STAGE_RCPT, 250, "250 ok", SMTP_TEMPORARY, SMTP_RETRY_S},
    {SMTP_STAGE_CONNECT, 421, "421 HL:REP 163 smtp12", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_CONNECT, 421, "421 HL:ICC 163", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_CONNECT, 421, "421 HL:IFC 163", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_CONNECT, 421, "421 HL:MEP 163", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_RCPT, 450, "450 4.2.0 try again", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_DOT, 451, "451 MI:SFQ 163 smtp12", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_RCPT, 451, "451 RP:QRC 163", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_DOT, 451, "451 MI:DMC 163", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_RCPT, 451, "451 4.7.1 greylisted", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_DOT, 550, "550 Ip frequency limited", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_RCPT, 550, "550 Connection frequency limited", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_DOT, 550, "550 MI:STC 163", SMTP_RETRY_NEXT_DAY, 0},
    {SMTP_STAGE_DOT, 554, "554 5.5.0 MI:STC", SMTP_RETRY_NEXT_DAY, 0},
    {SMTP_STAGE_DOT, 554, "554 MI:SFQ 163", SMTP_RETRY_NEXT_DAY, 0},
    {SMTP_STAGE_RCPT, 550, "550 RP:TRC 163", SMTP_RETRY_NEXT_DAY, 0},
    {SMTP_STAGE_DOT, 451, "451 DT:SPM 163 smtp12", SMTP_RETRY_SOON, 120},
    {SMTP_STAGE_DOT, 554, "554 DT:SPM 163 smtp12,EMCowAC--.20404S2 1547175487", SMTP_CONTENT_REFUSED, 0},
    {SMTP_STAGE_DOT, 550, "550 DT:SPM", SMTP_CONTENT_REFUSED, 0},
    {SMTP_STAGE_DOT, 550, "550 Mail content denied", SMTP_CONTENT_REFUSED, 0},
    {SMTP_STAGE_DOT, 550, "550 Suspected spam", SMTP_CONTENT_REFUSED, 0},
    {SMTP_STAGE_DOT, 552, "552 Illegal Attachment", SMTP_CONTENT_REFUSED, 0},
    {SMTP_STAGE_LOGIN, 535, "535 Error: authentication failed", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_MAIL, 550, "550 User has no permission", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_MAIL, 553, "553 Mail from must equal authorized user", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_MAIL, 553, "553 authentication is required", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_MAIL, 553, "553 Requested action not taken: NULL sender is not allowed", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_DOT, 554, "554 DT:SUM 163", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_CONNECT, 554, "554 IP is rejected, smtp auth error limit exceed", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_CONNECT, 554, "554 HL:IHU 163", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_CONNECT, 554, "554 HL:IPB 163", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_DOT, 554, "554 MI:SPB 163", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_CONNECT, 550, "550 MI:NHD", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_LOGIN, 451, "451 too much fail authentication", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_LOGIN, 454, "454 4.7.0 Temporary authentication failure", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_MAIL, 530, "530 5.7.0 Must issue a STARTTLS command first", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_RCPT, 550, "550 Invalid User", SMTP_RECIPIENT_REFUSED, 0},
    {SMTP_STAGE_RCPT, 550, "550 User not found: x@163.com", SMTP_RECIPIENT_REFUSED, 0},
    {SMTP_STAGE_DOT, 550, "550 Mailbox not found", SMTP_RECIPIENT_REFUSED, 0},
    {SMTP_STAGE_RCPT, 550, "550 User suspended", SMTP_RECIPIENT_REFUSED, 0},
    {SMTP_STAGE_RCPT, 550, "550 x@qq.com is a deactivated mailbox", SMTP_RECIPIENT_REFUSED, 0},
    {SMTP_STAGE_RCPT, 552, "552 Requested mail action aborted: exceeded quota", SMTP_RECIPIENT_REFUSED, 0},
    {SMTP_STAGE_RCPT, 552, "552 5.2.2 mailbox full", SMTP_RECIPIENT_REFUSED, 0},
    {SMTP_STAGE_DOT, 550, "550 5.1.1 no such user", SMTP_RECIPIENT_REFUSED, 0},
    {SMTP_STAGE_RCPT, 550, "550 RP:RCL 163", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_RCPT, 550, "550 too much recipient", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_MAIL, 552, "552 exceeded mailsize limit", SMTP_TOO_LARGE, 0},
    {SMTP_STAGE_DOT, 552, "552 Message too large", SMTP_TOO_LARGE, 0},
    {SMTP_STAGE_MAIL, 552, "552 5.3.4 Message size exceeds fixed limit", SMTP_TOO_LARGE, 0},
    /* digits only */
    {SMTP_STAGE_CONNECT, 421, "421 busy", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_RCPT, 452, "452 too many", SMTP_RETRY_SOON, SMTP_RETRY_S},
    {SMTP_STAGE_RCPT, 550, "550 no", SMTP_RECIPIENT_REFUSED, 0},
    {SMTP_STAGE_MAIL, 550, "550 no", SMTP_ACCOUNT, 0},
    {SMTP_STAGE_DOT, 554, "554 no", SMTP_CONTENT_REFUSED, 0},
    {SMTP_STAGE_DATA, 554, "554 no valid recipients", SMTP_CONTENT_REFUSED, 0},
    {SMTP_STAGE_DOT, 554, "554 dt:spm lower case", SMTP_CONTENT_REFUSED, 0},
    {SMTP_STAGE_DOT, 554, "554 \xc7\xeb\xca\xb9 DT:SPM", SMTP_CONTENT_REFUSED, 0},
    {SMTP_STAGE_DOT, 354, "354 go on", SMTP_TEMPORARY, SMTP_RETRY_S},
    {SMTP_STAGE_DOT, 999, "999 what", SMTP_TEMPORARY, SMTP_RETRY_S},
    {SMTP_STAGE_DOT, 0, NULL, SMTP_TEMPORARY, SMTP_RETRY_S},
};

static void test_classify(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        SmtpVerdict verdict = smtp_reply_classify(cases[i].stage, cases[i].code, cases[i].line);
        g_test_message("%u: %s", cases[i].code, cases[i].line ? cases[i].line : "");
        g_assert_cmpstr(smtp_outcome_name(verdict.outcome), ==, smtp_outcome_name(cases[i].outcome));
        g_assert_cmpuint(verdict.retry_after_s, ==, cases[i].retry_after_s);
    }
}

static void test_names(void) {
    for (int i = 0; i < SMTP_OUTCOMES; i++) {
        SmtpOutcome outcome;
        g_assert_true(smtp_outcome_from_name(smtp_outcome_name(i), &outcome));
        g_assert_cmpint(outcome, ==, i);
    }
    SmtpOutcome untouched = SMTP_UNSURE;
    g_assert_false(smtp_outcome_from_name("Sent", &untouched));
    g_assert_cmpint(untouched, ==, SMTP_UNSURE);
}

static void test_addresses(void) {
    static const char *const safe[] = {"a@b", "nursing.office+x@example.edu.cn",
                                       "a_b-c=d@xn--fiqs8s.example"};
    static const char *const unsafe[] = {"",
                                         "a",
                                         "@b",
                                         "a@",
                                         "a@b@c",
                                         "a b@c",
                                         "a@b c",
                                         "a@x>\r\nRCPT TO:<evil@y",
                                         "a\n@b",
                                         "a@b\n",
                                         "<a@b>",
                                         "a,b@c",
                                         "\"a\"@b",
                                         "a\\b@c",
                                         "张@example.com",
                                         "a@例.com",
                                         "a@b..c",
                                         "a@.b",
                                         "a(b)@c",
                                         "a@[127.0.0.1]",
                                         "a@b\x7f",
                                         "a\t@b"};
    for (gsize i = 0; i < G_N_ELEMENTS(safe); i++)
        g_assert_true(transport_address_is_safe(safe[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(unsafe); i++)
        if (transport_address_is_safe(unsafe[i]))
            g_error("“%s” is not safe", unsafe[i]);
    g_assert_false(transport_address_is_safe(NULL));
    g_autofree char *local = g_strnfill(250, 'a');
    g_autofree char *longest = g_strconcat(local, "@b.c", NULL);
    g_autofree char *too_long = g_strconcat(local, "@b.cd", NULL);
    g_assert_true(transport_address_is_safe(longest));
    g_assert_false(transport_address_is_safe(too_long));
}

static void assert_letter(const char *bytes, gsize length, const char *reason_part) {
    const char *reason = NULL;
    g_autoptr(GBytes) letter = g_bytes_new(bytes, length);
    g_assert_cmpint(transport_letter_is_safe(letter, &reason), ==, reason_part == NULL);
    g_assert_true(!reason_part || strstr(reason, reason_part));
}

static void test_letters(void) {
    assert_letter("A: b\r\n\r\nc\r\n", 11, NULL);
    assert_letter("A: b\r\n\r\n.\r\n..\r\n", 15, NULL);
    assert_letter("A: b\n\r\nc\r\n", 10, "CRLF");
    assert_letter("A: b\r\n\r\n.\n", 10, "CRLF");
    assert_letter("A: b\r\n\r\nc", 9, "CRLF");
    assert_letter("A: b\r\n\r\nc\rd\r\n", 13, "CRLF");
    assert_letter("A: b\r\n\r\nc\r\r\n", 12, "CRLF");
    assert_letter("A: b\r\n\r\nc\0d\r\n", 13, "NUL");
    assert_letter("A: b\r\nc\r\n", 9, "empty line");
    assert_letter("", 0, "empty line");
    g_autofree char *filler = g_strnfill(998, 'x');
    g_autofree char *fits = g_strconcat("A: b\r\n\r\n", filler, "\r\n", NULL);
    g_autofree char *too_long = g_strconcat("A: b\r\n\r\n", filler, "x\r\n", NULL);
    assert_letter(fits, strlen(fits), NULL);
    assert_letter(too_long, strlen(too_long), "998");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smtp-reply/classify", test_classify);
    g_test_add_func("/smtp-reply/names", test_names);
    g_test_add_func("/transport/addresses", test_addresses);
    g_test_add_func("/transport/letters", test_letters);
    return g_test_run();
}
