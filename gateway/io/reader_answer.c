#include "gateway/io/reader_answer.h"

#include <string.h>

#include "gateway/core/json_read.h"
#include "gateway/io/ipc.h"

static bool is_line(const json_t *line, const json_t *file) {
    static const char *const kinds[] = {"submission", "urgent",    "command", "correction", "question",
                                        "bounce",     "autoreply", "own",     "unknown"};
    const char *kind = json_string_value(json_object_get(line, "kind"));
    if (kind == NULL || !json_equal(json_object_get(line, "file"), file))
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kind, kinds[i]) == 0)
            return json_is_array(json_object_get(line, "parts")) &&
                   json_is_array(json_object_get(line, "problems"));
    return false;
}

json_t *reader_answer_take(int fd, const json_t *file, GBytes **ret_text) {
    g_autoptr(GBytes) bytes = ipc_map(fd, READER_ANSWER_BYTES_MAX, NULL);
    if (bytes == NULL)
        return NULL;
    gsize length;
    const char *text = g_bytes_get_data(bytes, &length);
    json_t *answer = json_read(text, length);
    const json_t *lines = json_object_get(answer, "lines");
    const json_t *wishes = json_object_get(answer, "wishes");
    bool is_fine = json_object_size(answer) == (wishes != NULL ? 2 : 1) && json_array_size(lines) > 0 &&
                   (wishes == NULL || json_is_array(wishes));
    for (size_t i = 0; is_fine && i < json_array_size(lines); i++)
        is_fine = is_line(json_array_get(lines, i), file);
    if (is_fine) {
        *ret_text = g_steal_pointer(&bytes);
        return answer;
    }
    json_decref(answer);
    return NULL;
}
