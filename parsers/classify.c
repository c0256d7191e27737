#include "parsers/classify.h"

#include <string.h>

#include "parsers/command.h"
#include "parsers/label.h"
#include "parsers/reference.h"
#include "parsers/utf8.h"

#define LINE_MAX_BYTES    400 /* of the first line, so much is looked at */
#define ASKING_MAX_BYTES  120 /* a longer one is told something */
#define CORRECTIONS_MAX   50
#define POLITE_LINES_MAX  2 /* "老师好", "谢谢" */
#define NUMBER_MAX_DIGITS 3 /* numbers of problems in our letters */

static const char *const kind_names[] = {"submission", "urgent",    "command", "correction", "question",
                                         "bounce",     "autoreply", "own",     "unknown"};

const char *classify_kind_name(MessageKind kind) {
    return kind_names[kind];
}

bool classify_is_urgent(const char *text) {
    static const char *const negations[] = {"非", "无", "不", "没有", "是否", NULL};
    for (const char *p = text; (p = strstr(p, "紧急")); p += strlen("紧急")) {
        bool negated = false;
        for (const char *const *n = negations; *n; n++) {
            gsize length = strlen(*n);
            negated |= (gsize)(p - text) >= length && strncmp(p - length, *n, length) == 0;
        }
        if (!negated)
            return true;
    }
    g_autofree char *folded = g_utf8_casefold(text, -1);
    return g_str_has_prefix(folded, "urgent") || strstr(folded, "[urgent]");
}

/* The subject without 回复：, Re:, 转发: … */
static const char *skip_prefixes(const char *subject) {
    static const char *const prefixes[] = {"re", "fw", "fwd", "回复", "答复", "转发", "回覆", "轉寄", NULL};
    for (bool again = true; again;) {
        again = false;
        subject = utf8_skip_space(subject);
        for (const char *const *p = prefixes; *p && !again; p++) {
            gsize length = strlen(*p);
            if (g_ascii_strncasecmp(subject, *p, length) != 0)
                continue;
            const char *rest = subject + length;
            bool colon = *rest == ':' || g_str_has_prefix(rest, "：");
            if (colon) {
                subject = *rest == ':' ? rest + 1 : rest + strlen("：");
                again = true;
            }
        }
    }
    return subject;
}

static char *first_line(const char *text) {
    text = utf8_skip_space(text);
    char *line = g_strndup(text, MIN(strcspn(text, "\n"), LINE_MAX_BYTES));
    const char *end;
    if (!g_utf8_validate(line, -1, &end)) /* cut within a character */
        line[end - line] = '\0';
    return line;
}

/* ---- corrections
 * ------------------------------------------------------------------------------------------------------ */

static bool names_field(const char *normal, gpointer data) {
    const GArray *meanings = form_set_meanings(data, normal);
    for (guint i = 0; meanings && i < meanings->len; i++)
        if (g_array_index(meanings, LabelMeaning, i).kind == LABEL_FIELD)
            return true;
    return false;
}

/* A label's value stands behind a colon, or behind white space where the words before it are exactly a label.
 * NULL: no value. The value's start is given back. */
static char *split_label(const char *line, bool *ret_has_colon, const char **ret_value) {
    const char *end = utf8_find_either(line, ":", "：");
    *ret_has_colon = end != NULL;
    for (const char *p = line; !end && *p; p = g_utf8_next_char(p))
        if (g_unichar_isspace(g_utf8_get_char(p)))
            end = p;
    if (!end || end == line || end - line > LABEL_MAX_BYTES)
        return NULL;
    *ret_value = g_utf8_next_char(end);
    return g_strstrip(g_strndup(line, (gsize)(end - line)));
}

/* "3: 12345", "３：12345", "提问量：36" or "提问量 36" */
static json_t *read_correction(const FormSet *set, const char *line) {
    bool has_colon;
    const char *value;
    g_autofree char *written = split_label(line, &has_colon, &value);
    g_autofree char *label = written ? utf8_compatible(written) : NULL;
    if (!label)
        return NULL;
    g_autofree char *raw = g_strstrip(g_strdup(value));
    gsize digits = strspn(label, "0123456789");
    if (!*raw)
        return NULL;
    if (digits && !label[digits] && digits <= NUMBER_MAX_DIGITS && has_colon) {
        guint64 number = 0;
        g_ascii_string_to_unsigned(label, 10, 0, 999, &number, NULL);
        return json_pack("{s:i, s:s}", "number", (int)number, "raw", raw);
    }
    return label_each_reading(written, -1, names_field, (gpointer)set)
               ? json_pack("{s:s, s:s}", "label", written, "raw", raw)
               : NULL;
}

