/* Forms as data (SPEC 3): id, title, how to recognise it, fields, tables, rules. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef enum {
    TYPE_TEXT, TYPE_COUNT, TYPE_NUMBER, TYPE_DATE, TYPE_DATETIME, TYPE_DATERANGE, TYPE_PHONE, TYPE_EMAIL, TYPE_CHOICE, TYPE_BOOL,
    TYPE_PERSON, TYPE_ORG, TYPE_URL
} FieldType;

typedef struct FormSet FormSet; /* immutable after loading; the forms of a programme */

/* Builds the forms of a programme from JSON: {"language":"zh","zone":"Asia/Shanghai","forms":[{…},…]}; the shape of a form is
 * documented in parsers/README.md. NULL and error (with a path such as forms[1].fields[3].type) where it is wrong. */
FormSet *form_set_new_from_json(const json_t *json, GError **error);
FormSet *form_set_ref(FormSet *set);
void form_set_unref(FormSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FormSet, form_set_unref)
