/* Legacy documents (doc, xls, rtf) on their way through a converter. A first reading notes which parts only a
 * converter could read; a second one is given what the converter made of them and reads that in their place.
 * A part is known by the SHA-256 of its bytes, so reading stays a function of bytes, forms and conversions.
 */
#pragma once

#include "parsers/document.h"
#include "parsers/sniff.h"

/* Legacy forms with photographs stay below; together with base64 one answer stays below 32 MiB. */
#define CONVERSION_PART_BYTES    (8u << 20)
#define CONVERSION_MESSAGE_BYTES (16u << 20)
#define CONVERSION_PARTS         20

typedef struct {
    char *sha256;
    FileType type, target; /* of the part; of what shall be made of it: FILE_DOCX or FILE_XLSX */
    GBytes *data;
} ConversionWish;

typedef struct Conversions Conversions;

/* converter: name and version, or NULL in a first reading. Free with conversions_free(). */
Conversions *conversions_new(const char *converter);
void conversions_free(Conversions *conversions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Conversions, conversions_free)

/* What the converter made of the part with this digest; a reference to data is kept. */
void conversions_add(Conversions *conversions, const char *sha256, FileType target, GBytes *data);

/* The name given to conversions_new(), or "". */
const char *conversions_converter(const Conversions *conversions);

/* ConversionWish*: the parts that could not be read without a converter, each once; borrowed. */
const GPtrArray *conversions_wishes(const Conversions *conversions);

/* formats_read() with conversions (NULL: without): a part that was converted is read as what it became
 * (*ret_converted then), any other legacy part is noted as a wish. */
Document *conversions_read(Conversions *conversions, GBytes *data, FileType type, const char *name,
                           GPtrArray *problems, bool *ret_converted);
