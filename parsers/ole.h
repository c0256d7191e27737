/* OLE2 compound files ([MS-CFB]), only as far as to know what one is (.doc, .xls, an encrypted docx, a macro)
 * and to take out a stream. The text of .doc and .xls is the converter's business. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    bool has_word, has_workbook, has_powerpoint, has_encrypted_package, has_macros, is_message;
    bool is_encrypted; /* the Word or Excel stream says that it needs a password */
    bool is_damaged;   /* the directory could not be followed to its end */
    bool is_drawing;   /* an equation or a chart, which shows all that it holds */
} OleInfo;

/* True if data begins with the signature of a compound file. */
bool ole_is_signature(const guint8 *data, gsize length);

/* Looks into a compound file; false if it is none. Never reads outside data; work is bounded by the number of
 * sectors. */
bool ole_inspect(const guint8 *data, gsize length, OleInfo *ret_info);

/* The bytes of the first stream of this name (ASCII, case does not matter), or NULL where there is none, it
 * is larger than most_bytes or it is cut short. The caller owns the result. */
GBytes *ole_stream(const guint8 *data, gsize length, const char *name, gsize most_bytes);
