/* TNEF streams (winmail.dat of Outlook, MS-OXTNEF): attached files and the text of the message. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *name;   /* decoded, or "" */
    GBytes *data; /* never NULL */
    bool is_body; /* the message's own text or HTML */
} TnefFile;

/* Reads a TNEF stream: TnefFile*, at most TNEF_FILES_MAX, data are slices of `data`; free with
 * g_ptr_array_unref(). NULL where it is not TNEF. *ret_damaged is set true where the stream ends early or
 * contradicts itself. */
#define TNEF_FILES_MAX 200
GPtrArray *unpack_tnef(GBytes *data, bool *ret_damaged);
