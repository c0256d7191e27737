#include "gateway/core/review.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/roster.h"

#define PERIOD_KEY_LENGTH 10 /* "2016-06-27" */

static const struct {
    const char *word;
    ReviewVerb verb;
} verbs[] = {{"归属", REVIEW_ASSIGN},   {"assign", REVIEW_ASSIGN}, {"通过", REVIEW_ACCEPT},
             {"accept", REVIEW_ACCEPT}, {"拒绝", REVIEW_REJECT},   {"reject", REVIEW_REJECT}};

void review_order_free(ReviewOrder *order) {
    if (order == NULL)
        return;
    g_free(order->argument);
    g_free(order);
}

/* ---- orders
 * ----------------------------------------------------------------------------------------------------- */

/* After white space and punctuation. */
static const char *next_word(const char *text) {
    while (*text != '\0' && !g_unichar_isalnum(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    return text;
}

static ReviewOrder *parse_line(const char *line) {
    g_autofree char *plain = g_utf8_normalize(line, -1, G_NORMALIZE_ALL_COMPOSE);
    const char *number = plain != NULL ? next_word(plain) : "";
    char *after = NULL;
    guint64 id = g_ascii_isdigit(*number) ? g_ascii_strtoull(number, &after, 10) : 0;
    if (id == 0 || id > G_MAXINT32)
        return NULL;
    const char *word = next_word(after);
    if (memchr(after, '=', (gsize)(word - after)) != NULL) /* "3 = 通过率" teaches a label (labels.h) */
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++) {
        gsize length = strlen(verbs[i].word);
        if (g_ascii_strncasecmp(word, verbs[i].word, length) != 0 ||
            (g_ascii_isalpha(*word) && g_ascii_isalpha(word[length])))
            continue;
        ReviewOrder *order = g_new0(ReviewOrder, 1);
        order->id = (gint64)id;
        order->verb = verbs[i].verb;
        order->argument = g_strstrip(g_strdup(next_word(word + length)));
        return order;
    }
    return NULL;
}

GPtrArray *review_orders_parse(const char *text) {
    GPtrArray *orders = g_ptr_array_new_with_free_func((GDestroyNotify)review_order_free);
    for (const char *line = text; line != NULL && *line != '\0' && orders->len < REVIEW_ORDERS_MAX;) {
        gsize length = strcspn(line, "\n");
        g_autofree char *copy = g_strndup(line, length);
        ReviewOrder *order = parse_line(copy);
        if (order != NULL)
            g_ptr_array_add(orders, order);
        line += length + (line[length] == '\n');
    }
    return orders;
}

/* ---- what they name
 * --------------------------------------------------------------------------------------------- */

/* The period's key at the end of an argument, cut off it; NULL: there is none. */
static char *take_period(char *argument) {
    gsize length = strlen(argument);
    GDate day;
    if (length <= PERIOD_KEY_LENGTH || !calendar_day_parse(argument + length - PERIOD_KEY_LENGTH, &day))
        return NULL;
    char *key = g_strdup(argument + length - PERIOD_KEY_LENGTH);
    argument[length - PERIOD_KEY_LENGTH] = '\0';
    return key;
}

bool review_resolve(const View *view, const char *argument, const char *language, gint64 *ret_org_id,
                    char **ret_period, char **ret_why) {
    bool is_english = g_strcmp0(language, "en") == 0;
    g_autofree char *name = g_strdup(argument);
    g_autofree char *period = take_period(name);
    g_autofree char *normal = roster_normal_name(name);
    const GPtrArray *named = *normal != '\0' ? view_named(view, normal) : NULL;
    g_strstrip(name);
    if (named != NULL && named->len == 1) {
        *ret_org_id = ((const Organization *)g_ptr_array_index(named, 0))->id;
        *ret_period = g_steal_pointer(&period);
        return true;
    }
    if (*name == '\0')
        *ret_why = g_strdup(is_english ? "name the organization that it is from: assign NAME"
                                       : "请写明是哪个组织：归属 组织名称");
    else if (named != NULL)
        *ret_why = g_strdup_printf(
            is_english ? "several organizations are called “%s”" : "有几个组织都叫“%s”", name);
    else
        *ret_why = g_strdup_printf(is_english ? "no organization is called “%s”" : "名册里没有“%s”", name);
    return false;
}

bool review_records_form(const char *code) {
    static const char *const codes[] = {"unknown_sender",
                                        "unknown_org",
                                        "ambiguous_org",
                                        "contradiction_org",
                                        "several_from",
                                        "no_from",
                                        "automatic_form",
                                        "junk_form",
                                        "no_org",
                                        "no_period",
                                        NULL};
    return code != NULL && g_strv_contains(codes, code);
}
