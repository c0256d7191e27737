#include "parsers/value_phone.h"

#include <stdbool.h>
#include <string.h>

#include "parsers/utf8.h"

#define MOBILE_DIGITS 11
#define RUN_MAX       40 /* digits that are looked at in one cell */

static bool is_mobile(const char *digits) {
    return digits[0] == '1' && digits[1] >= '3' && digits[1] <= '9';
}

/* Joins within one number: "138 0001 2743", "138-0001-2743", "(0411)8611 0000", "138.0001.2743". */
static bool is_inner(gunichar c) {
    return c == ' ' || c == '-' || c == 0x2014 || c == 0x2013 || c == 0x2010 || c == 0x2011 || c == 0x2212 ||
           c == '(' || c == ')' || c == '.' || c == '_' || c == '\n' || c == 0x00A0 || c == 0x3000 ||
           c == 0x00B7 || c == '*';
}

/* Area codes of three digits: 010 and 02x; all others have four. */
static guint area_digits(const char *digits) {
    return digits[0] == '0' && (digits[1] == '1' || digits[1] == '2') ? 3 : 4;
}

typedef struct {
    char digits[RUN_MAX + 1];
    guint n;
    guint breaks[RUN_MAX]; /* where a separator stood: index of the digit behind it */
    guint n_breaks;
    bool plus;
    char extension[8];
} Run;

static bool is_break(const Run *run, guint at) {
    for (guint i = 0; i < run->n_breaks; i++)
        if (run->breaks[i] == at)
            return true;
    return at == run->n;
}

/* Reads digits with their inner separators from *cursor up to anything else. */
static void read_run(const char **cursor, Run *run) {
    memset(run, 0, sizeof *run);
    const char *p = *cursor;
    if (*p == '+') {
        run->plus = true;
        p++;
    }
    for (gunichar c; (c = utf8_char(p)) && run->n < RUN_MAX; p = g_utf8_next_char(p)) {
        if (g_ascii_isdigit(*p))
            run->digits[run->n++] = *p;
        else if (is_inner(c) || (c == '/' && run->digits[0] == '0' && run->n >= 3 && run->n <= 4)) {
            if (run->n && (run->n_breaks == 0 || run->breaks[run->n_breaks - 1] != run->n) &&
                run->n_breaks < RUN_MAX)
                run->breaks[run->n_breaks++] = run->n;
        } else
            break;
    }
    static const char *const marks[] = {"转", "分机", "ext.", "ext", "x"};
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
        if (run->n && g_ascii_strncasecmp(p, marks[i], strlen(marks[i])) == 0) {
            p += strlen(marks[i]);
            while (*p == ' ' || *p == ':')
                p++;
            for (guint n = 0; g_ascii_isdigit(*p) && n < 6; p++)
                run->extension[n++] = *p;
            break;
        }
    *cursor = p;
}

/* Digits of the landline that starts at `at`: up to the separator that completes 7 or 8 digits behind the
 * area code. */
static guint landline_length(const Run *run, guint at) {
    guint area = run->digits[at] == '0' ? area_digits(run->digits + at) : 0;
    if (at + area >= run->n || run->digits[at + area] < '2') /* no subscriber's number begins with 0 or 1 */
        return 0;
    for (guint number = 8; number >= 7; number--)
        if (at + area + number <= run->n && is_break(run, at + area + number))
            return area + number;
    return 0;
}

static void add_landline(GPtrArray *out, const Run *run, guint at, guint length, guint *taken) {
    guint area = run->digits[at] == '0' ? area_digits(run->digits + at) : 0;
    g_autoptr(GString) text = g_string_new(NULL);
    if (area) {
        g_string_append_len(text, run->digits + at, area);
        g_string_append_c(text, '-');
    }
    g_string_append_len(text, run->digits + at + area, length - area);
    guint end = at + length, left = run->n - end;
    /* "010-55500000-123": 1 to 6 more digits behind a separator are an extension, more are another number */
    if (run->extension[0] && left == 0)
        g_string_append_printf(text, "-%s", run->extension);
    else if (area && left >= 1 && left <= 6) {
        g_string_append_printf(text, "-%.*s", (int)left, run->digits + end);
        length += left;
    }
    *taken = length;
    g_ptr_array_add(out, g_string_free(g_steal_pointer(&text), FALSE));
}

static void split_run(const Run *run, GPtrArray *out) {
    for (guint at = 0; at < run->n && out->len < PHONE_MAX;) {
        guint left = run->n - at, taken = 0;
        const char *d = run->digits + at;
        guint prefix = g_str_has_prefix(d, "0086")                              ? 4
                       : g_str_has_prefix(d, "86") && left >= MOBILE_DIGITS + 2 ? 2
                                                                                : 0;
        if (prefix && left >= prefix + MOBILE_DIGITS && is_mobile(d + prefix)) {
            at += prefix;
            continue;
        }
        if (left >= MOBILE_DIGITS && is_mobile(d) && is_break(run, at + MOBILE_DIGITS)) {
            g_ptr_array_add(out, g_strndup(d, MOBILE_DIGITS));
            at += MOBILE_DIGITS;
            continue;
        }
        if (run->plus && at == 0 && left >= 8 && left <= 15 && !g_str_has_prefix(d, "86")) {
            g_ptr_array_add(out, g_strdup_printf("+%s", d));
            return;
        }
        guint length = landline_length(run, at);
        if (length)
            add_landline(out, run, at, length, &taken);
        else if (left == 10 && (g_str_has_prefix(d, "400") || g_str_has_prefix(d, "800"))) {
            g_ptr_array_add(out, g_strdup(d));
            taken = left;
        } else
            return;
        at += taken;
    }
}

GPtrArray *phone_parse(const char *text) {
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *plain = utf8_compatible(text);
    for (const char *p = plain; *p && out->len < PHONE_MAX;) {
        if (g_ascii_isdigit(*p) || *p == '+' || (*p == '(' && g_ascii_isdigit(p[1]))) {
            Run run;
            read_run(&p, &run);
            split_run(&run, out);
        } else
            p = g_utf8_next_char(p);
    }
    return out;
}
