/* The keeper: the one process with the database, the archive, the clock's instant and the decisions (DESIGN
 * 1). It talks with fetcher, readers and sender over sockets and holds no credential and no network. fetch.c
 * asks the fetcher for what the ledger does not have take_in.c     bytes → archive and ledger, in batches
 * that are durable together read_queue.c  archived messages → readers → batches of results record.c results →
 * submission, roster, review, letters, in one transaction a batch post.c        plan → outbox → rendered
 * letter → sender → outcome loop.c        the event loop that overlaps them */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "gateway/core/view.h"
#include "gateway/io/archive.h"
#include "gateway/io/config.h"
#include "gateway/store/store.h"
#include "parsers/form.h"

/* What is said at the end of a pass. */
typedef struct {
    guint fetched, known, oversize;             /* messages */
    guint recorded, review, ignored;            /* messages */
    guint sent, retried, refused, unsure, gone; /* letters; gone: expired or no longer due */
} KeeperCounts;

typedef struct {
    Config *config;
    Store *store;
    Archive *archive;
    FormSet *forms;                /* that corrections by mail are typed with */
    json_t *listed_forms, *learnt; /* the configuration's own forms; the labels added to them (learnt.h) */
    bool labels_stale;  /* labels may have been taught: they are looked at before the next message */
    Snapshot *snapshot; /* without contents of submissions; follows what this process records */
    View *view;
    gint64 clock_offset_s;  /* --at: a moved clock */
    bool is_mailbox_unseen; /* the last pass failed: reminders wait until one succeeds */
    bool roster_changed;    /* the view must be read again before the next decision */
    KeeperCounts counts;
    int control_fd;       /* to the supervisor, which takes IPC_ALERT; 0 or less: none */
    guint alerts_done;    /* messages that were done when it was last asked whether any is */
    guint drift_recorded; /* counts.recorded when forms were last compared with the period before */
} Keeper;

/* The instant that every decision is given. */
gint64 keeper_now_s(const Keeper *keeper);

/* Opens database and archive of a configuration and reads the state; imports the expected list where it
 * changed. holder: what a second program is told. */
bool keeper_open(Keeper *keeper, Config *config, const char *holder, gint64 clock_offset_s, GError **error);
void keeper_close(Keeper *keeper);

/* Reads the state for decisions again (contents left out: they are loaded for one letter at a time). */
bool keeper_refresh(Keeper *keeper, GError **error);

/* A letter that was decided: into the outbox, and into the journal. In the caller's transaction. */
bool keeper_put_letter(Keeper *keeper, const Letter *letter, gint64 now_s, GError **error);

/* True where the error passes only by somebody's help or by time (disk full, damaged, busy): intake stops
 * before harm. */
bool keeper_error_stops(const GError *error);
