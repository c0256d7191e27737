/* fortnight verify, backup: is everything still what was written; a consistent copy while the daemon works.
 */
#include <stdio.h>
#include <unistd.h>

#include "gateway/commands/context.h"
#include "gateway/io/archive.h"
#include "gateway/store/store.h"

#define PROGRESS_EVERY 200

typedef struct {
    Archive *archive;
    guint checked;
    bool is_shown;
} Checking;

static bool check_one(const char *location, const char *sha256, gint64 size_bytes, gpointer user_data,
                      GError **error) {
    Checking *checking = user_data;
    checking->checked++;
    if (checking->is_shown && checking->checked % PROGRESS_EVERY == 0)
        fprintf(stderr, "\r%u archived messages", checking->checked);
    return archive_check(location, sha256, size_bytes, checking->archive, error);
}

static void print_findings(const Context *context, const GPtrArray *findings, guint checked) {
    json_t *list = json_array();
    for (guint i = 0; i < findings->len; i++) {
        json_array_append_new(list, json_string(g_ptr_array_index(findings, i)));
        if (!context->json)
            puts(g_ptr_array_index(findings, i));
    }
    if (context->json) {
        json_t *answer = json_pack("{s:O, s:I}", "findings", list, "archived", (json_int_t)checked);
        context_print_json(answer);
        json_decref(answer);
    } else if (findings->len == 0) {
        printf("sound: database, journal and %u archived messages are what was written\n", checked);
    } else {
        puts("Keep the state directory as it is, and restore what is damaged from a backup.");
    }
    json_decref(list);
}

int command_verify(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status = context_start(&context, argc, argv, NULL, "",
                               "Checks the database, the journal's chain, and every archived message against "
                               "its digest. A line for each finding;\nexit status 1 where there is one.");
    if (status == CONTEXT_GO_ON)
        status = context_open_store(&context, STORE_READ);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) findings = NULL;
    g_autofree char *directory = config_archive_path(context.config);
    g_autoptr(Archive) archive = archive_open(directory, ARCHIVE_READ, &error);
    Checking checking = {.archive = archive, .is_shown = isatty(STDERR_FILENO)};
    if (archive == NULL || !store_verify(context.store, check_one, &checking, &findings, &error))
        return context_fail(g_steal_pointer(&error));
    if (checking.is_shown)
        fputs("\r\033[K", stderr);
    print_findings(&context, findings, checking.checked);
    return findings->len > 0 ? EXIT_ATTENTION : EXIT_DONE;
}

int command_backup(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status =
        context_start(&context, argc, argv, NULL, "FILE",
                      "Writes a consistent copy of the database to FILE, which must not exist yet, also "
                      "while the daemon works. The archive's\nfiles never change: copy its folder with any "
                      "tool, after this. Example: fortnight backup /backup/fortnight.db");
    if (status == CONTEXT_GO_ON &&
        (context.arguments == NULL || context.arguments[0] == NULL || context.arguments[1] != NULL)) {
        fputs("fortnight: backup takes one FILE\n", stderr);
        return EXIT_USAGE;
    }
    if (status == CONTEXT_GO_ON)
        status = context_open_store(&context, STORE_READ);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = config_archive_path(context.config);
    if (!store_backup(context.store, context.arguments[0], &error))
        return context_fail(g_steal_pointer(&error));
    printf("copied the database to %s; now copy the archive: %s\n", context.arguments[0], directory);
    return EXIT_DONE;
}