json_t *classify_corrections(const FormSet *set, const char *reply) {
    json_t *corrections = json_array();
    g_auto(GStrv) lines = g_strsplit(reply, "\n", CORRECTIONS_MAX + 1);
    for (guint i = 0; lines[i] && i < CORRECTIONS_MAX; i++) {
        json_t *correction = read_correction(set, g_strstrip(lines[i]));
        if (correction)
            json_array_append_new(corrections, correction);
    }
    if (json_array_size(corrections))
        return json_pack("{s:o}", "corrections", corrections);
    json_decref(corrections);
    return NULL;
}

/* A mail that says little else than corrections, greetings apart: an answer whose client dropped In-Reply-To.
 */
static bool is_mostly_corrections(const FormSet *set, const char *reply) {
    guint lines = 0, corrections = 0;
    g_auto(GStrv) all = g_strsplit(reply, "\n", CORRECTIONS_MAX + 1);
    for (guint i = 0; all[i]; i++) {
        json_t *correction = read_correction(set, g_strstrip(all[i]));
        lines += *all[i] != 0;
        corrections += correction != NULL;
        json_decref(correction);
    }
    return corrections > 0 && lines <= corrections + POLITE_LINES_MAX;
}

/* ---- questions
 * -------------------------------------------------------------------------------------------------------- */

static bool is_question(const char *text) {
    static const char *const words[] = {"请问", "想问", "咨询一下", "怎么办", "如何",
                                        "怎样", "能否", "可否",     "？",     NULL};
    for (const char *const *w = words; *w; w++)
        if (strstr(text, *w))
            return true;
    for (const char *p = text; (p = strchr(p, '?')); p++) /* not the one inside an address */
        if (!p[1] || g_ascii_isspace(p[1]) || (guchar)p[1] >= 0x80)
            return true;
    return false;
}

/* One short line that asks without a mark: "暑假图书馆几点开门". */
static bool is_asking_line(const char *line) {
    static const char *const words[] = {"几点", "什么时候", "怎么", "多少", "在哪", "哪里", NULL};
    if (!*line || strlen(line) > ASKING_MAX_BYTES || strchr(line, '\n'))
        return false;
    for (const char *const *w = words; *w; w++)
        if (strstr(line, *w))
            return true;
    return g_str_has_suffix(line, "吗") || g_str_has_suffix(line, "吗。");
}

MessageKind classify_message(const FormSet *set, const Message *message, bool has_form, bool has_attachment,
                             json_t **ret_details) {
    if (message->automatic == AUTOMATIC_BOUNCE)
        return KIND_BOUNCE;
    if (message->automatic == AUTOMATIC_OWN)
        return KIND_OWN;
    if (has_form)
        return KIND_SUBMISSION;
    if (message->automatic == AUTOMATIC_REPLY)
        return KIND_AUTOREPLY;
    const char *subject = skip_prefixes(message->subject);
    g_autofree char *line = first_line(message->reply);
    if (classify_is_urgent(subject) || classify_is_urgent(line))
        return KIND_URGENT;
    /* What comes over a list was written by somebody, but not to us: no command, no correction. */
    bool is_ours = message->automatic != AUTOMATIC_LIST;
    bool is_reply = is_ours && reference_is_answer(message);
    json_t *details = is_ours ? command_read(line, is_reply) : NULL;
    if (is_ours && !details && !(is_reply && *line))
        details = command_read(subject, is_reply);
    if (details && !has_attachment) {
        *ret_details = details;
        return KIND_COMMAND;
    }
    json_decref(details);
    if (is_reply && command_is_numbered(line)) {
        *ret_details = json_pack("{s:{s:s, s:s}}", "command", "name", "review", "argument", line);
        return KIND_COMMAND;
    }
    bool may_correct = is_reply || (is_ours && !has_attachment && is_mostly_corrections(set, message->reply));
    details = may_correct ? classify_corrections(set, message->reply) : NULL;
    if (details) {
        *ret_details = details;
        return KIND_CORRECTION;
    }
    g_autofree char *whole = g_strstrip(g_strdup(message->reply));
    if (!has_attachment && (is_question(subject) || is_question(message->reply) || is_asking_line(subject) ||
                            is_asking_line(whole)))
        return KIND_QUESTION;
    return KIND_UNKNOWN;
}
