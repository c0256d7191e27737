#include "parsers/form_words.h"

#include <string.h>

#include "parsers/label.h"
#include "parsers/label_fold.h"
#include "parsers/utf8.h"

#define UNIT_MAX_BYTES    16 /* （人次） */
#define ABSENT_WORD_MAX   16 /* letters of the longest of absent_words */
#define HEADING_MAX_BYTES 60
#define TOTAL_MAX         16  /* characters of a sum's name */
#define MADE_UP_MAX       12  /* characters of XX学院学生会 */
#define ABSENT_MAX_BYTES  120 /* placeholders are short; a longer text was written by somebody */

/* The first letter of a text's normal form, where that is plain to see; false: only the whole form tells. */
static bool first_letter(const char *text, char ret_letter[8]) {
    for (; (guchar)*text < 0x80; text++) {
        if (!*text)
            return false;
        if (g_ascii_isalnum(*text)) {
            ret_letter[0] = g_ascii_tolower(*text);
            ret_letter[1] = 0;
            return true;
        }
    }
    if (!utf8_is_common_han(text))
        return false;
    ret_letter[g_unichar_to_utf8(label_fold(utf8_char(text)), ret_letter)] = 0;
    return true;
}

/* The text has letters, and its normal form is surely none of the list: so it need not be made. */
static bool is_surely_other(const char *const *list, const char *text) {
    char letter[8];
    if (!first_letter(text, letter))
        return false;
    for (; *list; list++)
        if (utf8_has_prefix(*list, letter))
            return false;
    return true;
}

static bool is_listed(const char *const *list, const char *word) {
    for (; *list; list++)
        if (**list == *word && strcmp(*list, word) == 0)
            return true;
    return false;
}

static bool has_listed_prefix(const char *const *list, const char *text) {
    for (; *list; list++)
        if (utf8_has_prefix(text, *list))
            return true;
    return false;
}

/* normal forms */
static const char *const absent_words[] = {"请填写",
                                           "请输入",
                                           "请选择",
                                           "请填入",
                                           "请补充",
                                           "必填",
                                           "选填",
                                           "待填",
                                           "待填写",
                                           "待补充",
                                           "未填",
                                           "未填写",
                                           "填写处",
                                           "待定",
                                           "暂缺",
                                           "如有请填写",
                                           "没有填空",
                                           "在此填写",
                                           "此处填写",
                                           "在此输入",
                                           "选择一项",
                                           "选择日期",
                                           "请选择日期",
                                           "此处输入",
                                           "键入",
                                           "键入文字",
                                           "键入内容",
                                           "键入文本",
                                           "文本",
                                           "内容",
                                           "无内容",
                                           "none",
                                           "na",
                                           "nil",
                                           "tbd",
                                           "同上",
                                           "同左",
                                           "同前",
                                           "sameasabove",
                                           "ditto",
                                           "tba",
                                           "required",
                                           "optional",
                                           "pleasefillin",
                                           "fillin",
                                           "pleaseenter",
                                           "pleaseselect",
                                           "clickheretoenter",
                                           "chooseanitem",
                                           "enterhere",
                                           "tobefilled",
                                           "todo",
                                           "yyyymmdd",
                                           "年月日",
                                           "年月日至年月日",
                                           "月日",
                                           "月日至月日",
                                           "年月日年月日",
                                           NULL};

/* as written, after white space and opening brackets */
static const char *const absent_prefixes[] = {"例：",       "例:",        "例如：",     "例如:",
                                              "示例：",     "示例:",      "样例：",     "样例:",
                                              "如：",       "如:",        "单击此处",   "单击或点击此处",
                                              "点击此处",   "点击或轻触", "单击或轻触", "点击或轻敲",
                                              "单击或轻敲", "点击输入",   "Click here", "Click or tap",
                                              "e.g.",       "E.g.",       "Example:",   "请在此",
                                              "请在这里",   NULL};

