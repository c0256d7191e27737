/* Archived messages → readers → batches of results for record.h. Bytes are loaded from the archive when a
 * reader has room, so memory does not grow with the queue, and a restart takes up what was left by the same
 * way. */
#pragma once

#include <poll.h>

#include "gateway/keeper/record.h"

typedef struct ReadQueue ReadQueue;

/* keeper must outlive it; free with read_queue_free(). */
ReadQueue *read_queue_new(Keeper *keeper);
void read_queue_free(ReadQueue *queue);

/* A reader's socket, taken over. */
void read_queue_attach(ReadQueue *queue, int socket_fd, bool reads_pdf);

/* The converter's socket, taken over; -1: it will not come back, and legacy documents stay unread. */
void read_queue_attach_converter(ReadQueue *queue, int socket_fd);

/* The configuration's forms have changed: the readers get them before the next message. */
void read_queue_renew_forms(ReadQueue *queue);

/* Appends a job (taken over). */
void read_queue_add(ReadQueue *queue, ReadJob *job);

/* Takes up what an earlier process archived and did not record. */
bool read_queue_recover(ReadQueue *queue, GError **error);

/* Jobs that are not recorded yet. */
guint read_queue_pending(const ReadQueue *queue);
/* False: more should not be added for now. */
bool read_queue_has_room(const ReadQueue *queue);

/* For poll(2), as in reader_host.h. */
guint read_queue_fds(const ReadQueue *queue, struct pollfd *fds, guint max);
int read_queue_timeout_ms(const ReadQueue *queue);

/* Takes answers, hands out messages, records full batches, and what there is when nothing else is under way;
 * in the order in which the messages were added, as long as none lags a second behind. Never waits for a
 * reader. */
bool read_queue_dispatch(ReadQueue *queue, GError **error);
