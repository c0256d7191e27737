/* A story of a docx: body, header, footer or notes → blocks (facts/email.md 4.2, 4.3). */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/document.h"
#include "parsers/docx_numbering.h"
#include "parsers/docx_styles.h"
#include "parsers/package.h"

/* What the stories of one document share. */
typedef struct {
    Package *package;
    const DocxStyles *styles;
    DocxNumbering *numbering;
    guint tables;     /* counted so far */
    guint cells;      /* against LIMIT_CELLS */
    gsize text_bytes; /* against LIMIT_TEXT_BYTES */
    gsize seen;       /* visible characters of text elements, all stories */
    gsize dropped;    /* of them left out on purpose: hidden, field codes, placeholders, beyond a limit */
    bool is_over_limit;
    GPtrArray *references;     /* char*: relation ids of headers and footers, in order */
    bool has_notes;            /* a foot- or endnote is referred to */
    bool has_foreign;          /* an altChunk: text of another document inside */
    GPtrArray *volatile_texts; /* char*: what fields show that changes when the document is opened */
} DocxContext;

/* Reads a part and appends its Block* to blocks (paragraphs unnumbered), text boxes last. False where there
 * is no such part. */
bool docx_story_read(DocxContext *context, const char *part, BlockOrigin origin, GPtrArray *blocks);
/* The same for bytes at hand. */
void docx_story_read_bytes(DocxContext *context, GBytes *bytes, BlockOrigin origin, GPtrArray *blocks);
