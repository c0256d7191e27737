/* Any bytes as all that an IMAP server says, from its greeting on, to a listing and a fetch. */
#include "gateway/io/imap.h"
#include "tests/fuzz/memory_stream.h"
#include "tests/fuzz/support.h"

static bool receive(const MailboxMessage *message, gpointer data, GError **error) {
    return message->uid != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const ImapOptions options = {
        .stream.host = "example.com", .user = "a@example.com", .max_message_bytes = 1u << 20};
    g_autoptr(Mailbox) mailbox = imap_new(&options, secret_new("x", NULL));
    g_auto(MailboxListing) listing = {0};
    memory_stream_set(bytes, length);
    if (mailbox_list(mailbox, "INBOX", &listing, NULL) && listing.uids->len > 0)
        mailbox_fetch(mailbox, "INBOX", (const guint64 *)(gpointer)listing.uids->data,
                      MIN(listing.uids->len, 100), receive, NULL, NULL);
    return 0;
}
