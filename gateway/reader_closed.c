/* What the reader's program does without where its libraries are linked into it: GMime's cryptography (GPGME)
 * and its files (GIO), and libxml2's rarer character sets (ICU). No message needs them: signatures are not
 * judged, streams are memory, and text is UTF-8 before libxml2 sees it; a part of XML in a character set that
 * libxml2 alone cannot read is passed on. The definitions stand before the libraries, so that the linker
 * leaves those modules out. */
#include <glib-object.h>
#include <unicode/ucnv.h>

#include "gateway/io/reader.h"

/* g_mime_init() registers these types and asks GPGME for its version; nothing is made of either. */
const char *gpgme_check_version_internal(const char *wanted, size_t offset);
GType g_mime_gpg_context_get_type(void);
GType g_mime_pkcs7_context_get_type(void);
GType g_mime_stream_gio_get_type(void);
gpointer g_mime_gpg_context_new(void);
gpointer g_mime_pkcs7_context_new(void);

const char *gpgme_check_version_internal(const char *wanted, size_t offset) {
    return NULL;
}
GType g_mime_gpg_context_get_type(void) {
    return G_TYPE_INVALID;
}
GType g_mime_pkcs7_context_get_type(void) {
    return G_TYPE_INVALID;
}
GType g_mime_stream_gio_get_type(void) {
    return G_TYPE_INVALID;
}
gpointer g_mime_gpg_context_new(void) {
    return NULL;
}
gpointer g_mime_pkcs7_context_new(void) {
    return NULL;
}

UConverter *ucnv_open(const char *name, UErrorCode *error) {
    reader_pass_on();
}
void ucnv_close(UConverter *converter) {
}
void ucnv_setToUCallBack(UConverter *converter, UConverterToUCallback action, const void *context,
                         UConverterToUCallback *old_action, const void **old_context, UErrorCode *error) {
    reader_pass_on();
}
void ucnv_setFromUCallBack(UConverter *converter, UConverterFromUCallback action, const void *context,
                           UConverterFromUCallback *old_action, const void **old_context, UErrorCode *error) {
    reader_pass_on();
}
void ucnv_convertEx(UConverter *to, UConverter *from, char **target, const char *target_limit,
                    const char **source, const char *source_limit, UChar *pivot_start, UChar **pivot_source,
                    UChar **pivot_target, const UChar *pivot_limit, UBool reset, UBool flush,
                    UErrorCode *error) {
    reader_pass_on();
}
void UCNV_TO_U_CALLBACK_STOP(const void *context, UConverterToUnicodeArgs *arguments, const char *units,
                             int32_t length, UConverterCallbackReason reason, UErrorCode *error) {
    reader_pass_on();
}
void UCNV_FROM_U_CALLBACK_STOP(const void *context, UConverterFromUnicodeArgs *arguments, const UChar *units,
                               int32_t length, UChar32 code_point, UConverterCallbackReason reason,
                               UErrorCode *error) {
    reader_pass_on();
}
