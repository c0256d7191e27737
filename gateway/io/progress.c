#include "gateway/io/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/io/clock.h"

#define REDRAW_MS 100
#define BAR_WIDTH 30

struct Progress {
    char *title;
    guint done, total;
    gint64 drawn_ms;
    bool is_terminal, is_drawn;
};

Progress *progress_new(const char *title, guint total) {
    const char *terminal = g_getenv("TERM");
    Progress *progress = g_new0(Progress, 1);
    progress->title = g_strdup(title);
    progress->total = total;
    progress->is_terminal = isatty(STDERR_FILENO) && g_strcmp0(terminal, "dumb") != 0;
    return progress;
}

void progress_clear(Progress *progress) {
    if (!progress || !progress->is_drawn)
        return;
    fputs("\r\033[K", stderr);
    progress->is_drawn = false;
}

void progress_free(Progress *progress) {
    if (!progress)
        return;
    progress_clear(progress);
    g_free(progress->title);
    g_free(progress);
}

static void draw(Progress *progress) {
    char bar[BAR_WIDTH + 1];
    guint filled = progress->total ? (guint)((guint64)progress->done * BAR_WIDTH / progress->total) : 0;
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '#', MIN(filled, BAR_WIDTH));
    bar[BAR_WIDTH] = '\0';
    if (progress->total)
        fprintf(stderr, "\r%s [%s] %u/%u\033[K", progress->title, bar, progress->done, progress->total);
    else
        fprintf(stderr, "\r%s %u\033[K", progress->title, progress->done);
    fflush(stderr);
    progress->is_drawn = true;
}

void progress_set(Progress *progress, guint done, guint total) {
    if (!progress)
        return;
    progress->done = done;
    progress->total = total;
    gint64 now_ms = progress->is_terminal ? clock_monotonic_ms() : 0;
    if (!progress->is_terminal || (done < total && now_ms - progress->drawn_ms < REDRAW_MS))
        return;
    progress->drawn_ms = now_ms;
    draw(progress);
}

void progress_step(Progress *progress) {
    if (progress)
        progress_set(progress, progress->done + 1, progress->total);
}
