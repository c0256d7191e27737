#include "parsers/reply_words.h"

#include <string.h>

#include "parsers/utf8.h"

#define IS_IN(text, list)         is_in(text, list, G_N_ELEMENTS(list))
#define HAS_PREFIX_OF(text, list) has_prefix_of(text, list, G_N_ELEMENTS(list))
#define HAS_ANY_OF(text, list)    has_any_of(text, list, G_N_ELEMENTS(list))

static bool is_in(const char *text, const char *const *list, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (*text == *list[i] && strcmp(text, list[i]) == 0)
            return true;
    return false;
}

/* Every line is asked for some four hundred beginnings and words. */
static bool has_prefix_of(const char *text, const char *const *list, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (utf8_has_prefix(text, list[i]))
            return true;
    return false;
}

static bool has_any_of(const char *text, const char *const *list, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (strstr(text, list[i]) != NULL)
            return true;
    return false;
}

static const char *const ORIGINAL[] = {
    "原始邮件",
    "邮件原件",
    "回复的原邮件",
    "原邮件",
    "原始郵件",
    "原文",
    "原始信息",
    "original",
    "original message",
    "original email",
    "original e-mail",
    "original appointment",
    "reply to message",
    "replied message",
    "reply message",
    "quoted message",
    "ursprüngliche nachricht",
    "original-nachricht",
    "original nachricht",
    "originalnachricht",
    "mensaje original",
    "message d'origine",
    "message d’origine",
    "message original",
    "message initial",
    "messaggio originale",
    "mensagem original",
    "oorspronkelijk bericht",
    "originalmeddelelse",
    "originalmeddelande",
    "ursprungligt meddelande",
    "opprinnelig melding",
    "alkuperäinen viesti",
    "wiadomość oryginalna",
    "oryginalna wiadomość",
    "původní zpráva",
    "eredeti üzenet",
    "исходное сообщение",
    "оригинальное сообщение",
    "пересылаемое сообщение",
    "元のメッセージ",
    "original message follows",
    "원본 메시지",
    "orijinal mesaj",
    "原始訊息",
    "原始信件",
};

static const char *const FORWARD[] = {
    "forwarded message",
    "forwarded by",
    "begin forwarded message",
    "forwarded mail",
    "转发邮件信息",
    "转发的邮件",
    "转发邮件",
    "被转发邮件信息",
    "转发的原邮件",
    "轉寄郵件",
    "轉寄的郵件",
    "转发信息",
    "开始转发的邮件",
    "下面是被转发的邮件",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail",
    "message transféré",
    "message transmis",
    "début du message réexpédié",
    "début du message transféré",
    "mensaje reenviado",
    "mensagem encaminhada",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "doorgestuurd bericht",
    "begin doorgestuurd bericht",
    "vidarebefordrat meddelande",
    "videresendt melding",
    "välitetty viesti",
    "przekazana wiadomość",
    "пересланное сообщение",
    "перенаправленное сообщение",
    "転送メッセージ",
    "전달된 메시지",
};

/* The words between dashes, or alone with a colon; NULL where the line has neither. Owned by the caller. */
static char *inside_marks(const char *line, bool *ret_has_dashes) {
    const char *MARKS = "-_=*# \t>~+—–―─";
    const char *start = line + strspn(line, MARKS);
    gsize length = strlen(start);
    while (length > 0) {
        const char *last = g_utf8_find_prev_char(start, start + length);
        if (last == NULL || strchr(":：-_=*# \t~+", *last) == NULL) {
            gunichar c = last == NULL ? 0 : utf8_char(last);
            if (c != 0xff1a && c != 0x2014 && c != 0x2013 && c != 0x2500)
                break;
        }
        length = (gsize)(last - start);
    }
    *ret_has_dashes = start - line >= 2;
    return g_strndup(start, length);
}

bool reply_words_is_original(const char *line) {
    bool has_dashes;
    g_autofree char *words = inside_marks(line, &has_dashes);
    return has_dashes && IS_IN(words, ORIGINAL);
}

bool reply_words_is_forward(const char *line) {
    bool has_dashes;
    g_autofree char *words = inside_marks(line, &has_dashes);
    if (g_str_has_prefix(words, "forwarded by ") && has_dashes)
        return true;
    return (has_dashes || g_str_has_suffix(line, ":") || g_str_has_suffix(line, "：")) &&
           IS_IN(words, FORWARD);
}

