/* The content of an OpenDocument file (ODF 1.2 part 1) → blocks. For odf.c. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/document.h"
#include "parsers/package.h"

/* What the parts of one document share. */
typedef struct {
    Package *package;
    bool is_spreadsheet; /* numbers and dates come from their values, not from what is shown */
    guint tables, cells; /* cells against LIMIT_CELLS */
    gsize text_bytes;    /* against LIMIT_TEXT_BYTES */
    gsize seen, dropped; /* visible characters: all, and left out on purpose */
    bool is_over_limit;
    GPtrArray *volatile_texts; /* char*: what changes when the document is opened */
} OdfContext;

/* Reads a part (content.xml: the body; styles.xml: headers and footers of the master pages) and appends its
 * Block* to blocks. False where there is no such part. */
bool odf_story_read(OdfContext *context, const char *part, GPtrArray *blocks);
