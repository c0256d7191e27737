#include "gateway/keeper/files.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/core/error.h"
#include "gateway/core/roster.h"
#include "parsers/message.h"
#include "parsers/sniff.h"

struct Files {
    Keeper *keeper;
    GPtrArray *paths; /* char* */
    guint next;
    GPtrArray *messages; /* GBytes* of the file at hand, or NULL */
    guint next_message;
    gint64 file_time_s;
    gint64 received_s; /* 0: each file's own time */
    gint64 org_id;
    char *note;
    guint failed;
};

static bool find_organization(Files *files, const char *name, GError **error) {
    g_autofree char *normal = roster_normal_name(name);
    const GPtrArray *named = view_named(files->keeper->view, normal);
    if (named && named->len == 1) {
        files->org_id = ((const Organization *)named->pdata[0])->id;
        return true;
    }
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT,
                "%s organization is called \"%s\"; `fortnight status` lists them",
                named ? "more than one" : "no", name);
    return false;
}

Files *files_new(Keeper *keeper, const json_t *settings, GError **error) {
    Files *files = g_new0(Files, 1);
    files->keeper = keeper;
    files->paths = g_ptr_array_new_with_free_func(g_free);
    size_t i;
    json_t *path;
    json_array_foreach(json_object_get(settings, "files"), i, path) {
        g_ptr_array_add(files->paths, g_strdup(json_string_value(path)));
    }
    files->received_s = json_integer_value(json_object_get(settings, "received"));
    files->note = g_strdup(json_string_value(json_object_get(settings, "note")));
    const char *org = json_string_value(json_object_get(settings, "org"));
    if (org && !find_organization(files, org, error))
        g_clear_pointer(&files, files_free);
    return files;
}

void files_free(Files *files) {
    if (!files)
        return;
    g_ptr_array_unref(files->paths);
    g_clear_pointer(&files->messages, g_ptr_array_unref);
    g_free(files->note);
    g_free(files);
}

void files_add_paths(const Files *files, GPtrArray *paths) {
    for (guint i = 0; i < files->paths->len; i++)
        g_ptr_array_add(paths, files->paths->pdata[i]);
}

bool files_is_over(const Files *files) {
    return !files->messages && files->next >= files->paths->len;
}

guint files_failed(const Files *files) {
    return files->failed;
}

/* The messages of a file: one, or those of an mbox. */
static GPtrArray *open_file(Files *files, const char *path) {
    g_autoptr(GError) failure = NULL;
    struct stat info;
    gint64 limit = files->keeper->config->max_message_bytes * 16; /* an mbox holds many */
    if (stat(path, &info) == 0 && info.st_size > limit) {
        fprintf(stderr, "fortnight: %s: larger than %lld bytes; split it first\n", path, (long long)limit);
        return NULL;
    }
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, &failure);
    if (!mapped) {
        fprintf(stderr, "fortnight: %s\n", failure->message);
        return NULL;
    }
    files->file_time_s = info.st_mtime;
    g_autoptr(GBytes) bytes = g_mapped_file_get_bytes(mapped);
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    if (sniff_type(data, length, path) == FILE_MBOX)
        return message_split_mbox(bytes);
    GPtrArray *single = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_ptr_array_add(single, g_bytes_ref(bytes));
    return single;
}

void files_take_next(Files *files, TakeIn *take_in) {
    if (!files->messages) {
        files->messages = open_file(files, files->paths->pdata[files->next++]);
        files->next_message = 0;
        files->failed += !files->messages;
        if (!files->messages)
            return;
    }
    if (files->next_message < files->messages->len) {
        GBytes *bytes = files->messages->pdata[files->next_message++];
        Arrival arrival = {.received_s = files->received_s ? files->received_s : files->file_time_s,
                           .size_bytes = (gint64)g_bytes_get_size(bytes),
                           .bytes = bytes,
                           .memfd = -1,
                           .by_hand_org_id = files->org_id,
                           .note = files->note};
        take_in_add(take_in, &arrival);
    }
    if (files->next_message >= files->messages->len)
        g_clear_pointer(&files->messages, g_ptr_array_unref);
}

guint files_left(const Files *files) {
    guint left = files->paths->len > files->next ? files->paths->len - files->next : 0;
    return left + (files->messages && files->messages->len > files->next_message
                       ? files->messages->len - files->next_message
                       : 0);
}
