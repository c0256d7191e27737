#include "parsers/unpack.h"

#include <string.h>

#include "parsers/container.h"
#include "parsers/encoded_word.h"
#include "parsers/limits.h"
#include "parsers/message_walk.h"
#include "parsers/unpack_tnef.h"

/* Appends one file that came out of `container`. False where no more may be added. */
static MessagePart *add_part(Message *message, const MessagePart *outer, const char *name, GBytes *data,
                             gsize *decoded_bytes) {
    gsize size = g_bytes_get_size(data);
    if (message->parts->len >= LIMIT_PARTS || *decoded_bytes + size > LIMIT_DECODED_BYTES) {
        problem_add_reading(message->problems, PROBLEM_LIMIT, outer->name);
        return NULL;
    }
    *decoded_bytes += size;
    g_autofree char *base_name = encoded_word_base_name(name);
    MessagePart *part = message_part_new(base_name, "application/octet-stream", g_bytes_ref(data));
    part->message_depth = outer->message_depth;
    part->container = g_strdup(outer->name);
    g_ptr_array_add(message->parts, part);
    return part;
}

static void unpack_winmail(Message *message, guint index, gsize *decoded_bytes) {
    MessagePart *outer = g_ptr_array_index(message->parts, index);
    bool damaged = false;
    g_autoptr(GPtrArray) files = unpack_tnef(outer->data, &damaged);
    if (damaged) {
        problem_add_reading(message->problems, PROBLEM_DAMAGED, outer->name);
        outer->verdict = "damaged";
    }
    for (guint i = 0; files != NULL && i < files->len; i++) {
        const TnefFile *file = g_ptr_array_index(files, i);
        MessagePart *part = add_part(message, outer, file->name, file->data, decoded_bytes);
        if (part == NULL)
            return;
        if (file->is_body) {
            part->is_body = part->message_depth == 0;
            g_free(part->content_type);
            part->content_type = g_strdup(g_str_has_suffix(file->name, ".html") ? "text/html" : "text/plain");
        }
    }
}

static void unpack_archive(Message *message, guint index, gsize *decoded_bytes) {
    MessagePart *outer = g_ptr_array_index(message->parts, index);
    gsize budget = LIMIT_DECODED_BYTES - MIN(*decoded_bytes, LIMIT_DECODED_BYTES - 1);
    g_autoptr(GPtrArray) entries = container_read(outer->data, outer->type, outer->name,
                                                  MIN(budget, LIMIT_ARCHIVE_TOTAL), message->problems);
    for (guint i = 0; i < entries->len; i++) {
        ContainerEntry *entry = g_ptr_array_index(entries, i);
        MessagePart *part = add_part(message, outer, entry->name, entry->data, decoded_bytes);
        if (part == NULL)
            return;
        part->verdict = entry->verdict;
    }
}

void unpack_parts(Message *message, gsize *decoded_bytes) {
    guint start = 0;
    for (guint nesting = 0; nesting < LIMIT_ARCHIVE_NESTING; nesting++) {
        guint end = message->parts->len;
        for (guint i = start; i < end; i++) {
            const MessagePart *part = g_ptr_array_index(message->parts, i);
            if (part->type == FILE_TNEF)
                unpack_winmail(message, i, decoded_bytes);
            else if (sniff_is_archive(part->type) && part->verdict == NULL)
                unpack_archive(message, i, decoded_bytes);
        }
        start = end;
    }
    for (guint i = start; i < message->parts->len; i++) {
        MessagePart *part = g_ptr_array_index(message->parts, i);
        if (part->type == FILE_TNEF || sniff_is_archive(part->type)) {
            problem_add_reading(message->problems, PROBLEM_LIMIT, part->name);
            part->verdict = "limit";
        }
    }
}
