#include "gateway/io/converter.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/converter_run.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/sandbox.h"
#include "gateway/io/spawn.h"

enum { VERSION_BYTES_MAX = 512, VERSION_TIMEOUT_MS = 20000 };

/* The peer reads its sockets whenever it waits. */
enum { ANSWER_TIMEOUT_MS = 60000 };

/* Dynamic loaders, without which no program starts; the one of this architecture exists. */
static const char *const loaders[] = {
    "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-linux-armhf.so.3",
    "/lib/ld-linux.so.2",          "/lib64/ld64.so.2",           "/lib/ld-linux-riscv64-lp64d.so.1"};

static const char *const homes[] = {"HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"};

typedef struct {
    int socket_fd;
    char *version; /* asked for with the first batch, NULL before */
    ConverterPlace place;
} Converter;

/* ---- what is installed ---- */

char *converter_program(void) {
    static const char *const names[] = {"soffice", "libreoffice"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *found = g_find_program_in_path(names[i]);
        g_autofree char *script = found != NULL ? realpath(found, NULL) : NULL;
        g_autofree char *folder = script != NULL ? g_path_get_dirname(script) : NULL;
        g_autofree char *program = folder != NULL ? g_build_filename(folder, "soffice.bin", NULL) : NULL;
        if (program != NULL && access(program, X_OK) == 0)
            return g_steal_pointer(&program);
    }
    return NULL;
}

char *converter_version(const char *program) {
    gsize length;
    char *const argv[] = {(char *)program, (char *)"--version", NULL};
    g_autofree char *said = spawn_capture(argv, VERSION_BYTES_MAX, VERSION_TIMEOUT_MS, &length, NULL);
    g_auto(GStrv) words = said != NULL ? g_strsplit_set(said, " \n", 3) : NULL;
    if (words == NULL || g_strv_length(words) < 2 || !g_utf8_validate(said, (gssize)length, NULL))
        return NULL;
    return g_strdup_printf("%s %s", words[0], words[1]);
}

const char *converter_default_base(void) {
    return g_get_tmp_dir();
}

json_t *converter_settings(const char *program, const char *folder) {
    return json_pack("{s:s, s:s}", "program", program, "folder", folder);
}

/* ---- one batch ---- */

/* The files of a request over the bytes that came with it; NULL where they do not fit each other. */
static ConverterFile *files_of(const json_t *list, GBytes *data) {
    gsize room, at = 0, n_files = json_array_size(list);
    const char *bytes = g_bytes_get_data(data, &room);
    if (n_files == 0 || n_files > CONVERTER_FILES_MAX)
        return NULL;
    g_autofree ConverterFile *files = g_new0(ConverterFile, n_files);
    for (gsize i = 0; i < n_files; i++) {
        const json_t *entry = json_array_get(list, i);
        json_int_t length = json_integer_value(json_object_get(entry, "bytes"));
        const char *type = json_string_value(json_object_get(entry, "type"));
        const char *target = json_string_value(json_object_get(entry, "target"));
        static const char *const types[] = {"doc", "xls", "rtf", NULL}, *const targets[] = {"docx", "xlsx",
                                                                                            NULL};
        if (length < 0 || (gsize)length > room - at || type == NULL || target == NULL ||
            !g_strv_contains(types, type) || !g_strv_contains(targets, target))
            return NULL;
        files[i] = (ConverterFile){
            .type = type, .target = target, .bytes = bytes + at, .length_bytes = (gsize)length};
        at += (gsize)length;
    }
    return g_steal_pointer(&files);
}

/* [{"bytes"} or {"failure"}], and the bytes of all results one after the other. */
static json_t *results_of(const ConverterFile *files, gsize n_files, GByteArray *bytes) {
    json_t *list = json_array();
    for (gsize i = 0; i < n_files; i++) {
        gsize length = files[i].result != NULL ? g_bytes_get_size(files[i].result) : 0;
        if (length == 0 || bytes->len + length > CONVERTER_BYTES_MAX) {
            const char *failure = files[i].failure != NULL ? files[i].failure : "limit";
            json_array_append_new(list, json_pack("{s:s}", "failure", failure));
            log_event(LOG_INFO, "converter.failed", LOG_TEXT("type", files[i].type),
                      LOG_TEXT("why", failure));
            continue;
        }
        g_byte_array_append(bytes, g_bytes_get_data(files[i].result, NULL), (guint)length);
        json_array_append_new(list, json_pack("{s:I}", "bytes", (json_int_t)length));
    }
    return list;
}

