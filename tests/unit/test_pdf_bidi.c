#include "parsers/pdf_bidi.h"

/* A line as poppler gives it: text with its marks, and the boxes of its characters in poppler's order. */
typedef struct {
    GString *text;
    GArray *boxes; /* PopplerRectangle */
} Page;

#define HEIGHT 10.0

/* Adds a word, from left to right: its left edge, and the width of each character where it stands; a NULL of
 * widths: all 5 wide. */
static void add(Page *page, const char *text, double x, const double *widths) {
    g_string_append(page->text, text);
    guint i = 0;
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c >= 0x202A && c <= 0x202E)
            continue;
        double width = widths ? widths[i++] : 5;
        PopplerRectangle box = {x, 100, x + width, 100 + HEIGHT};
        g_array_append_val(page->boxes, box);
        x += width;
    }
}

static Page page_new(void) {
    return (Page){g_string_new(NULL), g_array_new(FALSE, FALSE, sizeof(PopplerRectangle))};
}

static char *finish(Page *page, guint *ret_unsure, GArray **ret_letters) {
    GArray *letters = pdf_bidi_letters(page->text->str, (const PopplerRectangle *)(void *)page->boxes->data,
                                       page->boxes->len, ret_unsure);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < letters->len; i++)
        g_string_append_unichar(text, g_array_index(letters, PdfLetter, i).c);
    if (ret_letters)
        *ret_letters = letters;
    else
        g_array_unref(letters);
    g_string_free(page->text, TRUE);
    g_array_unref(page->boxes);
    return g_string_free(text, FALSE);
}

#define RLE "\u202B"
#define LRE "\u202A"
#define PDF "\u202C"

/* The first letter of a word stands at its right. */
static void test_boxes(void) {
    Page page = page_new();
    guint unsure = 0;
    GArray *letters = NULL;
    add(&page, RLE "שלום" PDF, 50, (const double[]){4, 5, 6, 7});
    g_autofree char *text = finish(&page, &unsure, &letters);
    g_assert_cmpstr(text, ==, "שלום");
    g_assert_cmpfloat(g_array_index(letters, PdfLetter, 0).box.x1, ==, 65);
    g_assert_cmpfloat(g_array_index(letters, PdfLetter, 0).box.x2, ==, 72);
    g_assert_cmpfloat(g_array_index(letters, PdfLetter, 3).box.x1, ==, 50);
    g_array_unref(letters);
}

/* Words are apart where there is a gap, whatever spaces poppler wrote; foreign words keep their order,
 * figures their digits. */
static void test_words(void) {
    Page page = page_new();
    guint unsure = 0;
    add(&page, RLE "שלום" PDF, 200, NULL);         /* 200-220 */
    add(&page, " ", 0, NULL);                      /* torn: no gap */
    add(&page, RLE "ים" PDF, 190, NULL);           /* 190-200 */
    add(&page, RLE "זה" PDF, 175, NULL);           /* a gap, but no space */
    add(&page, RLE LRE "Word" PDF PDF, 140, NULL); /* 140-160: right of the first one */
    add(&page, " ", 0, NULL);
    add(&page, RLE LRE "Open" PDF PDF, 115, NULL);
    add(&page, " ", 0, NULL);
    add(&page, RLE LRE "2016" PDF PDF, 90, NULL);
    g_autofree char *text = finish(&page, &unsure, NULL);
    g_assert_cmpstr(text, ==, "שלוםים זה Open Word 2016");
    g_assert_cmpuint(unsure, ==, 0);
}

/* A line in English with two Hebrew words: these are read from the right. */
static void test_words_in_english(void) {
    Page page = page_new();
    guint unsure = 0;
    add(&page, "The ", 10, NULL);
    add(&page, RLE "עולם" PDF, 30, NULL);
    add(&page, " ", 0, NULL);
    add(&page, RLE "שלום" PDF, 55, NULL);
    add(&page, " means world\n", 75, NULL);
    add(&page, "no marks  here", 10, NULL);
    g_autofree char *text = finish(&page, &unsure, NULL);
    g_assert_cmpstr(text, ==, "The שלום עולם means world\nno marks  here");
}

/* "لا" of one glyph comes as "ال", both halves of one width, which no alef of its own has; "ال" of two glyphs
 * stays, and so does one whose alef is as wide as others. */
static void test_ligature(void) {
    Page page = page_new();
    guint unsure = 0;
    add(&page, RLE "باب" PDF, 200, (const double[]){5, 2, 5});
    add(&page, RLE "خال" PDF, 170, (const double[]){3, 3, 5});
    add(&page, RLE "مال" PDF, 140, (const double[]){6, 2, 5});
    add(&page, RLE "قال" PDF, 110, (const double[]){2, 2, 5});
    add(&page, RLE "األم" PDF, 80, (const double[]){5, 3, 4, 2});
    add(&page, RLE "األلم" PDF, 40, (const double[]){5, 4, 4, 4, 2}); /* the second lam is of no ligature */
    g_autofree char *text = finish(&page, &unsure, NULL);
    g_assert_cmpstr(text, ==, "باب خلا مال قال الأم الألم");
    g_assert_cmpuint(unsure, ==, 0);
    page = page_new();
    add(&page, RLE "خال" PDF, 170, (const double[]){3, 3, 5}); /* nothing to compare with */
    g_autofree char *alone = finish(&page, &unsure, NULL);
    g_assert_cmpstr(alone, ==, "خال");
    g_assert_cmpuint(unsure, ==, 1);
}

/* Forms of presentation are plain letters; a bar laid over another is one. */
static void test_forms(void) {
    Page page = page_new();
    guint unsure = 0;
    add(&page, RLE "\uFEB3\uFEFC\uFEE1" PDF, 200, NULL);
    add(&page, RLE "بــر" PDF, 150, (const double[]){5, 0.2, 3, 5});
    g_autofree char *text = finish(&page, &unsure, NULL);
    g_assert_cmpstr(text, ==, "سلام بـر");
}

/* Marks without end, too many of them, boxes that are missing. */
static void test_hostile(void) {
    Page page = page_new();
    guint unsure = 0;
    for (guint i = 0; i < 300; i++)
        g_string_append(page.text, i % 2 ? LRE : RLE);
    g_string_append(page.text, "ab שא" PDF PDF "\n" PDF PDF "ال\n");
    g_autofree char *text = finish(&page, &unsure, NULL);
    g_assert_nonnull(g_strstr_len(text, -1, "ال"));
    g_assert_true(pdf_bidi_has_marks(RLE "x"));
    g_assert_false(pdf_bidi_has_marks("שלום"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pdf_bidi/boxes", test_boxes);
    g_test_add_func("/pdf_bidi/words", test_words);
    g_test_add_func("/pdf_bidi/words_in_english", test_words_in_english);
    g_test_add_func("/pdf_bidi/ligature", test_ligature);
    g_test_add_func("/pdf_bidi/forms", test_forms);
    g_test_add_func("/pdf_bidi/hostile", test_hostile);
    return g_test_run();
}
