/* Totals of the number fields of a period, with the change against the period before and every source. */
#include "gateway/core/summary_parts.h"

#include <math.h>
#include <string.h>

#include "gateway/core/definition.h"

/* More sources than this are found in the workbook, not in a letter. */
#define SOURCES_MAX 1000

typedef struct {
    double sum;
    guint count; /* submissions that give the field */
} Sum;

static const json_t *number_of(const Submission *submission, const char *key) {
    const json_t *value = json_object_get(json_object_get(submission->fields, key), "value");
    return json_is_number(value) ? value : NULL;
}

static Sum sum_of(const GPtrArray *submissions, const char *key) {
    Sum sum = {0};
    for (guint i = 0; i < submissions->len; i++) {
        const json_t *value = number_of(g_ptr_array_index(submissions, i), key);
        if (value == NULL)
            continue;
        sum.sum += json_number_value(value);
        sum.count++;
    }
    return sum;
}

/* A whole number as an integer, so that 35 is not printed as 35.0. */
static json_t *plain_number(double value) {
    bool is_whole = fabs(value) < 9e15 && value == floor(value);
    return is_whole ? json_integer((json_int_t)value) : json_real(value);
}

json_t *summary_change_text(double change) {
    g_autofree char *text =
        change == 0 ? g_strdup("0") : g_strdup_printf("%s%.10g", change > 0 ? "+" : "−", fabs(change));
    return json_string(text);
}

static json_t *sources_of(const SummaryContext *context, const char *key) {
    json_t *sources = json_array();
    for (guint i = 0; i < context->submissions->len; i++) {
        const Submission *submission = g_ptr_array_index(context->submissions, i);
        const json_t *value = number_of(submission, key);
        if (value != NULL && json_array_size(sources) < SOURCES_MAX)
            json_array_append_new(
                sources, json_pack("{s:I, s:s, s:O}", "message_id", (json_int_t)submission->message_id, "org",
                                   summary_org_name(context, submission->org_id), "value", value));
    }
    return sources;
}

static json_t *total_of(const SummaryContext *context, const json_t *field, const GPtrArray *before) {
    const char *key = definition_key(field);
    Sum now = sum_of(context->submissions, key), then = sum_of(before, key);
    bool has_previous = then.count > 0;
    json_t *total = json_object();
    json_object_set_new(total, "key", json_string(key));
    json_object_set_new(total, "label", json_string(definition_title(field, context->language)));
    json_object_set_new(total, "value", plain_number(now.sum));
    json_object_set_new(total, "has_previous", json_boolean(has_previous));
    json_object_set_new(total, "previous", has_previous ? plain_number(then.sum) : json_false());
    json_object_set_new(total, "change", has_previous ? plain_number(now.sum - then.sum) : json_false());
    json_object_set_new(total, "change_text",
                        has_previous ? summary_change_text(now.sum - then.sum) : json_false());
    json_object_set_new(total, "reported_by", json_integer(now.count));
    json_object_set_new(total, "sources", sources_of(context, key));
    return total;
}

json_t *summary_totals(const SummaryContext *context) {
    json_t *totals = json_array();
    double largest = 0;
    gsize i;
    json_t *item;
    const GPtrArray *before = context->before;
    json_array_foreach(definition_fields(context->form), i, item)
        /* what nobody reported is not zero: it is not known */
        if (definition_is_number(item) && (sum_of(context->submissions, definition_key(item)).count > 0 ||
                                           sum_of(before, definition_key(item)).count > 0))
            json_array_append_new(totals, total_of(context, item, before));
    json_array_foreach(totals, i, item)
        largest = fmax(largest, json_number_value(json_object_get(item, "value")));
    json_array_foreach(totals, i, item) {
        double value = json_number_value(json_object_get(item, "value"));
        json_object_set_new(item, "percent",
                            json_integer(largest > 0 ? (json_int_t)lround(value * 100 / largest) : 0));
    }
    return totals;
}
