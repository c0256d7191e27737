/* Attachments that hold files themselves: archives (parsers/container.h), winmail.dat (TNEF). */
#pragma once

#include "parsers/message.h"

/* Appends the files inside archives and winmail.dat to message->parts, `container` set; what cannot be read
 * is a problem of the message. decoded_bytes: bytes of all parts so far, counted on; LIMIT_DECODED_BYTES,
 * LIMIT_PARTS and LIMIT_ARCHIVE_NESTING hold. */
void unpack_parts(Message *message, gsize *decoded_bytes);