bool reply_words_has_wrote(const char *line, bool *ret_is_chinese) {
    static const char *const CHINESE[] = {"写道", "写到", "寫道", "来信说", "的邮件中说"};
    static const char *const OTHERS[] = {
        "wrote",     "writes",      " schrieb",   "a écrit",  "ha scritto", "escribió", "escreveu",
        "skrev",     "schreef",     "geschreven", "napisał",  "написал",    "пише",     "пишет",
        "kirjoitti", "yazdı",       "napsal",     "írta",     "書きました", "작성",     "wrote —",
        "a scris",   "va escriure", "έγραψε",     "kirjutas", "rakstīja",   "rašė",
    };
    if (HAS_ANY_OF(line, CHINESE)) {
        *ret_is_chinese = true;
        return true;
    }
    return HAS_ANY_OF(line, OTHERS);
}

bool reply_words_begins_attribution(const char *line) {
    static const char *const BEGINNINGS[] = {
        "on ",      "at ",  "le ", "am ",     "el ",  "il ",   "op ",   "den ",  "em ",
        "dnia ",    "dne ", "en ", "w dniu ", "w ",   "в ",    "на ",   "pada ", "în ",
        "---- on ", "在",   "于",  "於",      "vào ", "tir. ", "man. ",
    };
    line += strspn(line, "-*_ ");
    return g_ascii_isdigit(*line) || HAS_PREFIX_OF(line, BEGINNINGS);
}

static const char *const FROM_LABELS[] = {
    "from",   "发件人",    "寄件者", "寄件人",   "發件人", "发信人", "von",
    "de",     "da",        "van",    "fra",      "från",   "от",     "od",
    "差出人", "보낸 사람", "von",    "afzender", "kimden", "від",    "lähettäjä",
};
static const char *const DATE_LABELS[] = {
    "sent",       "date",       "发送时间",  "发送日期", "日期",     "时间",      "發送時間",
    "傳送日期",   "寄件日期",   "gesendet",  "datum",    "envoyé",   "envoyé le", "enviado",
    "enviado el", "enviada em", "fecha",     "inviato",  "data",     "verzonden", "отправлено",
    "дата",       "sendt",      "dato",      "skickat",  "wysłano",  "送信日時",  "日時",
    "보낸 날짜",  "date sent",  "lähetetty", "sendt",    "odesláno", "sent on",
};
static const char *const OTHER_LABELS[] = {
    "to",   "cc",         "subject",     "reply-to", "收件人",    "抄送",       "主题",      "收件者",
    "副本", "主旨",       "主題",        "收件人员", "an",        "betreff",    "à",         "objet",
    "para", "asunto",     "assunto",     "a",        "oggetto",   "aan",        "onderwerp", "кому",
    "тема", "til",        "emne",        "till",     "ämne",      "do",         "temat",     "宛先",
    "件名", "importance", "attachments", "附件",     "받는 사람", "제목",       "komu",      "předmět",
    "cc:",  "kopi",       "копия",       "重要性",   "aihe",      "antwort an", "回复",
};

HeaderLabel reply_words_header(const char *line) {
    const gsize LABEL_MAX = 40; /* bytes; the longest has 15 */
    line += strspn(line, ">*|_ \t");
    gsize length = 0;
    while (line[length] != '\0' && length < LABEL_MAX && line[length] != ':' && line[length] != '|' &&
           line[length] != '*' && !utf8_has_prefix(line + length, "："))
        length++;
    if (line[length] == '\0' || length >= LABEL_MAX)
        return HEADER_NONE;
    char label[41];
    memcpy(label, line, length);
    label[length] = '\0';
    g_strchomp(label);
    return IS_IN(label, FROM_LABELS)    ? HEADER_FROM
           : IS_IN(label, DATE_LABELS)  ? HEADER_DATE
           : IS_IN(label, OTHER_LABELS) ? HEADER_OTHER
                                        : HEADER_NONE;
}

static guint count_words(const char *line) {
    guint words = 0;
    for (const char *p = line; *p != '\0'; p++)
        words += *p != ' ' && (p == line || p[-1] == ' ');
    return words;
}

