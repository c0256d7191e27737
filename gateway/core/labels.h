/* Labels that people taught, beside those of the forms' own definitions (SPEC 3). Pure. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* A copy of forms (what form_set_new_from_json() takes) in which each learnt label [{"form","field","label"}]
 * stands with its field; "table.column" names a column. Labels of forms and fields that are gone are left
 * out. New reference. */
json_t *labels_merge(const json_t *forms, const json_t *learnt);

/* True where form has such a field, or table.column. */
bool labels_has_field(const json_t *forms, const char *form, const char *field);

/* A label taught by mail: "标签 报送数 = 提问量", "label Reported = Questions received", or by the number of
 * a label in the notice that is answered: "3 = 提问量". "标签 报送数 = 无", "label Reported = none" forgets
 * what was taught. */
typedef struct {
    guint number; /* 0: label says it */
    char *label;  /* or NULL */
    char *field;  /* what stands behind the sign: never "" */
    bool is_forgotten;
} LabelOrder;

void label_order_free(LabelOrder *order);

/* The orders in the lines of a reply, at most LABEL_ORDERS_MAX: LabelOrder* in an owning array. Lines that
 * hold none are passed over. */
#define LABEL_ORDERS_MAX 100
GPtrArray *labels_orders_parse(const char *text);
