/* What travels with a letter besides its words: the blank form, pre-filled, and the calendar entry of a
 * reminder; the workbook of a summary. */
#pragma once

#include "gateway/core/view.h"
#include "gateway/io/letter_mime.h"
#include "gateway/store/store.h"

/* LetterAttachment with what it points to; an array of them owns all. */
typedef GPtrArray Enclosures;

typedef struct {
    Store *store;
    const View *view; /* with contents of the letter's period and the one before */
    const char *templates_dir;
    const char *scratch_dir; /* for passing files */
    gint64 now_s;
} EnclosureSource;

/* Makes what belongs to the letter and sets its facts "attached" and "calendar", so that its words mention
 * what is there. What cannot be made is logged and left out: a letter never waits for its enclosures. Free
 * with g_ptr_array_unref(). */
Enclosures *enclosures_make(const EnclosureSource *source, const Letter *letter, json_t *facts);

/* The same as the flat array that LetterEnvelope takes; points into the enclosures. The caller frees it. */
LetterAttachment *enclosures_flat(const Enclosures *enclosures);
