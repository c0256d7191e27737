#include "parsers/command.h"

#include <glib.h>
#include <string.h>

#include "parsers/utf8.h"

#define LINE_MAX_BYTES 200 /* an order and its argument */
#define GUESSED_LENGTH 5   /* a shorter word is too like others to be guessed */
#define GUESSED_WORDS  4   /* a longer line is a sentence */
#define SENTENCE_WORDS 12
#define ALONE_BYTES    60 /* behind an answer that stands alone: a form, a period, a reference */

/* answers: it means something only in a reply to a letter. goes_on: a text may follow. words: the first is
 * the one that help names. */
static const struct {
    const char *name;
    bool answers, goes_on;
    const char *words;
} commands[] = {
    {"help", false, false, "帮助|使用帮助|使用说明|帮组|帮住|指令|命令|help|bangzhu"},
    {"form", false, false,
     "模板|模版|摸板|模板下载|表格|表格下载|空表|空表格|空白表|空白表格|空白模板|样表|form|forms|blank form|"
     "template|templates|moban"},
    {"status", false, false, "状态|状况|壮态|状态查询|查询状态|查状态|进度|进度查询|status|zhuangtai"},
    {"summary", false, false, "汇总|会总|汇总表|查看汇总|summary|huizong"},
    {"remind", false, false, "催报|催交|崔报|摧报|催促|remind|cuibao"},
    {"export", false, false, "导出|倒出|导出数据|导出表格|export|daochu"},
    {"extend", false, false, "延期|延长|顺延|extend|yanqi"},
    {"exempt", false, false, "免报|免交|勉报|exempt|mianbao"},
    {"assign", false, false, "归属|归入|归属于|assign|guishu"},
    {"merge", false, false, "合并|合井|merge|hebing"},
    {"split", false, false, "拆分|拆开|分开|split|chaifen"},
    {"settled", false, true, "已处理|己处理|已处里|已经处理|处理完毕|settled"},
    {"withdraw", true, true, "作废|做废|撤回|withdraw"},
    {"approve", true, true, "通过|approve|approved"},
    {"return", true, true, "退回|return"},
    {"send", true, true, "发送|send"},
    {"answered", true, true, "已答复|己答复|已回复|已解答|answered"},
    {"calmed", true, true, "已安抚|己安抚|calmed"},
    {"confirm", true, true, "确认|确认执行|确定|验证码|confirm|confirmed|yes|code|queren"},
};

/* Traditional characters of these words, and the simplified ones: both take three bytes. */
static const char *const simplified[][2] = {
    {"幫", "帮"}, {"狀", "状"}, {"態", "态"}, {"況", "况"}, {"進", "进"}, {"詢", "询"},
    {"匯", "汇"}, {"彙", "汇"}, {"總", "总"}, {"報", "报"}, {"導", "导"}, {"據", "据"},
    {"長", "长"}, {"順", "顺"}, {"歸", "归"}, {"屬", "属"}, {"併", "并"}, {"並", "并"},
    {"開", "开"}, {"處", "处"}, {"經", "经"}, {"廢", "废"}, {"過", "过"}, {"發", "发"},
    {"覆", "复"}, {"復", "复"}, {"撫", "抚"}, {"認", "认"}, {"確", "确"}, {"執", "执"},
    {"驗", "验"}, {"證", "证"}, {"碼", "码"}, {"樣", "样"}, {"說", "说"}, {"載", "载"},
};

/* English words that are no slips. */
static const char *const real_words[] = {"expert", "extent", "merger", "spilt", "states", "from", NULL};

/* What may follow a Chinese word without a blank. */
static const char *const arguments[] = {"全部", "全体", "所有", "本期", "上期", NULL};

/* ---- one line in plain characters
 * ------------------------------------------------------------------------------------------ */

