/* The keeper: the one process with the database, the archive, the clock's instant and the decisions (DESIGN
 * 1). It talks with fetcher, readers and sender over sockets and holds no credential and no network.
 *   take_in.c   fetched bytes → archive and ledger, in batches that are durable together
 *   record.c    reader results → submission, roster, review, letters, in one transaction a batch
 *   post.c      plan → outbox → rendered letter → sender → outcome
 *   keeper.c    the event loop that overlaps them */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "gateway/core/view.h"
#include "gateway/io/archive.h"
#include "gateway/io/config.h"
#include "gateway/store/store.h"

/* What is said at the end of a pass. */
typedef struct {
    guint fetched, known, oversize;              /* messages */
    guint recorded, review, ignored;             /* messages */
    guint sent, retry, refused, unsure, waiting; /* letters */
} KeeperCounts;

typedef struct Keeper {
    Config *config;
    Store *store;
    Archive *archive;
    Snapshot *snapshot; /* without contents of submissions; follows what this process records */
    View *view;
    gint64 clock_offset_s; /* --at: a moved clock */
    bool roster_changed;   /* the view must be read again before the next decision */
    KeeperCounts counts;
    struct TakeIn *take_in;
    struct Recorder *recorder;
    struct Post *post;
} Keeper;

/* The instant that every decision is given. */
gint64 keeper_now_s(const Keeper *keeper);

/* Reads the state for decisions again (contents left out: they are loaded for one letter at a time). */
bool keeper_refresh(Keeper *keeper, GError **error);

/* Role entry: control_fd is the supervisor's socket, which brings the other roles' sockets (IPC_ROLE).
 * settings:
 * {"config": path, "mode": "poll|run|ingest|check", "at": seconds or null}. Returns an exit status of SPEC 7.
 */
int keeper_main(int control_fd, json_t *settings);
