#include "parsers/value.h"

#include <math.h>
#include <string.h>

#include "parsers/form_words.h"
#include "parsers/label.h"
#include "parsers/limits.h"
#include "parsers/utf8.h"
#include "parsers/value_choice.h"
#include "parsers/value_date.h"
#include "parsers/value_number.h"
#include "parsers/value_phone.h"

#define CERTAIN       1.0
#define CERTAIN_VAGUE 0.8 /* "30余条", one of two phones */
#define PERSON_MAX    30  /* characters; longer names are sentences */
#define ORG_MAX       60

ValueContext value_context_at(gint64 instant_s, GTimeZone *zone) {
    ValueContext context;
    g_date_clear(&context.reference, 1);
    g_autoptr(GDateTime) utc = instant_s >= 0 ? g_date_time_new_from_unix_utc(instant_s) : NULL;
    g_autoptr(GDateTime) local = utc ? g_date_time_to_timezone(utc, zone) : NULL;
    if (local)
        g_date_set_dmy(&context.reference, (GDateDay)g_date_time_get_day_of_month(local),
                       (GDateMonth)g_date_time_get_month(local), (GDateYear)g_date_time_get_year(local));
    return context;
}

static bool is_filler(gunichar c) {
    return utf8_is_space(c) || c == '_' || c == 0xFF3F || c == 0x2026 || c == 0x2504;
}

/* Fill-in lines and white space at both ends of length bytes. */
static void trim(const char **text, gsize *length) {
    const char *start = *text, *end = start + *length;
    while (start < end && is_filler(utf8_char(start)))
        start = g_utf8_next_char(start);
    while (end > start && is_filler(utf8_char(g_utf8_prev_char(end))))
        end = g_utf8_prev_char(end);
    *text = start;
    *length = (gsize)(end - start);
}

