#include "gateway/core/urgent.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/cluster.h"
#include "gateway/core/quiet_hours.h"
#include "gateway/core/reason.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"

/* A mark stands at the beginning of a mail: so many lines and bytes are looked at. */
#define WORDS_LINES     2
#define WORDS_BYTES_MAX 600
/* What denies or supposes stands close before the word. */
#define BEFORE_BYTES   24
#define TEXT_BYTES_MAX 2000
#define FIRST_LIFE_S   (24 * 3600)
#define NOTICE_LIFE_S  (7 * CALENDAR_DAY_S)

#define WORD "紧急"

/* --- words
 * ------------------------------------------------------------------------------------------------------ */

static bool starts_with_any(const char *text, const char *const *words) {
    for (; *words != NULL; words++)
        if (g_str_has_prefix(text, *words))
            return true;
    return false;
}

/* The clause before p, at most BEFORE_BYTES of it, holds one of the words. */
static bool is_preceded(const char *text, const char *p, const char *const *words) {
    static const char *const stops[] = {"。", "，", "！", "；", "？", "：", ",",
                                        ".",  "!",  ";",  "\n", ":",  NULL};
    const char *from = (gsize)(p - text) > BEFORE_BYTES ? p - BEFORE_BYTES : text;
    for (const char *q = from; q < p; q++)
        for (const char *const *stop = stops; *stop != NULL; stop++)
            if (g_str_has_prefix(q, *stop) && q + strlen(*stop) <= p)
                from = q + strlen(*stop);
    g_autofree char *before = g_strndup(from, (gsize)(p - from));
    for (; *words != NULL; words++)
        if (strstr(before, *words) != NULL)
            return true;
    return false;
}

static const char *skip_space(const char *text) {
    while (*text == ' ' || *text == '\t' || g_str_has_prefix(text, "　"))
        text += *text == ' ' || *text == '\t' ? 1 : strlen("　");
    return text;
}

/* "紧急情况：" with nothing or "无" behind it: a heading that was not filled. */
static bool is_empty_heading(const char *after) {
    static const char *const nouns[] = {"情况说明", "情况", "事项", "事件", "问题", "情形", NULL};
    for (const char *const *noun = nouns; *noun != NULL; noun++)
        if (g_str_has_prefix(after, *noun)) {
            after += strlen(*noun);
            break;
        }
    after = skip_space(after);
    bool is_closing = g_str_has_prefix(after, "】") || *after == ']';
    if (is_closing)
        return false; /* 【紧急】 is a mark */
    bool has_colon = *after == ':' || g_str_has_prefix(after, "：");
    if (!has_colon)
        return false;
    after = skip_space(after + (*after == ':' ? 1 : strlen("：")));
    g_autofree char *line = g_strndup(after, strcspn(after, "\n"));
    return !urgent_in_field(line);
}

static bool is_marked_chinese(const char *text) {
    static const char *const denials[] = {"不",   "非",   "无",   "没",   "未",     "是否", "如有",
                                          "如遇", "如果", "若",   "一旦", "万一",   "假如", "除了",
                                          "以防", "避免", "防止", "上次", "已处理", NULL};
    static const char *const things[] = {"联系人", "联系电话", "联系方式", "电话", "程度", "出口", "通道",
                                         "预案",   "避险",     "疏散演练", "演练", "制动", "集合", "救护",
                                         "呼叫",   "按钮",     "与否",     "性",   "时",   "怎么", "如何",
                                         "应该",   "已解除",   "解除",     NULL};
    for (const char *p = text; (p = strstr(p, WORD)) != NULL; p += strlen(WORD)) {
        const char *after = p + strlen(WORD);
        const char *noun = g_str_has_prefix(after, "情况") ? after + strlen("情况") : after;
        if (!is_preceded(text, p, denials) && !starts_with_any(after, things) &&
            !starts_with_any(noun, things) && !is_empty_heading(after))
            return true;
    }
    return false;
}

static bool is_word_character(char c) {
    return g_ascii_isalnum(c) || c == '-' || c == '_';
}

static bool is_marked_english(const char *text) {
    static const char *const denials[] = {"not ",  "non",    "no ",  "isn't",   "if ",  "never ", "nothing ",
                                          "less ", "unless", "was ", "whether", "any ", NULL};
    static const char *const things[] = {" contact", " matters: none", ": no", ": none", ": n/a", ": -",
                                         NULL};
    g_autofree char *folded = g_ascii_strdown(text, -1);
    for (const char *p = folded; (p = strstr(p, "urgent")) != NULL; p += strlen("urgent")) {
        const char *after = p + strlen("urgent");
        if ((p > folded && is_word_character(p[-1])) || is_word_character(*after))
            continue;
        if (!is_preceded(folded, p, denials) && !starts_with_any(after, things))
            return true;
    }
    return false;
}

