#include "parsers/message_header.h"

#include <string.h>

#include "parsers/encoded_word.h"
#include "parsers/mail_date.h"
#include "parsers/message_address.h"

#define REFERENCES_MAX 200 /* ids; a longer thread is cut by its programs too */
#define ID_MAX_BYTES   998 /* RFC 5322 2.1.1: one line */

/* Appends the ids of "<a@b> <c@d>" without brackets; a value without brackets is one id. */
static void append_ids(GPtrArray *ids, const char *raw) {
    g_autofree char *text = encoded_word_decode(raw, -1, false);
    const char *p = text;
    bool any = false;
    while (ids->len < REFERENCES_MAX) {
        const char *open = strchr(p, '<');
        const char *close = open == NULL ? NULL : strchr(open, '>');
        if (close == NULL)
            break;
        any = true;
        if (close - open > 1 && close - open <= ID_MAX_BYTES)
            g_ptr_array_add(ids, g_strndup(open + 1, (gsize)(close - open - 1)));
        p = close + 1;
    }
    gsize length = strcspn(text, " ");
    if (!any && length > 0 && length <= ID_MAX_BYTES && strchr(text, '@') != NULL)
        g_ptr_array_add(ids, g_strndup(text, length));
}

static char *first_id(const char *raw) {
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    append_ids(ids, raw);
    return g_strdup(ids->len > 0 ? g_ptr_array_index(ids, 0) : "");
}

/* Only the first non-empty value counts: a second Subject or Message-ID is a mistake or a trick. */
static void set_once(char **field, char *value) {
    if (**field == '\0') {
        g_free(*field);
        *field = value;
    } else {
        g_free(value);
    }
}

static void read_from(Message *message, const char *raw, bool hint_gbk) {
    g_autoptr(GPtrArray) mailboxes = message_addresses_parse(raw, hint_gbk);
    message->from_count += mailboxes->len;
    if (mailboxes->len == 0) {
        set_once(&message->from_name, encoded_word_decode(raw, -1, hint_gbk));
        return;
    }
    Mailbox *mailbox = g_ptr_array_index(mailboxes, 0);
    if (*message->from == '\0') {
        set_once(&message->from, g_strdup(mailbox->address));
        g_free(message->from_name);
        /* some clients encode an encoded name once more; no person has such a name */
        bool is_twice = g_str_has_prefix(mailbox->name, "=?") && g_str_has_suffix(mailbox->name, "?=");
        message->from_name =
            is_twice ? encoded_word_decode(mailbox->name, -1, hint_gbk) : g_strdup(mailbox->name);
    }
}

static void read_to(Message *message, const char *raw, bool hint_gbk) {
    g_autoptr(GPtrArray) mailboxes = message_addresses_parse(raw, hint_gbk);
    for (guint i = 0; i < mailboxes->len && message->to->len < ADDRESSES_MAX; i++) {
        Mailbox *mailbox = g_ptr_array_index(mailboxes, i);
        g_ptr_array_add(message->to, g_steal_pointer(&mailbox->address));
    }
}

/* The instant of a Received header stands after its last semicolon (RFC 5321 4.4). */
static void read_received(Message *message, const char *raw) {
    const char *semicolon = strrchr(raw, ';');
    gint64 time_s;
    if (message->received_s < 0 && semicolon != NULL && mail_date_parse(semicolon + 1, &time_s, NULL))
        message->received_s = time_s;
}

static void read_field(Message *message, const char *name, const char *raw, bool hint_gbk) {
    if (g_ascii_strcasecmp(name, "Subject") == 0)
        set_once(&message->subject, encoded_word_decode(raw, -1, hint_gbk));
    else if (g_ascii_strcasecmp(name, "From") == 0)
        read_from(message, raw, hint_gbk);
    else if (g_ascii_strcasecmp(name, "To") == 0 || g_ascii_strcasecmp(name, "Cc") == 0)
        read_to(message, raw, hint_gbk);
    else if (g_ascii_strcasecmp(name, "Message-ID") == 0)
        set_once(&message->message_id, first_id(raw));
    else if (g_ascii_strcasecmp(name, "In-Reply-To") == 0)
        set_once(&message->in_reply_to, first_id(raw));
    else if (g_ascii_strcasecmp(name, "References") == 0)
        append_ids(message->references, raw);
    else if (g_ascii_strcasecmp(name, "Date") == 0 && message->date_s < 0)
        mail_date_parse(raw, &message->date_s, &message->date_offset_s);
    else if (g_ascii_strcasecmp(name, "Received") == 0)
        read_received(message, raw);
}

void message_header_read(Message *message, GMimeMessage *source, bool hint_gbk) {
    GMimeHeaderList *headers = g_mime_object_get_header_list(GMIME_OBJECT(source));
    int count = g_mime_header_list_get_count(headers);
    for (int i = 0; i < count; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
        const char *name = g_mime_header_get_name(header), *raw = g_mime_header_get_raw_value(header);
        if (name != NULL && raw != NULL)
            read_field(message, name, raw, hint_gbk);
    }
}
