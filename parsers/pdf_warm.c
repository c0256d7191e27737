/* One page with a line in a standard font, one in Chinese, and a picture, read once by the process whose
 * children read PDF: poppler's tables, the character maps of poppler-data and what fontconfig and the linker
 * look up at first use are then there for each of them. ISO 32000-1, 7.5. */

#include <assert.h>
#include <glib.h>
#include <poppler.h>

#include "parsers/formats.h"

#define PAGE_TEXT    "BT /L 12 Tf 60 700 Td (Name: 12) Tj /C 12 Tf 0 -20 Td <503CFF1A00310032> Tj ET"
#define PAGE_PICTURE "q 9 0 0 9 60 600 cm /P Do Q"
#define PAGE_LINES   "60 590 m 200 590 l 200 560 l 60 560 l h S"
#define PAGE         PAGE_TEXT "\n" PAGE_PICTURE "\n" PAGE_LINES
static_assert(sizeof PAGE - 1 == 148, "as the object of the page's contents says");

/* Numbered from 1, as they refer to each other. */
static const char *const objects[] = {
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
    "/Resources<</Font<</L 5 0 R/C 6 0 R>>/XObject<</P 8 0 R>>>>>>",
    "<</Length 148>>stream\n" PAGE "\nendstream",
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[7 0 R]>>",
    "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
    "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>",
    "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>"
    "stream\nA\nendstream",
};

static GBytes *sample(void) {
    GString *pdf = g_string_new("%PDF-1.4\n");
    g_autoptr(GString) places = g_string_new("0000000000 65535 f \n");
    for (guint i = 0; i < G_N_ELEMENTS(objects); i++) {
        g_string_append_printf(places, "%010" G_GSIZE_FORMAT " 00000 n \n", pdf->len);
        g_string_append_printf(pdf, "%u 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
    gsize table = pdf->len;
    guint size = G_N_ELEMENTS(objects) + 1;
    g_string_append_printf(pdf, "xref\n0 %u\n%s", size, places->str);
    g_string_append_printf(pdf, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n",
                           size, table);
    return g_string_free_to_bytes(pdf);
}

void pdf_warm(void) {
    static PopplerDocument *kept; /* poppler lets go of its tables with the last document */
    g_autoptr(GBytes) data = sample();
    if (!kept)
        kept = poppler_document_new_from_bytes(data, NULL, NULL);
    g_autoptr(GPtrArray) problems = problem_list_new();
    document_free(pdf_read(data, "sample", problems));
}
