/* Pieces of a JSON text as they stand in it, so that what a parser has accepted can be stored word for word
 * instead of being written anew. Whatever the text, nothing is read beyond its end; of a text that is not
 * JSON the pieces are "not there" or nonsense, hence: parse first. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    const char *start; /* NULL: none; borrowed, not terminated */
    gsize length;
} JsonText;

/* The value of an object's member; false where the object has none under exactly this spelling (a key that is
 * written with escapes is not found). One pass over the object. */
bool json_text_member(JsonText object, const char *key, JsonText *ret_value);

/* Those of several members, in one pass; start NULL for each that is not there. */
void json_text_members(JsonText object, const char *const *keys, guint n_keys, JsonText *ret_values);

/* Steps through an array: *rest is the array at first, what is left of it afterwards. False at its end. */
bool json_text_next(JsonText *rest, JsonText *ret_element);
