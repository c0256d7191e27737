/* What people are told about a review code: the texts of intake.h. */
#include "gateway/core/intake.h"

#include <string.h>

typedef struct {
    const char *code;
    const char *zh, *en;               /* for the liaison and in a defect letter's first line */
    const char *remedy_zh, *remedy_en; /* for the sender; NULL: the sender is not written to */
} CodeText;

#define SEND_WORD_ZH "请把填好的 Word 或 Excel 表格作为普通附件重新发送。"
#define SEND_WORD_EN "Please send the filled Word or Excel form again as an ordinary attachment."

static const CodeText code_texts[] = {
    {"unknown_sender", "发件地址未登记，请确认它能否代表该组织",
     "the sender's address is not registered: may it speak for this organization?", NULL, NULL},
    {"unknown_org", "表中的组织不在名单上", "the organization in the form is not on the roster", NULL, NULL},
    {"ambiguous_org", "有几个组织都符合，无法确定是哪一个", "several organizations fit equally well", NULL,
     NULL},
    {"contradiction_org", "发件地址登记的组织与表中的组织不同",
     "the address is registered for one organization, the form names another", NULL, NULL},
    {"no_org", "邮件里没有写明是哪个组织", "the message does not say which organization it is from", NULL,
     NULL},
    {"several_from", "邮件写有多个发件人", "the message has several senders", NULL, NULL},
    {"no_from", "邮件没有有效的发件地址", "the message has no valid sender address", NULL, NULL},
    {"automatic_form", "自动邮件或群发邮件里含有表格", "automatic or list mail holds a form", NULL, NULL},
    {"junk_form", "垃圾邮件文件夹里的邮件含有表格", "mail in the spam folder holds a form", NULL, NULL},
    {"no_period", "不知道属于哪一期", "it belongs to no period of the schedule", NULL, NULL},
    {"no_form", "没有找到可以登记的表格", "no form was found in it", NULL, NULL},
    {"wrong_form", "附件不是所要求的表格", "the attachment is not the form that is asked for",
     "请下载附件中的空白表格，填好后作为附件发送。",
     "Please fill the blank form that is attached and send it as an attachment."},
    {"empty_form", "表格没有填写", "the form is not filled in",
     "收到的是没有填写的表格，请填好、保存后重新发送。",
     "The form that arrived is blank. Please fill it in, save it and send it again."},
    {"encrypted", "附件有密码，无法打开", "the attachment is protected by a password",
     "请去掉密码，" SEND_WORD_ZH, "Please remove the password. " SEND_WORD_EN},
    {"damaged", "附件已损坏，无法打开", "the attachment is damaged", SEND_WORD_ZH, SEND_WORD_EN},
    {"scan", "附件是扫描件或图片，里面没有文字", "the attachment is a scan or a picture without text",
     "请不要发送照片或扫描件，" SEND_WORD_ZH, "Please send no photograph or scan. " SEND_WORD_EN},
    {"cloud_link", "附件是云附件或超大附件，邮件里只有下载链接",
     "the attachment is only a link to cloud storage", "本系统不打开下载链接，" SEND_WORD_ZH,
     "Download links are not opened here. " SEND_WORD_EN},
    {"bomb", "压缩附件展开后异常庞大", "the archive unpacks to an enormous size", SEND_WORD_ZH, SEND_WORD_EN},
    {"limit", "邮件或附件太大", "the message or its attachment is too large",
     "请去掉表格中的图片和无关附件后重新发送。",
     "Please take pictures and other attachments out and send the form again."},
    {"unsupported", "附件的格式无法读取", "the attachment's format cannot be read",
     "请另存为 .docx 或 .xlsx 格式后重新发送。", "Please save it as .docx or .xlsx and send it again."},
    {"bounce", "寄出的信被退回，请打电话联系，并登记新的邮箱",
     "a letter came back: please telephone and register another address", NULL, NULL},
    {"command", "邮件里是一条指令", "the message is a command", NULL, NULL},
    {"correction", "邮件里是对已交内容的更正", "the message corrects what was submitted", NULL, NULL},
    {"question", "邮件里是一个问题", "the message is a question", NULL, NULL},
    {"reader_failed", "这封邮件无法读取", "this message could not be read", NULL, NULL},
    {"pending", "邮件已等待 24 小时，期间没有催报", "mail has waited for 24 hours and held reminders back",
     NULL, NULL},
};

static const CodeText *find_code(const char *code) {
    for (gsize i = 0; i < G_N_ELEMENTS(code_texts); i++)
        if (g_strcmp0(code_texts[i].code, code) == 0)
            return &code_texts[i];
    return NULL;
}

const char *intake_review_text(const char *code, const char *language) {
    const CodeText *text = find_code(code);
    if (text == NULL)
        return code;
    return g_strcmp0(language, "en") == 0 ? text->en : text->zh;
}

const char *intake_defect_remedy(const char *code, const char *language) {
    const CodeText *text = find_code(code);
    if (text == NULL)
        return NULL;
    return g_strcmp0(language, "en") == 0 ? text->remedy_en : text->remedy_zh;
}
