/* The files that came with messages: the archive's bytes are taken apart in the reader's confined children,
 * and what they hand back is only decoded, never looked into. */
#pragma once

#include <jansson.h>

#include "gateway/io/archive.h"

typedef struct {
    const char *name;  /* as the sender called it: to be made safe (file_name.h) before it is a file's name */
    const char *type;  /* by content: "docx", "image" … */
    gint64 size_bytes; /* as the reader says */
    GBytes *data;      /* NULL: too large, or no document and no picture */
} Attachment;

/* One message's; attachments: n of them, borrowed, NULL where the message could not be read. */
typedef void (*AttachmentsFound)(gint64 message_id, const Attachment *attachments, guint n,
                                 gpointer user_data);

typedef struct {
    gint64 message_id;
    const char *location, *sha256; /* in the archive */
} AttachmentSource;

/* Reads the messages one after the other (a case dossier has tens, not thousands) and tells of each. forms:
 * as for reader_host_new(). False only where no reader can be started. */
bool attachments_read(Archive *archive, json_t *forms, const AttachmentSource *sources, guint n,
                      AttachmentsFound found, gpointer user_data, GError **error);
