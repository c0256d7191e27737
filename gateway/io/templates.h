/* The templates directory: letters/LANGUAGE/KIND.{subject,txt,html}, letters/common/ (for every language),
 * letters/style.json, samples/KIND.json. Read once at the start; templates/README.md describes the files. */
#pragma once

#include "gateway/core/letter_render.h"

/* Reads and compiles every template below directory and sees that all kinds are there in every language. The
 * caller frees the result. NULL and FORTNIGHT_ERROR_CONFIGURATION with file and line. */
LetterTemplates *templates_load(const char *directory, GError **error);

/* The sample facts of a kind in a language: samples/common.json overlaid with samples/KIND.json. New
 * reference; NULL and error. */
json_t *templates_sample(const char *directory, LetterKind kind, const char *language, GError **error);

/* Renders every kind in every language of the sample facts, strictly: a template that asks for an unknown
 * fact, or HTML above LETTER_HTML_MAX_BYTES, is an error; likewise the Word document of the summary where a
 * language has one ("documents/zh/summary.docx: word/document.xml:12: …", 12 the paragraph). For `check`. */
bool templates_check(const LetterTemplates *templates, const char *directory, GError **error);
