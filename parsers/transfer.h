/* Content transfer encodings (RFC 2045 6): base64, quoted-printable and uuencode → bytes. Own decoders,
 * because GMime 3.2.13 stops a base64 body at its first padding (facts/email.md 3.3). */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    TRANSFER_IDENTITY, /* 7bit, 8bit, binary, and whatever else leaves the bytes as they are */
    TRANSFER_BASE64,
    TRANSFER_QUOTED_PRINTABLE,
    TRANSFER_UUENCODE,
    TRANSFER_UNKNOWN /* a name that nobody knows: the bytes are taken as they are */
} TransferEncoding;

/* The encoding that a Content-Transfer-Encoding value names ("BASE64 ", "8-bit", "x-uue"; NULL and "" are
 * identity). */
TransferEncoding transfer_encoding_from_name(const char *name);

/* Decodes data; the caller owns the result (for identity: a reference to data itself). ret_damaged (may be
 * NULL) is set true where bytes of the encoded text were not understood or its end is missing, and left alone
 * otherwise. */
GBytes *transfer_decode(GBytes *data, TransferEncoding encoding, bool *ret_damaged);

/* Base64 of one stretch of memory, any padding; appended to out. Stops at text that follows a padded end
 * (mailing list footers). Returns false where something was not base64. */
bool transfer_append_base64(GByteArray *out, const char *text, gsize length);

/* Quoted-printable of one stretch; is_header: "_" is a space (RFC 2047 4.2). Malformed escapes stay as they
 * stand. */
void transfer_append_quoted(GByteArray *out, const char *text, gsize length, bool is_header);

typedef struct {
    gsize start, end; /* of "begin 644 name" to after the line "end", offsets into the text */
    char *name;       /* raw bytes of the name */
    GBytes *data;
    bool damaged;
} TransferUuFile;

/* Finds the next uuencoded file in text from offset `from` on. Returns false where there is none; else the
 * caller frees with transfer_uu_file_clear(). Linear. */
bool transfer_find_uuencoded(const char *text, gsize length, gsize from, TransferUuFile *ret_file);
void transfer_uu_file_clear(TransferUuFile *file);