/* a short text that asks for something: 请填写单位全称, 请输入11位手机号 */
static const char *const asking_prefixes[] = {"请填", "请输入", "请选", "请写", "请注明", "请如实", NULL};

/* the same, but only in brackets: （请简要说明，200字以内） */
static const char *const bracketed_asking[] = {"请简要", "请简述", "请概括", "请说明", "请描述",
                                               "字数",   "不超过", "限",     "可另附", NULL};

/* what opens a sample in brackets beside the value: （如：XX学院） */
static const char *const bracketed_samples[] = {"例：", "例:", "例如", "示例", "样例",
                                                "如：", "如:", "e.g.", NULL};

static const char *const sample_prefixes[] = {
    "例：", "例:",      "例如：", "例如:",  "示例",     "样例", "范例",    "填写示例", "填写范例", "（例）",
    "(例)", "（示例）", "(示例)", "【例】", "【示例】", "e.g.", "Example", "Sample",   NULL};

static const char *const total_words[] = {
    "合计",     "总计",     "小计",     "共计",       "累计",    "总和", "合计数", "本期合计", "平均",
    "平均值",   "total",    "totals",   "日均",       "均值",    "人均", "总数",   "总量",     "汇总",
    "本页小计", "本页合计", "本周合计", "本周小计",   "总合计",  "全部", "日均值", "每日平均", "本期累计",
    "本期总计", "sum",      "subtotal", "grandtotal", "average", NULL};

static const char *const instruction_prefixes[] = {
    "填表说明", "填写说明", "填报说明", "填表须知", "填表要求", "填报要求",     "填写要求", "使用说明",
    "说明：",   "说明:",    "注：",     "注:",      "注意：",   "注意:",        "注意事项", "备注说明",
    "温馨提示", "提示：",   "提示:",    "Notes:",   "Note:",    "Instructions", NULL};

/* normal forms */
static const char *const foreign_labels[] = {
    "咨询电话", "咨询",   "咨询方式", "监督电话", "举报电话", "投诉电话",  "联系我们", "地址",
    "通讯地址", "邮编",   "传真",     "网址",     "附件",     "截止时间",  "截止日期", "报送邮箱",
    "接收邮箱", "收件人", "发件人",   "抄送",     "主题",     "发送时间",  "日期时间", "办公室电话",
    "技术支持", "退订",   "制表",     "制表单位", "审核",     "审核人",    "审核意见", "签字",
    "签名",     "盖章",   "单位盖章", "公章",     "主办",     "承办",      "主办单位", "承办单位",
    "from",     "to",     "cc",       "subject",  "sent",     "date sent", "helpline", "hotline",
    "address",  NULL};

/* normal forms of whole lines, or of their beginning */
static const char *const closing_words[] = {"此致",       "敬礼",   "祝好",        "顺祝",     "顺颂",
                                            "祝工作顺利", "祝您",   "祝老师",      "谢谢",     "以上",
                                            "望查收",     "请查收", "bestregards", "regards",  "kindregards",
                                            "sincerely",  "yours",  "thanks",      "thankyou", NULL};

#define CLOSING_MAX_BYTES 60 /* a closing phrase is short */

static const char *skip_opening(const char *text) {
    for (gunichar c; (c = utf8_char(text)); text = g_utf8_next_char(text))
        if (!(utf8_is_space(c) || c == '(' || c == 0xFF08 || c == '[' || c == 0x3010 || c == '<' ||
              c == '_' || c == 0x2610))
            break;
    return text;
}

/* Whether the text has more letters than any of absent_words, which nearly every long value has; its normal
 * form need not be made then. Counts what is surely a letter: of ASCII and of the common block of Han. */
static bool has_many_letters(const char *text) {
    guint letters = 0;
    for (const char *p = text; *p && letters <= ABSENT_WORD_MAX; p = g_utf8_next_char(p))
        letters += g_ascii_isalnum(*p) || utf8_is_common_han(p);
    return letters > ABSENT_WORD_MAX;
}

