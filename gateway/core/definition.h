/* What letters and totals need of a form's definition: titles and types, from the JSON that
 * form_set_new_from_json() takes (Programme.forms). Unknown forms and keys are answered with the key itself,
 * so a letter never fails for them. */
#pragma once

#include "gateway/core/model.h"

/* The definition of a form, table or column; NULL if there is none. Belong to the programme. */
const json_t *definition_form(const Programme *programme, const char *form);
const json_t *definition_table(const json_t *form, const char *table);

/* The lists of definitions of a form or table in its own order: JSON arrays, or NULL: none. */
const json_t *definition_fields(const json_t *form);
const json_t *definition_tables(const json_t *form);
const json_t *definition_columns(const json_t *table);

/* Key and type ("count", "choice" …; "text" where none is given) of a definition. */
const char *definition_key(const json_t *definition);
const char *definition_type(const json_t *definition);
bool definition_is_number(const json_t *definition); /* count or number: can be summed */

/* The title of a form, field, table or column in a language, else its first label, else its title in the
 * other language, id or key. */
const char *definition_title(const json_t *definition, const char *language);

/* The title of the field or table with that key, else the key. */
const char *definition_title_of_key(const json_t *form, const char *key, const char *language);

/* What a choice stands for ("answered", "open" …: maps_to of the form's data), or NULL. */
const char *definition_choice_meaning(const json_t *definition, const char *value);

/* A normalised value of SPEC 3.4 as text for people: dates, ranges, numbers, true and false. The caller frees
 * it. */
char *definition_value_text(const json_t *value, const char *language);
