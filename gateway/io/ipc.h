/* Length-checked frames over socketpairs between the processes: kind, JSON payload, and at most one file
 * descriptor. Wire: 8-byte header (guint32 payload length, guint16 kind, guint16 flags; host order: both ends
 * are the same binary) and the payload. A descriptor travels with the header (SCM_RIGHTS). A peer that breaks
 * a limit is cut off. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#define IPC_PAYLOAD_MAX (64u << 20) /* the JSON of one message with text and grids stays far below */

typedef enum {
    /* keeper → fetcher */
    IPC_LIST = 1, /* {"folder"}: EXAMINE and UID SEARCH; folder "*": which folders are worth it */
    IPC_FETCH,    /* {"folder","uids":[…]}: in ascending order, at most FETCH_BATCH */
    IPC_WATCH,    /* {"folder"}: IDLE until there are news or the next frame comes; answered by IPC_NEWS */
    /* fetcher → keeper; in place of an answer {"account","folder","error","temporary"}, with "missing":true
       where there is no such folder, "wait_s" where the server asks to be left alone so long */
    IPC_LISTED, /* {"account","folder","uidvalidity","uids":[…]}, "junk":true for a folder of junk,
                   "quota_percent" where the server says how full the mailbox is; for "*"
                   {"account","folder","folders":[…]} */
    IPC_MESSAGE, /* {"uid","flags":[…],"internaldate","size"} + sealed memfd of the raw bytes; internaldate is
                    absent where the server's makes no sense; "oversize":true without memfd, with "header",
                    the header's text, where it could be had */
    IPC_FETCHED, /* {"folder","count"}: end of one IPC_FETCH; what did not come could not be had now */
    IPC_NEWS,    /* {"folder","news","possible"}: possible false where the server has no IDLE */
    /* keeper → reader */
    IPC_FORMS, /* the JSON of form_set_new_from_json(), first frame, and again when they change; not answered
                */
    IPC_READ,  /* {"id","file","received","own_address","id_domain","text","explain","attachments","wall_ms",
                  "cpu_s"} +
                  sealed memfd of the bytes; all but "file" may be left out, the last two lower the limits of
                  reader.h.  "convert":true: parts that need the converter are wanted. "pdf":true: for
                  the host alone (reader_host.h).
                  "message_bytes","converter",  "converted":[{"sha256","target","bytes"}]: behind the message
                  lie, one after the other, documents  that stand in for its parts */
    /* reader → keeper */
    IPC_RESULT, /* {"id"} + sealed memfd of reader_answer.h, or
                   {"id","failure":"crash|timeout|memory|protocol|elsewhere","detail"}; elsewhere: reader.h */
    /* keeper → sender */
    IPC_SEND, /* {"id","from","to"} + sealed memfd of the letter (RFC 5322, CRLF) */
    /* sender → keeper */
    IPC_SENT, /* {"id","outcome","code","reply"}; outcome: see smtp_reply.h */
    /* both ways with fetcher and sender */
    IPC_CHECK, /* {}: log in only, answered by IPC_CHECKED {"ok","detail","remedy"} */
    IPC_CHECKED,
    /* supervisor → keeper */
    IPC_ROLE, /* {"role"} + descriptor: a (re)started role's socket; {"role","gone":true} without one: given
                 up */
    IPC_STOP, /* {}: finish what is under way and leave */
    /* keeper → supervisor */
    IPC_ALERT, /* {"code","cause_text","remedy_text"}: for the operator's second channel */
    /* reader host → converter and back */
    IPC_CONVERT,  /* {"id","files":[{"type","target","bytes"}]} + sealed memfd: the documents, one after the
                     other */
    IPC_CONVERTED /* {"id","converter","files":[{"bytes"} or {"failure"}]} + sealed memfd of those that
                     succeeded */
} IpcKind;
#define IPC_KIND_LAST IPC_CONVERTED

typedef struct {
    IpcKind kind;
    json_t *payload; /* never NULL */
    int fd;          /* or -1; owned by the frame */
} IpcFrame;

void ipc_frame_clear(IpcFrame *frame);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IpcFrame, ipc_frame_clear)

/* Sends one frame, waiting at most timeout_ms (-1: without limit) for room. fd (or -1) stays the caller's. */
bool ipc_send(int socket_fd, IpcKind kind, const json_t *payload, int fd, int timeout_ms, GError **error);

/* Receives one frame, waiting at most timeout_ms (0: only if one is there). Returns 1: a frame; 0: nothing
 * within the time; -1: error or end of file (error set, G_IO_ERROR_CLOSED at a clean end). */
int ipc_receive(int socket_fd, IpcFrame *ret_frame, int timeout_ms, GError **error);

/* An AF_UNIX stream socketpair with O_CLOEXEC and large buffers. */
bool ipc_pair(int ret_fds[2], GError **error);

/* A sealed, read-only memfd with these bytes (O_CLOEXEC); -1 and error on failure. */
int ipc_memfd(const char *name, const void *bytes, gsize length, GError **error);

/* Maps a sealed memfd; refuses one without F_SEAL_WRITE|F_SEAL_SHRINK or larger than max_bytes. The bytes
 * stay valid after closing fd. */
GBytes *ipc_map(int fd, gsize max_bytes, GError **error);
