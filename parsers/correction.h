/* What a person corrects by mail, "提问量：36" or "3: 36" (SPEC 4): the same labels, types and checks as on
 * the form. */
#pragma once

#include "parsers/form.h"
#include "parsers/value.h"

/* The field of a form that a label means, by its labels or its title: index in Form.fields; -1 where it means
 * none, or several. */
int correction_field(const FormSet *set, const Form *form, const char *label);

/* Reads raw as the field's value. Good: ret_field gets a new reference {"value","raw","source","confidence"}
 * as in SPEC 3.4; source says where it stands. Absent and bad leave it untouched. */
ValueVerdict correction_value(const Field *field, const char *raw, const ValueContext *context,
                              const char *source, json_t **ret_field);

/* The problems of corrected content: those of `before` that a correction of the fields in corrected (char*
 * keys) leaves standing, then what is missing, out of range or contradicts now. New reference, an array as in
 * SPEC 3.4. */
json_t *correction_problems(const FormSet *set, const Form *form, const json_t *fields, const json_t *tables,
                            const json_t *before, GHashTable *corrected);
