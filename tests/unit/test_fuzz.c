/* Every fuzz target reads again what it once failed on (tests/corpus/fuzz/NAME/), nothing, and its own
 * source. */
#include <glib.h>
#include <locale.h>
#include <stdint.h>

/* each target has the one name that libFuzzer calls; here they need one each, of which no header knows */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#define LLVMFuzzerTestOneInput fuzz_answer
#include "tests/fuzz/fuzz_answer.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_any
#include "tests/fuzz/fuzz_any.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_bounce
#include "tests/fuzz/fuzz_bounce.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_charset
#include "tests/fuzz/fuzz_charset.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_config
#include "tests/fuzz/fuzz_config.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_container
#include "tests/fuzz/fuzz_container.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_correction
#include "tests/fuzz/fuzz_correction.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_csv
#include "tests/fuzz/fuzz_csv.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_definition
#include "tests/fuzz/fuzz_definition.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_docx
#include "tests/fuzz/fuzz_docx.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_docx_xml
#include "tests/fuzz/fuzz_docx_xml.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_form_text
#include "tests/fuzz/fuzz_form_text.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_header
#include "tests/fuzz/fuzz_header.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_html
#include "tests/fuzz/fuzz_html.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_imap
#include "tests/fuzz/fuzz_imap.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_ipc
#include "tests/fuzz/fuzz_ipc.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_json
#include "tests/fuzz/fuzz_json.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_label
#include "tests/fuzz/fuzz_label.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_match
#include "tests/fuzz/fuzz_match.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_message
#include "tests/fuzz/fuzz_message.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_mhtml
#include "tests/fuzz/fuzz_mhtml.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_odf_xml
#include "tests/fuzz/fuzz_odf_xml.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_ods
#include "tests/fuzz/fuzz_ods.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_odt
#include "tests/fuzz/fuzz_odt.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_pdf
#include "tests/fuzz/fuzz_pdf.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_reply
#include "tests/fuzz/fuzz_reply.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_smtp_reply
#include "tests/fuzz/fuzz_smtp_reply.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_template
#include "tests/fuzz/fuzz_template.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_text
#include "tests/fuzz/fuzz_text.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_tnef
#include "tests/fuzz/fuzz_tnef.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_value
#include "tests/fuzz/fuzz_value.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_xlsx
#include "tests/fuzz/fuzz_xlsx.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_xlsx_xml
#include "tests/fuzz/fuzz_xlsx_xml.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_zip
#include "tests/fuzz/fuzz_zip.c"
#undef LLVMFuzzerTestOneInput

static const struct {
    const char *name;
    int (*run)(const uint8_t *bytes, size_t length);
} TARGETS[] = {
    {"answer", fuzz_answer},
    {"any", fuzz_any},
    {"bounce", fuzz_bounce},
    {"charset", fuzz_charset},
    {"config", fuzz_config},
    {"container", fuzz_container},
    {"correction", fuzz_correction},
    {"csv", fuzz_csv},
    {"definition", fuzz_definition},
    {"docx", fuzz_docx},
    {"docx_xml", fuzz_docx_xml},
    {"form_text", fuzz_form_text},
    {"header", fuzz_header},
    {"html", fuzz_html},
    {"imap", fuzz_imap},
    {"ipc", fuzz_ipc},
    {"json", fuzz_json},
    {"label", fuzz_label},
    {"match", fuzz_match},
    {"message", fuzz_message},
    {"mhtml", fuzz_mhtml},
    {"odf_xml", fuzz_odf_xml},
    {"ods", fuzz_ods},
    {"odt", fuzz_odt},
    {"pdf", fuzz_pdf},
    {"reply", fuzz_reply},
    {"smtp_reply", fuzz_smtp_reply},
    {"template", fuzz_template},
    {"text", fuzz_text},
    {"tnef", fuzz_tnef},
    {"value", fuzz_value},
    {"xlsx", fuzz_xlsx},
    {"xlsx_xml", fuzz_xlsx_xml},
    {"zip", fuzz_zip},
};

static void run_file(guint target, const char *path) {
    g_autofree char *content = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &content, &length, NULL));
    TARGETS[target].run((const uint8_t *)content, length);
}

static void test_target(gconstpointer data) {
    guint target = GPOINTER_TO_UINT(data);
    TARGETS[target].run((const uint8_t *)"", 0);
    g_autofree char *source = g_strdup_printf("tests/fuzz/fuzz_%s.c", TARGETS[target].name);
    run_file(target, source);
    g_autofree char *folder = g_build_filename("tests/corpus/fuzz", TARGETS[target].name, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        run_file(target, path);
    }
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(TARGETS); i++) {
        g_autofree char *path = g_strdup_printf("/fuzz/%s", TARGETS[i].name);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_target);
    }
    return g_test_run();
}