static bool serve(Converter *converter, const IpcFrame *frame, GError **error) {
    g_autoptr(GBytes) data = frame->fd >= 0 ? ipc_map(frame->fd, CONVERTER_BYTES_MAX, error) : NULL;
    const json_t *list = json_object_get(frame->payload, "files");
    gsize n_files = json_array_size(list);
    g_autofree ConverterFile *files = data != NULL ? files_of(list, data) : NULL;
    if (files == NULL) {
        if (error != NULL && *error == NULL)
            g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                                "a batch that makes no sense");
        return false;
    }
    if (converter->version == NULL &&
        (converter->version = converter_version(converter->place.program)) == NULL)
        converter->version = g_strdup("LibreOffice");
    converter_run(&converter->place, files, (guint)n_files);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    json_t *results = results_of(files, n_files, bytes);
    for (gsize i = 0; i < n_files; i++)
        converter_file_clear(&files[i]);
    int memfd = ipc_memfd("converted", bytes->data, bytes->len, error);
    json_t *answer = json_pack("{s:O, s:s, s:o}", "id", json_object_get(frame->payload, "id"), "converter",
                               converter->version, "files", results);
    bool sent =
        memfd >= 0 && ipc_send(converter->socket_fd, IPC_CONVERTED, answer, memfd, ANSWER_TIMEOUT_MS, error);
    json_decref(answer);
    if (memfd >= 0)
        close(memfd);
    return sent;
}

/* ---- the role ---- */

static bool confine(Converter *converter, SeccompFilter **ret_filter, GError **error) {
    g_autofree char *program_folder = g_path_get_dirname(converter->place.program);
    g_autofree char *office_folder = g_path_get_dirname(program_folder);
    const char *readable[] = {office_folder, NULL}, *writable[] = {converter->place.folder, NULL};
    const char *executable[G_N_ELEMENTS(loaders) + 2] = {converter->place.program};
    for (gsize i = 0; i < G_N_ELEMENTS(loaders); i++)
        executable[i + 1] = loaders[i];
    const SandboxPaths paths = {.readable = readable, .writable = writable, .executable = executable};
    return sandbox_office_filter(ret_filter, error) && sandbox_apply(SANDBOX_CONVERTER, &paths, error);
}

int converter_main(int socket_fd, json_t *settings) {
    Converter converter = {
        .socket_fd = socket_fd,
        .place = {.program = json_string_value(json_object_get(settings, "program")),
                  .folder = json_string_value(json_object_get(settings, "folder"))},
    };
    g_autoptr(SeccompFilter) filter = NULL;
    g_autoptr(GError) error = NULL;
    bool good = converter.place.program != NULL && converter.place.folder != NULL;
    if (!good)
        g_set_error_literal(&error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT, "incomplete settings");
    /* what a program writes on the side belongs into the folder too */
    for (gsize i = 0; good && i < G_N_ELEMENTS(homes); i++)
        g_setenv(homes[i], converter.place.folder, TRUE);
    good = good && confine(&converter, &filter, &error);
    converter.place.filter = filter;
    for (bool is_over = false; good && !is_over;) {
        g_auto(IpcFrame) frame = {.fd = -1};
        int received = ipc_receive(socket_fd, &frame, -1, &error);
        if (received < 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CLOSED))
            break;
        is_over = received > 0 && frame.kind == IPC_STOP;
        good = received > 0 && (is_over || (frame.kind == IPC_CONVERT && serve(&converter, &frame, &error)));
    }
    g_free(converter.version);
    if (!good && error != NULL)
        log_error(LOG_ERROR, "converter.stopped", error);
    return good ? 0 : 1;
}