bool reply_words_is_device_signature(const char *line) {
    static const char *const BEGINNINGS[] = {
        "sent from ",
        "sent via ",
        "sent with ",
        "sent by ",
        "sent using ",
        "发自我的",
        "发自",
        "从我的",
        "寄自我的",
        "從我的",
        "来自我的",
        "发送自 ",
        "通过手机",
        "用我的",
        "使用",
        "envoyé depuis",
        "envoyé de ",
        "envoyé à partir",
        "von meinem",
        "gesendet mit",
        "gesendet von",
        "diese nachricht wurde von mein",
        "sendt fra",
        "skickat från",
        "skickat från min",
        "enviado desde",
        "enviado do ",
        "enviado a partir",
        "inviato da",
        "verzonden vanaf",
        "verzonden met",
        "wysłane z",
        "отправлено с",
        "отправлено из",
        "надіслано з",
        "iphoneから送信",
        "get outlook for",
        "get [outlook for",
        "download outlook",
        "获取 outlook",
        "获取outlook",
        "下载 outlook",
        "odesláno z",
        "lähetetty ",
        "my iphone",
        "from my iphone",
        "由网易邮箱大师",
        "网易邮箱大师",
        "来自网易邮箱大师",
        "此邮件发自",
        "该邮件从移动设备发送",
        "télécharger outlook",
        "outlook für",
        "holen sie sich outlook",
        "obtener outlook",
    };
    static const char *const DEVICES[] = {"iphone", "ipad", "mobile", "android", "手机", "blackberry"};
    line += strspn(line, "<([*_ ");
    if (strlen(line) > 200)
        return false;
    if (utf8_has_prefix(line, "使用") || utf8_has_prefix(line, "用我的") || utf8_has_prefix(line, "从我的"))
        return (strstr(line, "发送") != NULL || strstr(line, "发出") != NULL) && HAS_ANY_OF(line, DEVICES);
    if (utf8_has_prefix(line, "发自")) /* "发自内心的感谢" is a sentence */
        return utf8_has_prefix(line, "发自我的") || HAS_ANY_OF(line, DEVICES) ||
               strstr(line, "邮箱") != NULL || strstr(line, "客户端") != NULL || strstr(line, "微信") != NULL;
    if (utf8_has_prefix(line, "sent "))
        return HAS_PREFIX_OF(line, BEGINNINGS) && count_words(line) <= 14;
    if (HAS_PREFIX_OF(line, BEGINNINGS))
        return true;
    const guint SHORT_WORDS = 5;
    return count_words(line) <= SHORT_WORDS && strstr(line, "from ") != NULL && HAS_ANY_OF(line, DEVICES) &&
           strpbrk(line, ".!?") == NULL;
}

bool reply_words_is_disclaimer(const char *line) {
    static const char *const BEGINNINGS[] = {
        "this e-mail and any",
        "this email and any",
        "this email message and any",
        "this e-mail message and any",
        "this message and any",
        "this e-mail message",
        "this email is confidential",
        "this e-mail is confidential",
        "this email is intended",
        "this e-mail is intended",
        "this message is intended",
        "this message is confidential",
        "this message contains",
        "this email contains",
        "this e-mail contains",
        "this e-mail may contain",
        "this email may contain",
        "this message may contain",
        "this electronic mail",
        "this transmission",
        "this communication",
        "the information contained in this",
        "the information in this e",
        "the information transmitted",
        "the contents of this e",
        "confidentiality notice",
        "confidentiality:",
        "disclaimer",
        "legal disclaimer",
        "privileged and confidential",
        "if you are not the intended",
        "if you have received this",
        "please consider the environment",
        "think before you print",
        "diese e-mail enthält",
        "diese nachricht enthält",
        "ce message et",
        "ce courriel",
        "este mensaje",
        "este correo",
        "esta mensagem",
        "dit bericht",
        "questo messaggio",
        "本邮件及",
        "本邮件可能",
        "本邮件含有",
        "本邮件包含",
        "本邮件所",
        "本邮件内容",
        "本邮件信息",
        "本电子邮件",
        "本郵件",
        "此邮件及",
        "此邮件可能",
        "此邮件包含",
        "此邮件含有",
        "此电子邮件",
        "该邮件及其附件",
        "邮件免责声明",
        "免责声明",
        "保密声明",
        "保密提示",
        "保密通知",
        "【保密",
        "【免责",
        "[免责",
        "[保密",
        "声明：本",
        "声明:本",
        "声明：此",
        "声明:此",
        "重要提示：本邮件",
        "重要提示:本邮件",
        "这封邮件及其",
        "这封邮件可能",
        "请考虑环境",
        "请在打印",
        "打印前请",
    };
    line += strspn(line, "*_-# ");
    return HAS_PREFIX_OF(line, BEGINNINGS);
}

bool reply_words_is_contact(const char *line) {
    static const char *const LABELS[] = {
        "电话",  "手机",     "办公电话", "联系电话", "座机",    "传真", "邮箱", "电子邮箱", "邮件", "e-mail",
        "email", "mail",     "tel",      "phone",    "mobile",  "cell", "fax",  "qq",       "微信", "wechat",
        "地址",  "办公地点", "办公室",   "add",      "address", "邮编", "网址", "网站",     "主页", "web",
        "http",  "www",      "m:",       "t:",       "e:",      "p:",   "f:",   "skype",
    };
    return HAS_PREFIX_OF(line, LABELS);
}

bool reply_words_is_office(const char *line) {
    static const char *const OFFICES[] = {
        "老师", "负责", "联络", "联系", "主席", "部长", "姓名", "组长", "填报", "指导",
        "秘书", "书记", "主任", "队长", "会长", "社长", "单位", "组织", "部门", "备注",
        "此致", "敬礼", "附件", "谢谢", "感谢", "您好", "你好", "祝",   "查收", "收到",
    };
    return HAS_ANY_OF(line, OFFICES);
}
