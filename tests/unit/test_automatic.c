#include "parsers/automatic.h"

#include <string.h>

#define FROM_PERSON                                                                                          \
    "From: a@example.com\nTo: desk@example.org\nMIME-Version: 1.0\nContent-Type: text/plain; "               \
    "charset=utf-8\n"
#define FROM_DAEMON                                                                                          \
    "Return-Path: <>\nFrom: Postmaster@example.com\nTo: desk@example.org\nContent-Type: text/plain; "        \
    "charset=utf-8\n"

static Message *parse(const char *text) {
    static const MessageOptions OPTIONS = {.own_address = "desk@example.org",
                                           .own_id_domain = "gateway.example.org"};
    g_autoptr(GBytes) data = g_bytes_new(text, strlen(text));
    return message_parse(data, &OPTIONS);
}

typedef struct {
    const char *why, *text;
    AutomaticKind kind;
} Case;

static const Case CASES[] = {
    {"a person", FROM_PERSON "Subject: 双周报\n\n您好，附件是双周报。\n", AUTOMATIC_NO},
    {"a person who writes about bounces",
     FROM_PERSON "Subject: 邮件被退信\n\n老师好，我的邮件无法送达，550 user unknown，怎么办？\n",
     AUTOMATIC_NO},
    {"a person who was received", FROM_PERSON "Subject: Re: 双周报\n\n已收到，谢谢\n", AUTOMATIC_NO},
    {"a person's Auto-Submitted: no", FROM_PERSON "Auto-Submitted: no\nSubject: x\n\nx\n", AUTOMATIC_NO},
    {"ourselves", "From: Desk@example.org\nSubject: x\n\nx\n", AUTOMATIC_OWN},
    {"our own Message-ID", FROM_PERSON "Message-ID: <1@gateway.example.org>\nSubject: x\n\nx\n",
     AUTOMATIC_OWN},
    {"header", FROM_PERSON "Auto-Submitted: auto-replied\nSubject: Re: x\n\nI am away\n", AUTOMATIC_REPLY},
    {"older header", FROM_PERSON "X-Autoreply: yes\nSubject: Re: x\n\nI am away\n", AUTOMATIC_REPLY},
    {"precedence", FROM_PERSON "Precedence: auto_reply\nSubject: Re: x\n\nx\n", AUTOMATIC_REPLY},
    {"subject, full-width colon", FROM_PERSON "Subject: 自动回复：双周报\n\n您好\n", AUTOMATIC_REPLY},
    {"subject behind Re:", FROM_PERSON "Subject: Re: Automatic reply: x\n\nHello\n", AUTOMATIC_REPLY},
    {"QQ Mail's vacation text",
     FROM_PERSON "Subject: Re: x\n\n这是来自QQ邮箱的假期自动回复邮件。\n您好，我最近正在休假中。\n",
     AUTOMATIC_REPLY},
    {"a report with Precedence: bulk does not vanish",
     FROM_PERSON "Precedence: bulk\nSubject: 双周报\n\n提问量：12\n", AUTOMATIC_LIST},
    {"a list", FROM_PERSON "List-Id: <l.example.com>\nSubject: x\n\nx\n", AUTOMATIC_LIST},
    {"read receipt",
     FROM_PERSON "Subject: 已读: 双周报\nContent-Type: multipart/report; "
                 "report-type=disposition-notification; boundary=b\n\n"
                 "--b\n\nread\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: "
                 "rfc822;a@example.com\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
     AUTOMATIC_REPLY},
    {"delivered: no failure",
     "From: mailer-daemon@example.com\nSubject: Delivered\nContent-Type: multipart/report; "
     "report-type=delivery-status; boundary=b\n\n"
     "--b\n\nok\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: "
     "rfc822; k@example.com\nAction: delivered\nStatus: 2.0.0\n--b--\n",
     AUTOMATIC_REPLY},
    {"abuse report",
     FROM_PERSON
     "Subject: report\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
     "--b\n\nx\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n",
     AUTOMATIC_BOUNCE},
    {"a bounce that a person forwards",
     FROM_PERSON
     "Subject: Fw: 退信\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n请看\n--b\nContent-Type: "
     "message/rfc822\n\n"
     "Return-Path: <>\nFrom: mailer-daemon@example.com\nSubject: failure notice\n\nuser unknown\n--b--\n",
     AUTOMATIC_NO},
};

