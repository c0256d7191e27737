/* One pass over the mailbox's folders (SPEC 2.1): list, compare with the ledger, fetch what is new, in
 * batches. Speaks with the fetcher process by frames; never waits. */
#pragma once

#include "gateway/io/ipc.h"
#include "gateway/keeper/take_in.h"

typedef struct Fetch Fetch;

/* Both must outlive it; free with fetch_free(). */
Fetch *fetch_new(Keeper *keeper, TakeIn *take_in);
void fetch_free(Fetch *fetch);

/* The fetcher's socket (taken over); -1: it is gone, a pass under way begins again with the next one. */
void fetch_set_socket(Fetch *fetch, int socket_fd);
int fetch_socket(const Fetch *fetch);

/* Between two passes: asks to be told of new mail in the first folder, where the server can (IDLE). */
bool fetch_watch(Fetch *fetch, GError **error);
/* The server told of new mail since the last pass began. */
bool fetch_has_news(const Fetch *fetch);

/* There will be no fetcher: a pass under way ends as failed. */
void fetch_give_up(Fetch *fetch);

/* How full the mailbox is, as the server last said, in percent; 0: not known. */
guint fetch_quota_percent(const Fetch *fetch);

/* Begins a pass over all folders. */
bool fetch_start(Fetch *fetch, GError **error);
/* A pass is under way (also while there is no fetcher). */
bool fetch_is_busy(const Fetch *fetch);
/* Messages of the folder at hand that are new and not fetched yet. */
guint fetch_left(const Fetch *fetch);
/* Why the last pass ended early; NULL where it did not. */
const GError *fetch_failure(const Fetch *fetch);

/* Takes one frame from the socket, if there is one: 1 taken, 0 none, -1 the fetcher is gone (the caller
 * closes by fetch_set_socket(-1)). */
int fetch_dispatch(Fetch *fetch, GError **error);
