/* fortnight cluster: repeated questions of a file, for measuring and for looking; needs no configuration. */
#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/core/cluster.h"

#define FILE_MAX_BYTES (256u * 1024 * 1024)
#define NEIGHBOURS_MAX 1000

static void print_neighbours(const ClusterIndex *index, guint n_lines, guint neighbours) {
    for (guint i = 0; i < n_lines; i++) {
        g_autoptr(GArray) near = cluster_neighbours(index, i, neighbours);
        for (guint j = 0; j < near->len; j++)
            printf("%s%u", j > 0 ? "\t" : "", g_array_index(near, ClusterNeighbour, j).question + 1);
        putchar('\n');
    }
}

static void print_groups(const ClusterIndex *index, const char *const *lines, guint n_lines) {
    g_autofree guint *groups = g_new(guint, n_lines + 1);
    cluster_groups(index, groups);
    for (guint i = 0; i < n_lines; i++)
        printf("%u\t%s\n", groups[i] + 1, lines[i]);
}

/* The lines of a text, which is cut in place: each without its line end. */
static GPtrArray *split_lines(char *text, gsize length) {
    GPtrArray *lines = g_ptr_array_new();
    char *end = text + length;
    for (char *line = text; line < end;) {
        char *stop = memchr(line, '\n', (gsize)(end - line));
        char *next = stop != NULL ? stop + 1 : end;
        char *last = stop != NULL ? stop : end;
        if (last > line && last[-1] == '\r')
            last--;
        *last = '\0';
        g_ptr_array_add(lines, line);
        line = next;
    }
    return lines;
}

int command_cluster(int argc, char **argv) {
    int neighbours = 0;
    g_auto(GStrv) arguments = NULL;
    const GOptionEntry entries[] = {
        {"neighbours", 0, 0, G_OPTION_ARG_INT, &neighbours, "the N nearest other questions of each line",
         "N"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments, NULL, NULL},
        {NULL}};
    g_autoptr(GOptionContext) options = g_option_context_new("FILE");
    g_option_context_set_summary(
        options, "Groups the questions of a text file, one a line, as fortnight proposes them "
                 "to a person: the number of the group's\nfirst line, a tab, the question. "
                 "Example: fortnight cluster questions.txt");
    g_option_context_add_main_entries(options, entries, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    gsize length;
    if (!g_option_context_parse(options, &argc, &argv, &error)) {
        fprintf(stderr, "fortnight: %s\n", error->message);
        return EXIT_USAGE;
    }
    if (arguments == NULL || arguments[0] == NULL || arguments[1] != NULL || neighbours < 0 ||
        neighbours > NEIGHBOURS_MAX) {
        fprintf(stderr, "fortnight: cluster takes one FILE, and N from 1 to %d\n", NEIGHBOURS_MAX);
        return EXIT_USAGE;
    }
    if (!g_file_get_contents(arguments[0], &text, &length, &error)) {
        fprintf(stderr, "fortnight: %s\n", error->message);
        return EXIT_ATTENTION;
    }
    if (length > FILE_MAX_BYTES) {
        fprintf(stderr, "fortnight: %s is larger than %u bytes\n", arguments[0], FILE_MAX_BYTES);
        return EXIT_ATTENTION;
    }
    g_autoptr(GPtrArray) lines = split_lines(text, length);
    g_autoptr(ClusterIndex) index = cluster_index_new((const char *const *)lines->pdata, lines->len);
    if (neighbours > 0)
        print_neighbours(index, lines->len, (guint)neighbours);
    else
        print_groups(index, (const char *const *)lines->pdata, lines->len);
    return EXIT_DONE;
}
