/* Labels: their normal form, and how much two labels are alike (SPEC 3).
 * The normal form is what is compared: NFKC, case folded, only letters and digits. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/label_letters.h"

/* Longest label that is looked at, in bytes of UTF-8 as written: a longer text is a value. */
#define LABEL_MAX_BYTES 160

/* Normal form of text (length in bytes, or -1): "姓  名：" → "姓名", "Ｅ-mail" → "email". "" where nothing is
 * left. The caller frees it. */
char *label_normal_form(const char *text, gssize length);

/* The same, appended to out; for callers that reuse a buffer. */
void label_append_normal(GString *out, const char *text, gssize length);

/* Ways to read a label as written, most literal first, each a normal form without duplicates: all of it;
 * without a leading list mark ("1、", "（2）", "一、", "①"); without parentheses ("人数（人）" → "人数"); of
 * two languages one ("单位 Organization" → "单位"). Calls visit until it returns true; returns whether it
 * did. */
typedef bool (*LabelVisit)(const char *normal, gpointer data);
bool label_each_reading(const char *text, gssize length, LabelVisit visit, gpointer data);

/* The same, but where text lacks letters of every label in letters only all of it is visited. */
bool label_each_likely_reading(const char *text, gssize length, const LabelLetters *letters, LabelVisit visit,
                               gpointer data);

/* Number of bytes of a leading list mark ("1、", "(2) ", "三、", "①", "•"), 0 where there is none. "24小时"
 * has none. */
gsize label_list_mark(const char *text);

/* How telling each character is among the labels of a form: one that stands in every label tells little. */
typedef struct LabelWeights LabelWeights;
LabelWeights *label_weights_new(void);
void label_weights_free(LabelWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabelWeights, label_weights_free)

/* Counts a label's normal form; all are added before the first likeness. */
void label_weights_add(LabelWeights *weights, const char *normal);

/* Likeness of two normal forms, 0 (nothing in common) to 1 (equal): shared characters and pairs of
 * characters, weighted. */
double label_likeness(const LabelWeights *weights, const char *a, const char *b);

/* A normal form taken apart for comparison with many others; weights must be complete by then, and are no
 * longer needed afterwards. Free with label_print_free(). */
typedef struct LabelPrint LabelPrint;
LabelPrint *label_print_new(const LabelWeights *weights, const char *normal);
void label_print_free(LabelPrint *print);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabelPrint, label_print_free)

/* label_likeness() of two that were made with the same weights. Allocates nothing. */
double label_print_likeness(const LabelPrint *a, const LabelPrint *b);