static bool is_asked_for(const char *text) {
    const char *start = skip_opening(text);
    if (has_listed_prefix(absent_prefixes, start))
        return true;
    bool asks = has_listed_prefix(asking_prefixes, start) ||
                (start > text && has_listed_prefix(bracketed_asking, start));
    return asks && g_utf8_strlen(start, -1) <= 20;
}

bool form_words_is_same(const char *text) {
    static const char *const same[] = {"同上", "（同上）", "(同上)", "〃", "″", "ditto", NULL};
    g_autofree char *stripped = strlen(text) <= ABSENT_MAX_BYTES ? g_strstrip(g_strdup(text)) : NULL;
    return stripped && is_listed(same, stripped);
}

char *form_words_without_sample(const char *text) {
    if (strlen(text) > ABSENT_MAX_BYTES * 4 || !strpbrk(text, "(\xEF")) /* the lead byte of （ */
        return NULL;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gsize open = *p == '(' ? 1 : utf8_has_prefix(p, "（") ? strlen("（") : 0;
        if (!open || !has_listed_prefix(bracketed_samples, p + open))
            continue;
        const char *end = utf8_find_either(p, ")", "）");
        if (!end)
            return NULL;
        g_autofree char *before = g_strndup(text, (gsize)(p - text));
        g_autofree char *rest = g_strconcat(before, g_utf8_next_char(end), NULL);
        return *utf8_skip_space(rest) ? g_steal_pointer(&rest) : NULL;
    }
    return NULL;
}

/* XXX, ×××, 某某, XX学院学生会: the template's own, never a name. */
static bool is_made_up(const char *text) {
    static const char *const anybody[] = {"XX", "xx", "××", "某某", "ＸＸ", "○○", NULL};
    static const char *const kinds[] = {"大学", "学院", "学校", "学生会", "协会", "社团",
                                        "单位", "部门", "组织", "团委",   "系",   NULL};
    static const char *const signs[] = {"X", "x", "×", "某", "Ｘ", "○", NULL};
    const char *rest = skip_opening(text);
    if (!has_listed_prefix(anybody, rest) || g_utf8_strlen(rest, -1) > MADE_UP_MAX)
        return false;
    while (has_listed_prefix(signs, rest))
        rest = g_utf8_next_char(rest);
    return !*rest || has_listed_prefix(kinds, rest);
}

bool form_words_is_absent(const char *text) {
    if (strlen(text) > ABSENT_MAX_BYTES * 4) /* a very long fill-in line still has no letter */
        return false;
    if (has_many_letters(text) || is_surely_other(absent_words, text))
        return strlen(text) <= ABSENT_MAX_BYTES && (is_asked_for(text) || is_made_up(text));
    g_autofree char *normal = label_normal_form(text, -1);
    /* a tick is content though it is no letter */
    if (!*normal)
        return !strstr(text, "\u2611") && !strstr(text, "√") && !strstr(text, "✓") && !strstr(text, "✔");
    if (strlen(text) > ABSENT_MAX_BYTES)
        return false;
    return is_listed(absent_words, normal) || is_asked_for(text) || is_made_up(text);
}

bool form_words_is_sample(const char *text) {
    static const char *const words[] = {"例", "样例", "eg", NULL};
    text = utf8_skip_space(text);
    if (has_listed_prefix(sample_prefixes, text))
        return true;
    if (strlen(text) > ABSENT_MAX_BYTES || is_surely_other(words, text))
        return false;
    g_autofree char *normal = label_normal_form(text, -1);
    return is_listed(words, normal);
}