bool urgent_in_words(const char *text) {
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    const char *p = valid + strspn(valid, " \t\r\n");
    const char *end = p;
    for (guint line = 0; line < WORDS_LINES && *end != '\0'; line++) {
        end += strcspn(end, "\n");
        end += strspn(end, "\n\r \t");
    }
    g_autofree char *head = g_strndup(p, MIN((gsize)(end - p), WORDS_BYTES_MAX));
    g_autofree char *whole = g_utf8_make_valid(head, -1);
    return is_marked_chinese(whole) || is_marked_english(whole);
}

bool urgent_in_subject(const char *subject) {
    static const char *const answers[] = {
        "re:", "re：", "回复:", "回复：", "答复:", "答复：", "回覆:", "回覆：", NULL};
    g_autofree char *folded = g_ascii_strdown(subject, -1);
    return !starts_with_any(skip_space(folded), answers) && urgent_in_words(subject);
}

/* --- a form's field
 * ----------------------------------------------------------------------------------------------- */

bool urgent_in_field(const char *value) {
    /* what is left after taking these away says something */
    static const char *const words[] = {
        "没有", "暂无",    "未",     "无",      "否",     "不存在", "不",   "紧急", "情况", "事项", "事件",
        "突发", "问题",    "特殊",   "其他",    "任何",   "重大",   "发生", "出现", "发现", "本期", "本周",
        "本月", "目前",    "暂时",   "暂",      "异常",   "需要",   "上报", "报告", "的",   "安全", "事故",
        "有",   "一切",    "正常",   "均",      "此",     "情形",   "现象", "说明", "至今", "截至", "none",
        "nil",  "nothing", "urgent", "matters", "matter", "no",     "na",   "n a",  NULL};
    static const char *const denials[] = {"没有", "无",      "未", "否", "不",  "正常", "none",
                                          "nil",  "nothing", "no", "na", "n a", NULL};
    g_autofree char *normal = cluster_normal_form(value);
    bool is_denied = false;
    for (const char *const *word = denials; *word != NULL; word++)
        is_denied = is_denied || strstr(normal, *word) != NULL;
    const char *p = normal;
    while (*p != '\0') {
        const char *const *word = words;
        while (*word != NULL && !g_str_has_prefix(p, *word))
            word++;
        if (*word != NULL)
            p += strlen(*word);
        else if (*p == ' ' || *p == ',')
            p++;
        else
            return true;
    }
    return *normal != '\0' && !is_denied;
}

/* --- a message
 * -------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static char *shorten(const char *text) {
    g_autofree char *cut = g_strndup(text, TEXT_BYTES_MAX);
    char *valid = g_utf8_make_valid(cut, -1);
    return g_strstrip(valid);
}

char *urgent_of_parse(const json_t *parse) {
    const char *subject = text_of(parse, "subject"), *reply = text_of(parse, "reply");
    const char *field = text_of(json_object_get(json_object_get(parse, "fields"), "urgent"), "value");
    if (*field != '\0' && urgent_in_field(field))
        return shorten(field);
    if (!urgent_in_subject(subject) && !urgent_in_words(reply))
        return NULL;
    g_autofree char *both = g_strdup_printf("%s\n%s", subject, reply);
    return shorten(both);
}

/* --- letters
 * ---------------------------------------------------------------------------------------------------- */

static const UrgentMatter *find_matter(const View *view, gint64 id) {
    const GPtrArray *matters = view_snapshot(view)->urgents;
    for (guint i = 0; matters != NULL && i < matters->len; i++) {
        const UrgentMatter *matter = g_ptr_array_index(matters, i);
        if (matter->id == id)
            return matter;
    }
    return NULL;
}

static json_t *matter_facts(const View *view, const UrgentMatter *matter, const char *language) {
    GTimeZone *zone = view_programme(view)->zone;
    const Organization *organization = view_organization(view, matter->org_id);
    g_autofree char *received = calendar_instant_text(zone, matter->received_s, language);
    g_autofree char *seen = calendar_instant_text(zone, matter->known_s, language);
    json_t *facts =
        json_pack("{s:I, s:s, s:s, s:s, s:s}", "urgent_id", (json_int_t)matter->id, "text", matter->text,
                  "received_text", received, "seen_text", seen, "code", matter->code);
    json_object_set_new(facts, "sender", matter->from != NULL ? json_string(matter->from) : json_false());
    json_object_set_new(facts, "reporter",
                        organization != NULL ? json_string(organization->name) : json_false());
    return facts;
}

