/* The other side of the readers: hands messages to a pool of reader processes and brings the answers back.
 * Whatever happens to a reader, each message is answered exactly once. Works on sockets: the keeper is given
 * them by the supervisor (reader_host_attach), `parse` starts its own readers (reader_host_spawn). */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <poll.h>
#include <stdbool.h>

typedef struct ReaderHost ReaderHost;

/* An answer: {"lines":[…]} or {"failure":"crash|timeout|memory|protocol|elsewhere","detail":"…"}, borrowed;
 * text: the JSON text that lines was read from, borrowed, NULL with a failure. tag is that of the message.
 * May submit further messages, may not free the host. */
typedef void (*ReaderDone)(json_t *result, GBytes *text, gpointer tag, gpointer user_data);

/* forms: what form_set_new_from_json() takes; a reference is kept. Free with reader_host_free(): ends the
 * readers that the host started; messages under way are dropped without an answer. */
ReaderHost *reader_host_new(json_t *forms, ReaderDone done, gpointer user_data);
void reader_host_free(ReaderHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReaderHost, reader_host_free)

/* Starts n readers of its own (spawn_role), and one of PDF when it is first needed; restarts those that die,
 * for as long as they can be started at all. */
bool reader_host_spawn(ReaderHost *host, guint n, GError **error);

/* Takes over the socket of a reader that somebody else started; it replaces one of its kind that died. The
 * role "reader" passes messages with PDF on to the role "pdf-reader" (reads_pdf), which gets only those. -1:
 * one that died will not be replaced (IPC_ROLE "gone"); with the last of its kind, messages are answered as
 * crashes. */
void reader_host_attach(ReaderHost *host, int socket_fd, bool reads_pdf);

/* From now on, legacy documents go through a converter and are read again as what they became; the answer is
 * that of the second reading, or of the first where nothing could be converted. attach: the socket of one
 * that somebody else started, or -1: one that died will not be replaced. spawn: one of its own, started when
 * it is first needed, in a folder below base; does nothing where no LibreOffice is installed. */
void reader_host_attach_converter(ReaderHost *host, int socket_fd);
void reader_host_spawn_converter(ReaderHost *host, const char *base);

/* Other forms from now on: a reader takes no further message before it has them. */
void reader_host_set_forms(ReaderHost *host, json_t *forms);

/* Hands in a message: request as IPC_READ takes it, without "id" (set here; the reference is taken over);
 * memfd, sealed, is taken over too. Queued where all readers are busy. Where request says {"pdf":true}, a
 * guess, the message goes to the reader of PDF at once. */
void reader_host_submit(ReaderHost *host, json_t *request, int memfd, gpointer tag);

/* True while every reader has enough to do: the caller waits with the next message, and its memory with it.
 */
bool reader_host_is_full(const ReaderHost *host);

/* Messages not yet answered. */
guint reader_host_pending(const ReaderHost *host);

/* Fills fds (room for max) with what poll(2) has to wait for; returns how many. */
guint reader_host_fds(const ReaderHost *host, struct pollfd *fds, guint max);

/* Milliseconds until reader_host_dispatch() must be called even if no descriptor is ready; -1: no need. */
int reader_host_timeout_ms(const ReaderHost *host);

/* Takes what the readers sent, calls ReaderDone, replaces dead and stuck readers, hands out queued messages.
 * Never waits. */
void reader_host_dispatch(ReaderHost *host);

/* poll(2) on the host's own descriptors, then reader_host_dispatch(): for callers that wait for nothing else.
 */
void reader_host_wait(ReaderHost *host);
