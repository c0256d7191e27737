#include "gateway/io/attachments.h"

#include <string.h>
#include <unistd.h>

#include "gateway/io/ipc.h"
#include "gateway/io/reader_host.h"

#define ATTACHMENTS_MAX 200 /* of one message; the reader's own limit of parts is of this order */

typedef struct {
    AttachmentsFound found;
    gpointer user_data;
} Work;

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static Attachment take(const json_t *entry) {
    Attachment attachment = {.name = text_of(entry, "name"),
                             .type = text_of(entry, "type"),
                             .size_bytes = json_integer_value(json_object_get(entry, "bytes"))};
    const char *base64 = json_string_value(json_object_get(entry, "data"));
    if (base64 && *base64) {
        gsize length;
        guchar *bytes = g_base64_decode(base64, &length);
        attachment.data = g_bytes_new_take(bytes, length);
    }
    return attachment;
}

static void on_answer(json_t *result, GBytes *text, gpointer tag, gpointer user_data) {
    const Work *work = user_data;
    const AttachmentSource *source = tag;
    const json_t *lines = json_object_get(result, "lines");
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Attachment));
    for (size_t l = 0; l < json_array_size(lines); l++) {
        const json_t *entries = json_object_get(json_array_get(lines, l), "attachments");
        for (size_t i = 0; i < json_array_size(entries) && all->len < ATTACHMENTS_MAX; i++) {
            Attachment attachment = take(json_array_get(entries, i));
            g_array_append_val(all, attachment);
        }
    }
    work->found(source->message_id, lines ? (const Attachment *)(gpointer)all->data : NULL, all->len,
                work->user_data);
    for (guint i = 0; i < all->len; i++)
        g_clear_pointer(&g_array_index(all, Attachment, i).data, g_bytes_unref);
}

/* False where the archive does not have it. */
static bool submit(ReaderHost *host, Archive *archive, const AttachmentSource *source) {
    g_autoptr(GBytes) bytes = archive_read(archive, source->location, source->sha256, NULL);
    int memfd =
        bytes ? ipc_memfd("message", g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), NULL) : -1;
    if (memfd < 0)
        return false;
    g_autofree char *name = g_strdup_printf("message %" G_GINT64_FORMAT, source->message_id);
    reader_host_submit(host, json_pack("{s:s, s:b}", "file", name, "attachments", 1), memfd,
                       (gpointer)source);
    return true;
}

bool attachments_read(Archive *archive, json_t *forms, const AttachmentSource *sources, guint n,
                      AttachmentsFound found, gpointer user_data, GError **error) {
    Work work = {found, user_data};
    if (n == 0)
        return true;
    g_autoptr(ReaderHost) host = reader_host_new(forms, on_answer, &work);
    if (!reader_host_spawn(host, 1, error))
        return false;
    for (guint i = 0; i < n; i++) {
        if (!submit(host, archive, &sources[i]))
            found(sources[i].message_id, NULL, 0, user_data);
        while (reader_host_pending(host) > 0)
            reader_host_wait(host);
    }
    return true;
}
