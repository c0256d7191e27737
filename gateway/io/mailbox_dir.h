/* A mailbox of files: a folder of messages, a Maildir, or an mbox file. For tests, --dry-run, and the demo
 * without servers. */
#pragma once

#include "gateway/io/mailbox.h"

/* path: a Maildir (it has new/ and cur/; all files in both), a folder (its files *.eml and those one level
 * below), or an mbox file. It has one folder, "INBOX"; it is read anew for each listing, and need not exist
 * before. Nothing is ever written.
 *
 * UIDs are 63 bits of a SHA-256: for a file of its name below path, size and time of change (a Maildir name
 * without its flags and without new/ or cur/, so that reading mail does not change it); for an mbox of the
 * message's bytes and how often the same stood before it. INTERNALDATE is a file's time of change; for an
 * mbox the From_ line's date, else the topmost Received, else the file's. Messages beyond max_message_bytes
 * are reported with their first 256 KiB. */
Mailbox *mailbox_dir_new(const char *path, guint64 max_message_bytes);
