/* What most commands share: options --config, --at, --json; the configuration; the store and the state for
 * decisions. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "gateway/commands/commands.h"
#include "gateway/core/view.h"
#include "gateway/io/config.h"
#include "gateway/store/snapshot.h"

typedef struct {
    char *config_path, *at_text;
    gboolean json;
    char **arguments; /* what follows the options */
    Config *config;
    Store *store;
    Snapshot *snapshot;
    View *view;
    gint64 now_s; /* --at, else the clock */
} Context;

void context_clear(Context *context);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Context, context_clear)

/* Goes on. */
#define CONTEXT_GO_ON -1

/* Parses the common options and `extra` (NULL-terminated), then loads the configuration. usage: what follows
 * the options
 * ("[PERIOD]"), description: what the command does, with an example. Returns CONTEXT_GO_ON or the exit status
 * to return. */
int context_start(Context *context, int argc, char **argv, const GOptionEntry *extra, const char *usage,
                  const char *description);

/* Opens the database (STORE_READ for looking; STORE_WRITE refuses while another process writes). */
int context_open_store(Context *context, StoreMode mode);

/* Reads the state for decisions; scope NULL: everything, with contents. */
int context_load_view(Context *context, const SnapshotScope *scope);

/* Prints the error on standard error, prefixed by the program's name, and gives its exit status. Takes the
 * error over. */
int context_fail(GError *error);

/* The obligation and period that a command names: "2016-06-27", "biweekly/2016-06-27" or NULL for the one
 * that is running or was due last. The period is the caller's. CONTEXT_GO_ON or an exit status. */
int context_period(const Context *context, const char *text, const Obligation **ret_obligation,
                   Period **ret_period);

/* "2016-06-27 09:00" in the programme's zone; "" for 0. The caller frees it. */
char *context_local_text(const Context *context, gint64 at_s);

/* Prints JSON and a line end. */
void context_print_json(const json_t *json);
