/* The element names of WordprocessingML (ECMA-376-1 part 17) that mean something here. */
#pragma once

#include "parsers/xml.h"

enum {
    DOCX_NONE,
    /* content */
    DOCX_P,
    DOCX_R,
    DOCX_T,
    DOCX_TAB,
    DOCX_BR,
    DOCX_HYPHEN,
    DOCX_SOFT_HYPHEN,
    DOCX_SYM,
    DOCX_SKIP,        /* all that is dropped on purpose: deleted field codes, old properties */
    DOCX_INSTRUCTION, /* the code of a field */
    DOCX_GUIDE,       /* phonetic guide over a word: no value, but kept */
    DOCX_DEL_TEXT,    /* text of a deletion: no value, but kept */
    DOCX_DEL,         /* a deletion, or inside properties the mark of one */
    DOCX_TEXT_BOX,
    DOCX_NOTE,
    DOCX_FOOTNOTE_MARK, /* the number in front of a note */
    DOCX_ENDNOTE_MARK,
    DOCX_ALT_CHUNK,
    /* properties */
    DOCX_PPR,
    DOCX_RPR,
    DOCX_VANISH,
    DOCX_STRIKE,
    DOCX_DOUBLE_STRIKE,
    DOCX_FONTS,
    DOCX_RSTYLE,
    DOCX_BOLD,
    DOCX_PSTYLE,
    DOCX_LEVEL,
    DOCX_NUM_ID,
    DOCX_ALIGN,
    DOCX_OUTLINE,
    /* tables */
    DOCX_TBL,
    DOCX_TR,
    DOCX_TC,
    DOCX_TRPR,
    DOCX_GRID_SPAN,
    DOCX_VMERGE,
    DOCX_HMERGE,
    DOCX_GRID_BEFORE,
    /* content controls, fields, alternatives */
    DOCX_SDT,
    DOCX_SDT_CONTENT,
    DOCX_PLACEHOLDER,
    DOCX_SDT_CHECKBOX,
    DOCX_SDT_CHECKED,
    DOCX_FLD_SIMPLE,
    DOCX_FLD_CHAR,
    DOCX_FF_DATA,
    DOCX_FF_CHECKBOX,
    DOCX_FF_CHECKED,
    DOCX_FF_DEFAULT,
    DOCX_FF_RESULT,
    DOCX_FF_ENTRY,
    DOCX_ALTERNATE,
    DOCX_CHOICE,
    DOCX_FALLBACK,
    /* references */
    DOCX_HEADER_REF,
    DOCX_FOOTER_REF,
    DOCX_FOOTNOTE_REF,
    DOCX_ENDNOTE_REF,
    /* styles and numbering */
    DOCX_STYLE,
    DOCX_NAME,
    DOCX_BASED_ON,
    DOCX_ABSTRACT_NUM,
    DOCX_NUM,
    DOCX_ABSTRACT_ID,
    DOCX_LVL,
    DOCX_LVL_OVERRIDE,
    DOCX_START,
    DOCX_START_OVERRIDE,
    DOCX_FORMAT,
    DOCX_LVL_TEXT,
    DOCX_SUFFIX,
    DOCX_TOKENS /* their number */
};

extern const XmlGrammar DOCX_GRAMMAR;