char *value_trim(const char *raw) {
    gsize bytes = strlen(raw);
    if (bytes <= LIMIT_FIELD_BYTES && !memchr(raw, '\n', bytes)) {
        trim(&raw, &bytes);
        return g_strndup(raw, bytes);
    }
    g_autoptr(GString) out = g_string_sized_new(bytes);
    for (const char *line = raw; *line;) {
        gsize length = strcspn(line, "\n"), kept = length;
        const char *start = line;
        trim(&start, &kept);
        g_string_append_len(out, start, (gssize)kept);
        line += length;
        if (*line == '\n') {
            line++;
            if (out->len && out->str[out->len - 1] != '\n')
                g_string_append_c(out, '\n');
        }
    }
    while (out->len && out->str[out->len - 1] == '\n')
        g_string_truncate(out, out->len - 1);
    if (out->len > LIMIT_FIELD_BYTES) {
        const char *cut = g_utf8_find_prev_char(out->str, out->str + LIMIT_FIELD_BYTES);
        g_string_truncate(out, cut ? (gsize)(cut - out->str) : 0);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* json_string(), whose check of UTF-8 takes several times as long as GLib's. */
static json_t *text_json(const char *text) {
    return g_utf8_validate(text, -1, NULL) ? json_string_nocheck(text) : NULL;
}

/* ---- one function a type: NULL where the text is no such value
 * ------------------------------------------------------- */

static json_t *parse_number(const Field *field, const char *text, double *certainty) {
    double number;
    bool exact;
    if (!number_parse(text, &number, &exact))
        return NULL;
    if (!exact)
        *certainty = CERTAIN_VAGUE;
    if (field->type == TYPE_COUNT)
        return fabs(number - floor(number)) < 1e-9 ? json_integer((json_int_t)number) : NULL;
    return json_real(number);
}

static json_t *parse_date(const Field *field, const char *text, const ValueContext *context,
                          double *certainty) {
    CivilTime start, end;
    const GDate *reference = g_date_valid(&context->reference) ? &context->reference : NULL;
    if (field->type == TYPE_DATERANGE) {
        if (!date_parse_range(text, reference, &start, &end))
            return NULL;
        start.hour = end.hour = -1;
        g_autofree char *first = date_format(&start);
        g_autofree char *last = date_format(&end);
        return json_pack("{s:s, s:s}", "start", first, "end", last);
    }
    if (!date_parse(text, reference, &start))
        return NULL;
    if (field->type == TYPE_DATE)
        start.hour = -1;
    g_autofree char *day = date_format(&start);
    return json_string(day);
}

static json_t *parse_phone(const char *text, double *certainty) {
    g_autoptr(GPtrArray) numbers = phone_parse(text);
    if (numbers->len == 0)
        return NULL;
    if (numbers->len > 1)
        *certainty = CERTAIN_VAGUE;
    return json_string(g_ptr_array_index(numbers, 0));
}

static bool is_address_character(char c) {
    return g_ascii_isalnum(c) || strchr("._%+-=~", c);
}

/* "a @ b . cn", "a@\nb.cn", "a(at)b.cn", "a@b。cn" as the address that is meant: white space beside its signs
 * goes. A dot right behind a word and before a blank ends a sentence. */
static char *close_address(const char *text) {
    g_autoptr(GString) out = g_string_sized_new(strlen(text));
    bool seen_at = false, spaced_dot = false;
    for (const char *p = text; *p;) {
        char last = out->len ? out->str[out->len - 1] : 0;
        const char *next = utf8_skip_space(p);
        if (next > p) {
            if (!(*next == '@' || last == '@' || (seen_at && *next == '.') || (spaced_dot && last == '.')))
                g_string_append_c(out, ' ');
            spaced_dot = seen_at && *next == '.';
            p = next;
        } else if (g_ascii_strncasecmp(p, "(at)", 4) == 0 || g_ascii_strncasecmp(p, "[at]", 4) == 0) {
            g_string_append_c(out, '@');
            p += 4;
        } else if (seen_at && utf8_has_prefix(p, "。") && g_ascii_isalnum(p[strlen("。")])) {
            g_string_append_c(out, '.');
            p += strlen("。");
        } else {
            g_string_append_unichar(out, utf8_char(p));
            p = g_utf8_next_char(p);
        }
        seen_at |= out->len && out->str[out->len - 1] == '@';
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static json_t *parse_email(const char *text) {
    g_autofree char *wide = utf8_compatible(text);
    if (!strchr(wide, '@') && !strstr(wide, "at") && !strstr(wide, "AT"))
        return NULL;
    g_autofree char *plain = close_address(wide);
    const char *at = strchr(plain, '@');
    if (!at)
        return NULL;
    const char *start = at, *end = at + 1;
    while (start > plain && is_address_character(start[-1]) && start[-1])
        start--;
    while (*end && is_address_character(*end))
        end++;
    while (end > at + 1 && strchr(".-_", end[-1]))
        end--;
    g_autofree char *address = g_strndup(start, (gsize)(end - start));
    const char *domain = strchr(address, '@') + 1;
    return start < at && strchr(domain, '.') && domain[0] != '.' ? json_string(address) : NULL;
}

static json_t *parse_url(const char *text) {
    const char *start = strstr(text, "http://");
    if (!start)
        start = strstr(text, "https://");
    if (!start && g_ascii_strncasecmp(text, "www.", 4) == 0)
        start = text;
    if (!start)
        return NULL;
    gsize length = 0;
    while ((guchar)start[length] > ' ' && (guchar)start[length] < 0x7f && start[length] != '"' &&
           start[length] != '<')
        length++;
    g_autofree char *url = g_strndup(start, length);
    return json_string(url);
}

/* A name: "张  三" without the space between two Chinese characters, "John Smith" with it. */
static json_t *parse_name(const char *text, glong max_characters) {
    if (g_utf8_strlen(text, -1) > max_characters)
        return NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    guint letters = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (utf8_is_space(c)) {
            const char *next = g_utf8_next_char(p);
            bool between_latin = out->len && (guchar)out->str[out->len - 1] < 0x80 && (guchar)*next < 0x80;
            if (between_latin && !g_ascii_isspace(out->str[out->len - 1]))
                g_string_append_c(out, ' ');
            continue;
        }
        letters += g_unichar_isalpha(c);
        g_string_append_unichar(out, c);
    }
    return letters ? text_json(out->str) : NULL;
}

/* A name without the office in brackets behind it: "李四（副部长）". Another label's colon makes it no name.
 */
static json_t *parse_person(const char *text) {
    if (utf8_has_digit(text) || utf8_find_either(text, ":", "："))
        return NULL;
    const char *open = utf8_find_either(text, "(", "（");
    bool has_office = open && (g_str_has_suffix(text, ")") || g_str_has_suffix(text, "）")) &&
                      g_utf8_strlen(text, open - text) >= 2;
    g_autofree char *name = has_office ? g_strndup(text, (gsize)(open - text)) : g_strdup(text);
    return parse_name(name, PERSON_MAX);
}

static bool is_own_absence(const Field *field, const char *text) {
    if (!field->absent || field->absent->len == 0 || strlen(text) > LABEL_MAX_BYTES)
        return false;
    g_auto(GStrv) words = g_strsplit_set(text, "/,;", -1);
    for (guint w = 0; words[w]; w++) { /* "条、次": each of them, else the text means something */
        g_auto(GStrv) parts = g_strsplit(words[w], "、", -1);
        for (guint k = 0; parts[k]; k++) {
            g_autofree char *normal = label_normal_form(parts[k], -1);
            bool is_listed = false;
            for (guint i = 0; i < field->absent->len && !is_listed; i++)
                is_listed = strcmp(g_ptr_array_index(field->absent, i), normal) == 0;
            if (!is_listed)
                return false;
        }
    }
    return words[0] != NULL;
}

/* A cross alone says no where yes or no is asked, and nothing elsewhere. */
static bool is_absent(const Field *field, const char *text) {
    bool answer;
    return is_own_absence(field, text) ||
           (form_words_is_absent(text) && !(field->type == TYPE_BOOL && value_choose_bool(text, &answer)));
}

static json_t *parse_typed(const Field *field, const char *text, const ValueContext *context,
                           double *certainty) {
    switch (field->type) {
    case TYPE_COUNT:
    case TYPE_NUMBER:
        return parse_number(field, text, certainty);
    case TYPE_DATE:
    case TYPE_DATETIME:
    case TYPE_DATERANGE:
        return parse_date(field, text, context, certainty);
    case TYPE_PHONE:
        return parse_phone(text, certainty);
    case TYPE_EMAIL:
        return parse_email(text);
    case TYPE_CHOICE: {
        const Choice *choice = value_choose(field, text, certainty);
        return choice ? json_string(choice->value) : NULL;
    }
    case TYPE_BOOL: {
        bool answer;
        return value_choose_bool(text, &answer) ? json_boolean(answer) : NULL;
    }
    case TYPE_PERSON:
        return parse_person(text);
    case TYPE_ORG:
        return parse_name(text, ORG_MAX);
    case TYPE_URL:
        return parse_url(text);
    default:
        return text_json(text);
    }
}

/* "【护理学院】", "“张三”": one pair of marks around all of it, as people fill a gap between them. */
static char *without_frame(char *text) {
    static const char *const frames[][2] = {{"【", "】"}, {"「", "」"}, {"“", "”"}, {"[", "]"},
                                            {"<", ">"},   {"（", "）"}, {"(", ")"}};
    for (guint i = 0; i < G_N_ELEMENTS(frames); i++) {
        gsize open = strlen(frames[i][0]), close = strlen(frames[i][1]), length = strlen(text);
        if (length <= open + close || !utf8_has_prefix(text, frames[i][0]) ||
            !g_str_has_suffix(text, frames[i][1]))
            continue;
        g_autofree char *inside = g_strndup(text + open, length - open - close);
        if (!strstr(inside, frames[i][0]) && !strstr(inside, frames[i][1])) {
            g_free(text);
            return value_trim(inside);
        }
    }
    return text;
}

static bool may_be_framed(FieldType type) {
    return type == TYPE_TEXT || type == TYPE_ORG || type == TYPE_PERSON;
}

/* U+00AD says where a word may be broken; nobody sees it. */
static void drop_soft_hyphens(char *text) {
    static const char HYPHEN[] = "\u00AD";
    char *to = strstr(text, HYPHEN);
    for (const char *from = to; to; from++) {
        while (utf8_has_prefix(from, HYPHEN))
            from += strlen(HYPHEN);
        *to++ = *from;
        if (!*from)
            return;
    }
}

ValueVerdict value_parse(const Field *field, const char *raw, const ValueContext *context, json_t **ret_value,
                         double *ret_certainty) {
    g_autofree char *sample = form_words_without_sample(raw);
    g_autofree char *text = value_trim(sample ? sample : raw);
    drop_soft_hyphens(text);
    if (is_absent(field, text))
        return VALUE_ABSENT;
    double certainty = CERTAIN;
    if (!ret_value && !ret_certainty && field->type == TYPE_TEXT)
        return VALUE_GOOD;
    if (may_be_framed(field->type))
        text = without_frame(text);
    json_t *value = parse_typed(field, text, context, &certainty);
    if (!value) /* four empty boxes are a choice that nobody made */
        return value_has_only_empty_boxes(text) && (field->type == TYPE_CHOICE || field->type == TYPE_BOOL)
                   ? VALUE_ABSENT
                   : VALUE_BAD;
    if (ret_value)
        *ret_value = json_incref(value);
    if (ret_certainty)
        *ret_certainty = certainty;
    json_decref(value);
    return VALUE_GOOD;
}

char *value_to_text(const json_t *value) {
    if (json_is_string(value))
        return g_strdup(json_string_value(value));
    if (json_is_integer(value))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value)) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];
        return g_strdup(g_ascii_formatd(buffer, sizeof buffer, "%.6g", json_real_value(value)));
    }
    if (json_is_boolean(value))
        return g_strdup(json_is_true(value) ? "是" : "否");
    const char *start = json_string_value(json_object_get(value, "start"));
    const char *end = json_string_value(json_object_get(value, "end"));
    return start && end ? g_strdup_printf("%s – %s", start, end) : g_strdup("");
}

char *value_excerpt(const char *raw) {
    g_autofree char *text = value_trim(raw);
    gsize line = strcspn(text, "\n");
    const char *end = text;
    for (guint n = 0; end < text + line && n < VALUE_EXCERPT_CHARACTERS; n++)
        end = g_utf8_next_char(end);
    g_autofree char *start = g_strndup(text, (gsize)(end - text));
    return *end ? g_strconcat(start, "…", NULL) : g_steal_pointer(&start);
}