static void test_kind(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_test_message("%s", CASES[i].why);
        g_autoptr(Message) message = parse(CASES[i].text);
        g_assert_cmpint(message->automatic, ==, CASES[i].kind);
        g_assert_cmpint(message->bounce != NULL, ==, CASES[i].kind == AUTOMATIC_BOUNCE);
    }
}

typedef struct {
    const char *why, *text, *recipient, *status, *class_name;
} BounceCase;

static const BounceCase BOUNCES[] = {
    {"RFC 3464",
     "From: MAILER-DAEMON@example.com\nSubject: Undelivered Mail\nContent-Type: Multipart/report; "
     "report-type=delivery-status; boundary=b\n\n"
     "--b\n\nsorry\n--b\nContent-Type: Message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: "
     "rfc822; k@example.com\nAction: failed\n"
     "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <k@example.com>:\n user unknown\n--b--\n",
     "k@example.com", "5.1.1", "hard"},
    {"full box",
     FROM_DAEMON "Subject: failure notice\n\nHi. This is the qmail-send program.\n<k@example.com>:\n552 "
                 "5.2.2 mailbox full\n",
     "k@example.com", "5.2.2", "soft"},
    {"for a time",
     FROM_DAEMON "Subject: Warning: could not send message\n\n<k@example.com>: 451 4.3.0 try again later\n",
     "k@example.com", "4.3.0", "soft"},
    {"policy", FROM_DAEMON "Subject: failure notice\n\n<k@example.com>: 554 5.7.1 message rejected as spam\n",
     "k@example.com", "5.7.1", "other"},
    {"refused after the letter was sent",
     FROM_DAEMON "Subject: failure notice\n\n<k@example.com>: host x said: 550 User unknown (in reply to end "
                 "of DATA command)\n",
     "k@example.com", NULL, "other"},
    {"about the sender", FROM_DAEMON "Subject: failure notice\n\n<k@example.com>: 550 5.1.7 No such domain\n",
     "k@example.com", "5.1.7", "other"},
    {"163.com, Coremail",
     FROM_DAEMON "Subject: 系统退信/The email is "
                 "returned\n\n抱歉，您的邮件被退回来了……\n收件人：k@example.com\n退信原因：用户不存在\n",
     "k@example.com", NULL, "hard"},
    {"QQ Mail",
     FROM_DAEMON "Subject: 来自qq.com的退信\n\n无法发送到 k@example.com\n退信原因 收件人邮箱容量已满\n",
     "k@example.com", NULL, "soft"},
    {"X-Failed-Recipients",
     "From: x@example.com\nX-Failed-Recipients: k@example.com\nSubject: Mail\n\nno such user\n",
     "k@example.com", NULL, "hard"},
    {"notification as JSON",
     FROM_PERSON "Subject: note\n\n{\"notificationType\":\"Bounce\",\"r\":\"k@example.com\",\"d\":\"smtp; "
                 "550 5.1.1 user unknown\"}\n",
     "k@example.com", "5.1.1", "hard"},
};

static void test_bounce(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(BOUNCES); i++) {
        const BounceCase *c = &BOUNCES[i];
        g_test_message("%s", c->why);
        g_autoptr(Message) message = parse(c->text);
        g_assert_cmpint(message->automatic, ==, AUTOMATIC_BOUNCE);
        g_assert_nonnull(message->bounce);
        g_assert_cmpstr(message->bounce->recipient, ==, c->recipient);
        g_assert_cmpstr(message->bounce->status, ==, c->status);
        g_assert_cmpstr(message->bounce->class_name, ==, c->class_name);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/automatic/kind", test_kind);
    g_test_add_func("/automatic/bounce", test_bounce);
    return g_test_run();
}
