#include "gateway/core/reason.h"

#include <stdarg.h>
#include <string.h>

static const struct {
    const char *zh, *en;
} texts[REASONS] = {
    [REASON_NONE] = {"", ""},
    [REASON_STAGE] = {"{organization}的{obligation} {period} "
                      "尚未登记，不在免报之列，也没有待登记的来信；现处于 {stage} 阶段",
                      "{organization} owes {obligation} {period}: nothing recorded, not exempt, no mail "
                      "waiting; stage {stage} is in force"},
    [REASON_SUMMARY] = {"{obligation} {period} 的汇总应发给{role}",
                        "the summary of {obligation} {period} is due to the {role}"},
    [REASON_PREVIEW] = {"{obligation} {period} 的汇总等待联络员同意后发出",
                        "the summary of {obligation} {period} waits for the liaison's word"},
    [REASON_REVIEW_NOTICE] = {"上一小时起有事项待人工处理",
                              "something waits for a person since the last hour"},
    [REASON_URGENT] = {"标为紧急且尚未处理，此前已通知 {count} 次",
                       "marked urgent and not settled; told {count} times before"},
    [REASON_URGENT_NOTICE] = {"紧急情况已处理：公告草稿",
                              "an urgent matter was settled: the draft of the public notice"},
    [REASON_QUESTIONS_PASSED] = {"已知且未答复的问题：{count} 个", "known and open: questions: {count}"},
    [REASON_QUESTIONS_NUDGED] = {"满 18 小时未答复的问题：{count} 个",
                                 "open for 18 hours: questions: {count}"},
    [REASON_QUESTIONS_OVERDUE] = {"满 24 小时未答复的问题：{count} 个",
                                  "open for 24 hours: questions: {count}"},
    [REASON_INQUIRY] = {"主管询问未答复的原因，问题 {count} 个",
                        "the supervisor asks why it was not answered: questions: {count}"},
    [REASON_INQUIRY_COPY] = {"询问抄送主管，问题 {count} 个",
                             "copy of the inquiry to the supervisor: questions: {count}"},
    [REASON_EXPLANATION] = {"板块负责人已说明原因", "the section head has answered the inquiry"},
    [REASON_SECTION_DIGEST] = {"{obligation} {period} 的截止日：{section}板块的报送情况",
                               "due day of {obligation} {period}: how section {section} stands"},
    [REASON_SECTION_LATER] = {"{section}板块尚未审核的报送：{count} 份",
                              "reports of section {section} that are not reviewed: {count}"},
    [REASON_ADVISOR_DIGEST] = {"{obligation} {period} 的截止日：所指导组织的报送情况",
                               "due day of {obligation} {period}: how the advised organizations stand"},
    [REASON_RETURNED] = {"板块负责人退回了这份报送", "the section head has returned this report"},
    [REASON_ANNOUNCE] = {"开学通知：{span} 的报送任务", "announcement of what is due: {span}"},
    [REASON_DUTY] = {"{day} 轮到{name}：{duty}", "{name} is on duty on {day}: {duty}"},
    [REASON_DUTY_COPY] = {"抄送：{day} 轮到{name}：{duty}", "copy: {name} is on duty on {day}: {duty}"},
    [REASON_ACK] = {"已登记一份报送", "a submission was recorded"},
    [REASON_ACK_CHANGED] = {"已登记一份修订过的报送",
                            "a submission was recorded that changes an earlier one"},
    [REASON_ACK_SAME] = {"同一份报送又来了一次", "the same submission came again"},
    [REASON_ACK_UNKNOWN] = {"未登记的发件人寄来了认得的表格：每天回复一次，由人工确认发件人",
                            "an unknown sender sent a recognised form: one ack a day, a person confirms the "
                            "sender"},
    [REASON_DEFECT] = {"已登记的发件人寄来的内容无法登记", "a known sender's message could not be recorded"},
    [REASON_ANSWER] = {"收到命令，或对我们信件的回复", "a command or a reply to our own letter"},
    [REASON_REPLY] = {"来信提出的问题已有答复", "a question that came by mail was answered"},
    [REASON_ASKED] = {"工作组来信要求催报", "a manager asked for it by mail"},
    [REASON_PINNED] = {"{obligation} {period} 汇总之后：重复的问题",
                       "after the summary of {obligation} {period}: questions that repeat"},
    [REASON_ALERT] = {"系统有需要处理的情况", "something needs the operator"},
    [REASON_DRIFT] = {"从表格中读出的项目比上一期明显减少", "forms say less than in the period before"},
    [REASON_GONE_OBLIGATION] = {"配置中已没有这项任务", "the obligation is no longer configured"},
    [REASON_GONE_PERIOD] = {"日程中已没有这一期", "the schedule no longer has this period"},
    [REASON_GONE_ORGANIZATION] = {"名册中已没有这个组织", "the organization is no longer on the roster"},
    [REASON_GONE_DUE_PASSED] = {"截止时间已过", "the due instant has passed"},
    [REASON_GONE_DUE_MOVED] = {"截止时间已改，这一期并未逾期",
                               "the period is not overdue: its due date has moved"},
    [REASON_GONE_SUBMITTED] = {"其间已经收到", "it has been submitted meanwhile"},
    [REASON_GONE_EXEMPT] = {"该组织这一期免报", "the organization is exempt from this period"},
    [REASON_GONE_SUSPENDED] = {"该组织已暂停", "the organization is suspended"},
    [REASON_GONE_NOT_OWED] = {"该组织这一期没有报送任务", "the organization does not owe this period"},
    [REASON_GONE_EXPIRED] = {"已过期", "it has expired"},
    [REASON_GONE_SILENT] = {"仍处于静默期", "the first contact is still silent"},
    [REASON_GONE_REVIEWED] = {"已没有待人工处理的事项", "nothing waits for a person any more"},
    [REASON_GONE_QUESTIONS] = {"其中的问题都已处理", "all its questions are settled"},
    [REASON_GONE_URGENT] = {"其间已经处理", "it has been settled meanwhile"},
    [REASON_GONE_DIGEST] = {"其间都已审核", "all of it has been reviewed meanwhile"},
    [REASON_GONE_DUTY] = {"值班已换人或取消", "the duty was handed over or cancelled"},
    [REASON_GONE_PREVIEW] = {"汇总已不再等待", "no summary waits any more"},
    [REASON_MUTE_READ_AGAIN] = {"只是重新读取，不需要回信", "it was read again: no answer is owed"},
    [REASON_MUTE_BY_HAND] = {"由人工录入", "it was entered by hand"},
    [REASON_MUTE_SILENT] = {"仍处于静默期，release 之后才发信", "the first contact is still silent"},
    [REASON_MUTE_BEFORE_RELEASE] = {"来信早于静默期结束的时间",
                                    "it arrived before the first contact was released"},
    [REASON_MUTE_NO_ADDRESS] = {"没有可以回复的地址", "there is no address to answer to"},
    [REASON_MUTE_AUTOMATIC] = {"自动发出的邮件一律不回复", "automatic mail is never answered"},
    [REASON_MUTE_JUNK] = {"垃圾邮件文件夹里的邮件一律不回复", "mail from the spam folder is never answered"},
    [REASON_MUTE_SEVERAL_FROM] = {"有几个发件人，无法确定回复给谁", "several senders: nobody is answered"},
    [REASON_MUTE_OWN] = {"发自我们自己的地址", "it came from our own address"},
    [REASON_MUTE_UNREADABLE] = {"邮件无法读取，由人工处理",
                                "the message could not be read: a person looks at it"},
    [REASON_MUTE_ONCE_A_DAY] = {"未登记的发件人每天只回复一次", "an unknown sender is answered once a day"},
    [REASON_MUTE_UNKNOWN] = {"发件人不在名册中", "the sender is not on the roster"},
    [REASON_MUTE_UNKNOWN_URGENT] = {"发件人不在名册中；紧急情况已转告负责人",
                                    "the sender is not on the roster; the urgent matter was passed on"},
    [REASON_MUTE_NO_FORM] = {"没有找到表格，无可确认的内容，由人工处理",
                             "no form was found, so there is nothing to acknowledge: a person looks at it"},
    [REASON_MUTE_PERSON] = {"由人工答复", "a person answers it"},
    [REASON_MUTE_PERSON_FIRST] = {"先由人工决定", "a person decides first"},
    [REASON_MUTE_TOO_MANY_ORDERS] = {"这个地址一小时内发来的指令太多",
                                     "too many orders from this address within an hour"},
};

static const char *value_of(const char *name, gsize length, va_list pairs) {
    va_list copy;
    const char *found = NULL, *key;
    va_copy(copy, pairs);
    while (found == NULL && (key = va_arg(copy, const char *)) != NULL) {
        const char *value = va_arg(copy, const char *);
        if (strlen(key) == length && strncmp(key, name, length) == 0)
            found = value != NULL ? value : "";
    }
    va_end(copy);
    return found;
}

char *reason_text(ReasonCode code, const char *language, ...) {
    g_return_val_if_fail((guint)code < REASONS, NULL);
    const char *text = g_strcmp0(language, "en") == 0 ? texts[code].en : texts[code].zh;
    GString *out = g_string_new(NULL);
    va_list pairs;
    va_start(pairs, language);
    while (*text != '\0') {
        const char *end = *text == '{' ? strchr(text, '}') : NULL;
        const char *value = end != NULL ? value_of(text + 1, (gsize)(end - text - 1), pairs) : NULL;
        if (value != NULL) {
            g_string_append(out, value);
            text = end + 1;
        } else {
            g_string_append_c(out, *text++);
        }
    }
    va_end(pairs);
    return g_string_free(out, FALSE);
}
