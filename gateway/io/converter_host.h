/* The other side of the converter: gathers what readers could not read, hands it over in batches, brings back
 * what became of it. Whatever happens to the converter, each request is answered exactly once. Used by
 * reader_host.c only.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <poll.h>
#include <stdbool.h>

typedef struct ConverterHost ConverterHost;

/* converted: [{"sha256","target","bytes"}], the files of the request that were converted, perhaps none,
 * borrowed; data: their bytes, one after the other; converter: its name and version, or "". */
typedef void (*ConverterHostDone)(json_t *converted, GBytes *data, const char *converter, gpointer tag,
                                  gpointer user_data);

/* Free with converter_host_free(); requests under way are dropped without an answer. */
ConverterHost *converter_host_new(ConverterHostDone done, gpointer user_data);
void converter_host_free(ConverterHost *host);

/* Takes over the socket of a converter that somebody else started; -1: one that died will not be replaced. */
void converter_host_attach(ConverterHost *host, int socket_fd);

/* From now on starts a converter of its own when the first document needs it, in a folder below base. False
 * where no LibreOffice is installed. */
bool converter_host_spawn_later(ConverterHost *host, const char *base);

/* True while documents will be converted. */
bool converter_host_is_there(const ConverterHost *host);

/* True while it has enough to do. */
bool converter_host_is_full(const ConverterHost *host);

/* Hands in what a reader wished for: [{"sha256","type","target","data"}], checked here as if it were hostile.
 */
void converter_host_submit(ConverterHost *host, const json_t *wishes, gpointer tag);

/* Requests not yet answered. */
guint converter_host_pending(const ConverterHost *host);

/* The socket to wait for, or -1; milliseconds until it must be dispatched anyway, or -1. */
int converter_host_socket(const ConverterHost *host);
int converter_host_timeout_ms(const ConverterHost *host);

/* Takes an answer, hands out the next batch: when it is full, when its first file has waited long enough, or
 * when is_last says that no further document is being read. */
void converter_host_dispatch(ConverterHost *host, bool is_last);