static Letter *letter_new(const View *view, LetterKind kind, const RolePerson *person,
                          const UrgentMatter *matter, gint64 now_s, gint64 until_s) {
    const Programme *programme = view_programme(view);
    Letter *letter = reminders_letter_new(programme, kind, PRIORITY_URGENT, NULL, NULL, now_s, until_s);
    letter->not_before_s = now_s; /* outside quiet hours */
    letter->to_address = g_strdup(person->address);
    letter->to_name = g_strdup(person->name);
    letter->org_id = matter->org_id;
    if (person->language != NULL) {
        g_free(letter->language);
        letter->language = g_strdup(person->language);
    }
    letter->facts = matter_facts(view, matter, letter->language);
    return letter;
}

static bool is_among(const Letter *letter, const GPtrArray *letters) {
    for (guint i = 0; i < letters->len; i++)
        if (strcmp(((const Letter *)g_ptr_array_index(letters, i))->key, letter->key) == 0)
            return true;
    return false;
}

static void plan_matter(const View *view, const UrgentMatter *matter, gint64 now_s, GPtrArray *letters) {
    static const char *const roles[] = {"supervisor", "coordinator", "leader", NULL};
    const Programme *programme = view_programme(view);
    gint64 number = (now_s - matter->known_s) / URGENT_REPEAT_S;
    if (now_s < matter->known_s || number > URGENT_REPEATS_MAX)
        return;
    gint64 until_s = number == 0 ? now_s + FIRST_LIFE_S : matter->known_s + (number + 1) * URGENT_REPEAT_S;
    for (guint i = 0; i < programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (person->address == NULL || *person->address == '\0' || !g_strv_contains(roles, person->role))
            continue;
        g_autofree char *address = roster_normal_address(person->address);
        g_autoptr(Letter) letter = letter_new(view, LETTER_URGENT, person, matter, now_s, until_s);
        letter->key = g_strdup_printf("urgent/%" G_GINT64_FORMAT "/%d/%s", matter->id, (int)number, address);
        json_object_set_new(letter->facts, "repeat", json_integer(number));
        json_object_set_new(letter->facts, "is_repeat", json_boolean(number > 0));
        g_autofree char *count = g_strdup_printf("%d", (int)number);
        letter->reason = reason_text(REASON_URGENT, programme->language, "count", count, NULL);
        if (!view_letter_decided(view, letter->key) && !is_among(letter, letters))
            g_ptr_array_add(letters, g_steal_pointer(&letter));
    }
}

void urgent_plan(const View *view, gint64 now_s, GPtrArray *letters) {
    const Snapshot *snapshot = view_snapshot(view);
    for (guint i = 0; snapshot->urgents != NULL && i < snapshot->urgents->len; i++) {
        const UrgentMatter *matter = g_ptr_array_index(snapshot->urgents, i);
        if (matter->known_s >= snapshot->released_s)
            plan_matter(view, matter, now_s, letters);
    }
}

gint64 urgent_next_instant(const UrgentMatter *matter, gint64 now_s) {
    gint64 number = now_s < matter->known_s ? 0 : (now_s - matter->known_s) / URGENT_REPEAT_S + 1;
    return number > URGENT_REPEATS_MAX ? G_MAXINT64 : matter->known_s + number * URGENT_REPEAT_S;
}

bool urgent_letter_is_due(const View *view, const Letter *letter) {
    return find_matter(view, json_integer_value(json_object_get(letter->facts, "urgent_id"))) != NULL;
}

GPtrArray *urgent_notices(const View *view, const UrgentMatter *matter, const char *handling, gint64 now_s) {
    static const char *const roles[] = {"coordinator", "leader", NULL};
    const Programme *programme = view_programme(view);
    GPtrArray *letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
    for (guint i = 0; i < programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (person->address == NULL || *person->address == '\0' || !g_strv_contains(roles, person->role))
            continue;
        g_autofree char *address = roster_normal_address(person->address);
        g_autoptr(Letter) letter =
            letter_new(view, LETTER_URGENT_NOTICE, person, matter, now_s, now_s + NOTICE_LIFE_S);
        g_autofree char *settled = calendar_instant_text(programme->zone, now_s, letter->language);
        letter->key = g_strdup_printf("urgent_notice/%" G_GINT64_FORMAT "/%s", matter->id, address);
        letter->not_before_s = quiet_hours_after(programme, now_s);
        letter->priority = PRIORITY_QUESTION;
        letter->reason = reason_text(REASON_URGENT_NOTICE, programme->language, NULL);
        json_object_set_new(letter->facts, "handling_text", json_string(handling));
        json_object_set_new(letter->facts, "settled_text", json_string(settled));
        if (!is_among(letter, letters))
            g_ptr_array_add(letters, g_steal_pointer(&letter));
    }
    return letters;
}
