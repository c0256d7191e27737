/* Labels that people taught, beside those of the forms' own definitions (SPEC 3). Pure. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* A copy of forms (what form_set_new_from_json() takes) in which each learnt label [{"form","field","label"}]
 * stands with its field; "table.column" names a column. Labels of forms and fields that are gone are left
 * out. New reference. */
json_t *labels_merge(const json_t *forms, const json_t *learnt);

/* True where form has such a field, or table.column. */
bool labels_has_field(const json_t *forms, const char *form, const char *field);