static const char *skip_marks(const char *text) {
    while (*text && !g_unichar_isalnum(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    return text;
}

/* Full width becomes ordinary; white space within is kept. */
static char *plain_of(const char *line) {
    return g_strstrip(utf8_compatible(line));
}

/* Lower case and simplified, byte for byte as long as the text. */
static char *fold(const char *plain) {
    char *folded = g_ascii_strdown(plain, -1);
    for (char *p = folded; *p; p = g_utf8_next_char(p))
        for (gsize i = 0; i < G_N_ELEMENTS(simplified); i++)
            if (g_str_has_prefix(p, simplified[i][0]))
                memcpy(p, simplified[i][1], strlen(simplified[i][1]));
    return folded;
}

static guint count_words(const char *text) {
    guint count = 0;
    for (; *text; count++) {
        text += strspn(text, " \t");
        text += strcspn(text, " \t");
    }
    return count;
}

/* ---- words
 * ----------------------------------------------------------------------------------------------------- */

/* "状态" and "状态 2016-06", "延期全部", not "状态更新说明". */
static bool ends_word(const char *rest, bool is_chinese) {
    gunichar next = g_utf8_get_char(rest);
    if (!*rest || g_unichar_isspace(next) || strchr(":.!,;?#", *rest) || next == 0x3002 || next == 0x3001 ||
        next == 0xff1a || next == 0x3011 || next == ']')
        return true;
    if (!is_chinese)
        return false;
    for (const char *const *a = arguments; *a; a++)
        if (g_str_has_prefix(rest, *a))
            return true;
    return g_ascii_isdigit(*rest);
}

/* Bytes of the word of a list that the folded text begins with, 0: none. The longest counts. */
static gsize match_word(const char *folded, const char *words) {
    g_auto(GStrv) list = g_strsplit(words, "|", -1);
    gsize best = 0;
    for (char **word = list; *word; word++) {
        gsize length = strlen(*word);
        if (length > best && g_str_has_prefix(folded, *word) &&
            ends_word(folded + length, !g_ascii_isalpha(**word)))
            best = length;
    }
    return best;
}

/* One letter too many, too few, another or two in the wrong order. */
static bool is_slip(const char *typed, gsize length, const char *word) {
    gsize expected = strlen(word), same = 0, tail = 0;
    while (same < length && same < expected && typed[same] == word[same])
        same++;
    while (tail < length - same && tail < expected - same &&
           typed[length - 1 - tail] == word[expected - 1 - tail])
        tail++;
    gsize left = length - same - tail, missing = expected - same - tail;
    return (left <= 1 && missing <= 1) ||
           (left == 2 && missing == 2 && typed[same] == word[same + 1] && typed[same + 1] == word[same]);
}

/* An English word with a slip, as the first of few. */
static gsize match_slip(const char *folded, const char *words) {
    gsize length = strspn(folded, "abcdefghijklmnopqrstuvwxyz");
    g_autofree char *typed = g_strndup(folded, length);
    if (length < 4 || !ends_word(folded + length, false) || g_strv_contains(real_words, typed) ||
        count_words(folded) > GUESSED_WORDS)
        return 0;
    bool stands_alone = !folded[length];
    g_auto(GStrv) list = g_strsplit(words, "|", -1);
    for (char **word = list; *word; word++)
        if (g_ascii_isalpha(**word) && !strchr(*word, ' ') && **word == *folded &&
            (strlen(*word) >= GUESSED_LENGTH || (stands_alone && strlen(*word) == 4)) &&
            is_slip(folded, length, *word))
            return length;
    return 0;
}

static json_t *found(const char *name, const char *argument) {
    return json_pack("{s:{s:s, s:s}}", "command", "name", name, "argument", argument);
}

/* Who writes an answer's word into a mail of its own, and little else, means it too: which letter he answers
 * is found elsewhere. */
static bool may_stand_alone(const char *name, const char *argument) {
    return strcmp(name, "withdraw") == 0 && strlen(argument) <= ALONE_BYTES;
}

static json_t *find_word(const char *plain, const char *folded, bool is_reply) {
    static gsize (*const matches[])(const char *, const char *) = {match_word, match_slip};
    /* what answers a letter may go on with a text; an order that stands alone is short */
    bool is_long = strlen(plain) > LINE_MAX_BYTES || count_words(folded) > SENTENCE_WORDS;
    for (gsize m = 0; m < G_N_ELEMENTS(matches); m++)
        for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
            /* a word that approves something is not guessed */
            bool may_match = commands[i].answers ? m == 0 : !is_long || commands[i].goes_on;
            gsize length = may_match ? matches[m](folded, commands[i].words) : 0;
            const char *argument = skip_marks(plain + length);
            bool is_sentence = strcmp(commands[i].name, "confirm") == 0 && *argument; /* "确认，数据无误" */
            bool is_meant = !commands[i].answers || is_reply || may_stand_alone(commands[i].name, argument);
            if (length && is_meant && !is_sentence)
                return found(commands[i].name, argument);
        }
    return NULL;
}

/* ---- codes
 * ----------------------------------------------------------------------------------------------------- */

char *command_code(const char *text) {
    g_autofree char *plain = plain_of(text);
    g_autoptr(GString) code = g_string_new(NULL);
    for (const char *p = plain; *p && code->len <= COMMAND_CODE_LENGTH; p++) {
        char c = g_ascii_toupper(*p);
        if (strchr(COMMAND_CODE_LETTERS, c))
            g_string_append_c(code, c);
        else if (!strchr("- .", c))
            return NULL;
    }
    return code->len == COMMAND_CODE_LENGTH ? g_string_free(g_steal_pointer(&code), FALSE) : NULL;
}

/* "K7WM-3XQP" alone, or after a word that says so. */
static json_t *find_code(const char *plain, const char *folded) {
    gsize word = 0;
    for (gsize i = 0; !word && i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i].name, "confirm") == 0)
            word = match_word(folded, commands[i].words);
    const char *rest = skip_marks(plain + word);
    /* a word of eight letters is no code, unless it is written like one */
    if (!word && (strlen(rest) != COMMAND_CODE_LENGTH + 1 || rest[COMMAND_CODE_LENGTH / 2] != '-'))
        return NULL;
    g_autofree char *code = command_code(rest);
    return code ? found("confirm", code) : NULL;
}

json_t *command_read(const char *line, bool is_reply) {
    g_autofree char *plain = plain_of(line);
    const char *start = skip_marks(plain);
    if (start - plain > 8) /* marks around a word, not a drawing */
        return NULL;
    g_autofree char *folded = fold(start);
    json_t *code = find_code(start, folded);
    return code ? code : find_word(start, folded, is_reply);
}

/* ---- entries by number
 * ------------------------------------------------------------------------------------------- */

bool command_is_numbered(const char *line) {
    static const char *const verbs[] = {"归属", "通过", "拒绝", "assign", "accept", "reject", NULL};
    g_autofree char *plain = utf8_compatible(line);
    gsize digits = strspn(plain, "0123456789");
    if (!digits)
        return false;
    const char *rest = skip_marks(plain + digits);
    for (const char *const *v = verbs; *v; v++)
        if (g_ascii_strncasecmp(rest, *v, strlen(*v)) == 0)
            return true;
    return false;
}