bool form_words_is_total(const char *text) {
    static const char *const endings[] = {"小计", "合计", "总计", NULL}; /* 6月14日至20日小计 */
    if (strlen(text) > LABEL_MAX_BYTES)
        return false;
    g_autofree char *normal = label_normal_form(text, -1);
    if (is_listed(total_words, normal))
        return true;
    for (const char *const *ending = endings; *ending; ending++)
        if (g_str_has_suffix(normal, *ending) && g_utf8_strlen(normal, -1) <= TOTAL_MAX)
            return true;
    return false;
}

bool form_words_is_instruction(const char *text) {
    return has_listed_prefix(instruction_prefixes, skip_opening(text + label_list_mark(text)));
}

bool form_words_is_closing(const char *line) {
    if (strlen(line) > CLOSING_MAX_BYTES)
        return false;
    g_autofree char *normal = label_normal_form(line, -1);
    return has_listed_prefix(closing_words, normal);
}

bool form_words_is_foreign_label(const char *normal) {
    return is_listed(foreign_labels, normal);
}

bool form_words_is_unit(const char *text) {
    static const char *const units[] = {"条", "个", "人", "次", "人次", "篇", "件",
                                        "名", "项", "位", "例", "场",   "%",  NULL};
    if (strlen(text) > UNIT_MAX_BYTES || is_surely_other(units, text))
        return false;
    g_autofree char *normal = label_normal_form(text, -1);
    return is_listed(units, *normal ? normal : text);
}

bool form_words_is_other_period(const char *text) {
    static const char *const words[] = {
        "上期",   "上期数",   "上期数值", "上期数据", "上期情况",    "上月",   "上周",   "上次",
        "上半月", "去年同期", "同期",     "往期",     "累计",        "累计数", "累计值", "增减",
        "增减数", "增减量",   "变化",     "变化情况", "增幅",        "增长率", "环比",   "环比增长",
        "同比",   "同比增长", "填写示例", "示例",     "填写样例",    "样例",   "范例",   "目标",
        "目标值", "目标数",   "计划数",   "任务数",   "last period", NULL};
    if (strlen(text) > UNIT_MAX_BYTES || is_surely_other(words, text))
        return false;
    g_autofree char *normal = label_normal_form(text, -1);
    return is_listed(words, normal);
}

bool form_words_names_other_period(const char *text) {
    static const char *const words[] = {"上期",   "上一期", "上次",     "上一次", "上月",
                                        "上半月", "往期",   "去年同期", "历史",   NULL};
    static const char *const current[] = {"本期", "本次", "本月", "与", "较", "比", "：", ":", NULL};
    bool names = false;
    if (strlen(text) > HEADING_MAX_BYTES)
        return false;
    const char *start = text + label_list_mark(text);
    for (const char *const *word = words; *word; word++)
        names |= strstr(text, *word) != NULL;
    for (const char *const *word = current; names && *word; word++) { /* "本期与上期", "上期问题：已解决" */
        const char *at = strstr(text, *word);
        bool is_appendix = at && (utf8_has_prefix(start, "附") || !at[strlen(*word)]);
        names = !at || (is_appendix && !strstr(text, "本期"));
    }
    return names;
}

/* 不超24小时 is 24小时内; 超24小时 is not. */
static bool is_of_not_beyond(const char *normal, const char *at) {
    return g_str_has_prefix(at, "不超") ||
           (g_str_has_prefix(at, "超") && at > normal && g_str_has_prefix(g_utf8_prev_char(at), "不"));
}

const char *form_words_qualifier(const char *normal, guint index) {
    static const char *const words[] = {"上期", "上月", "上周", "上次", "上半月", "去年", "同期",
                                        "往期", "历史", "累计", "目标", "预计",   "计划", "环比",
                                        "同比", "增长", "增减", "率",   "日均",   "人均", "平均",
                                        "未",   "不",   "没",   "非",   "超",     "逾期", "延迟"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        const char *at = strstr(normal, words[i]);
        while (at && is_of_not_beyond(normal, at))
            at = strstr(at + strlen(words[i]), words[i]);
        if (at && index-- == 0)
            return words[i];
    }
    return NULL;
}
