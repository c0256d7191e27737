/* How far long work has come: a bar that redraws itself where standard error is a terminal, nothing where it
 * is not. */
#pragma once

#include <glib.h>

typedef struct Progress Progress;

/* title: what is done, in a few words; total 0: not known, then only the number is shown. Nothing is drawn
 * before the first step. */
Progress *progress_new(const char *title, guint total);
/* Clears the line first. NULL is allowed, here and below. */
void progress_free(Progress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Progress, progress_free)

/* One more is done; or so many of a total that may have changed. Draws at most ten times a second.
 */
void progress_step(Progress *progress);
void progress_set(Progress *progress, guint done, guint total);

/* Clears the line before something else is printed. */
void progress_clear(Progress *progress);
