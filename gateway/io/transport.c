#include "gateway/io/transport.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/io/smtp.h"

#define ADDRESS_MAX_BYTES 254
#define LINE_MAX_BYTES    998

void transport_result_clear(TransportResult *result) {
    g_clear_pointer(&result->reply, g_free);
}

Transport *transport_new(const json_t *settings, GError **error) {
    const char *kind = json_string_value(json_object_get(settings, "kind"));
    if (g_strcmp0(kind, "smtp") == 0)
        return smtp_transport_new(settings, error);
    if (g_strcmp0(kind, "directory") == 0)
        return transport_directory_new(settings, error);
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                "transport.kind: “%s” is unknown, “smtp” and “directory” are allowed", kind ? kind : "");
    return NULL;
}

void transport_free(Transport *transport) {
    if (transport)
        transport->ops->free(transport);
}

bool transport_address_is_safe(const char *address) {
    const char *at = address ? strchr(address, '@') : NULL;
    if (!at || at == address || !at[1] || strchr(at + 1, '@') || strlen(address) > ADDRESS_MAX_BYTES)
        return false;
    for (const char *p = address; p < at; p++)
        if (!g_ascii_isgraph(*p) || strchr("<>,;:\"\\()[]", *p))
            return false;
    for (const char *p = at + 1; *p; p++)
        if (!g_ascii_isalnum(*p) && *p != '.' && *p != '-')
            return false;
    return at[1] != '.' && !strstr(at, "..");
}

bool transport_letter_is_safe(GBytes *letter, const char **ret_reason) {
    gsize length;
    const char *bytes = g_bytes_get_data(letter, &length);
    const char *end = bytes + length;
    bool has_body = false;
    for (const char *line = bytes; line < end;) {
        const char *stop = memchr(line, '\n', (gsize)(end - line));
        if (!stop || stop == line || stop[-1] != '\r' || memchr(line, '\r', (gsize)(stop - 1 - line))) {
            *ret_reason = "a line does not end in CRLF, or CR or LF stands alone";
            return false;
        }
        gsize size = (gsize)(stop - 1 - line);
        if (size > LINE_MAX_BYTES || memchr(line, '\0', size)) {
            *ret_reason = size > LINE_MAX_BYTES ? "a line is longer than 998 octets" : "it holds a NUL";
            return false;
        }
        has_body |= size == 0 && line > bytes;
        line = stop + 1;
    }
    if (!has_body)
        *ret_reason = "it has no header or no empty line after it";
    return has_body;
}

static void refuse(TransportResult *ret_result, SmtpOutcome outcome, const char *reply) {
    *ret_result = (TransportResult){.outcome = outcome, .reply = g_strdup(reply)};
}

void transport_send(Transport *transport, const char *from, const char *to, GBytes *letter,
                    TransportResult *ret_result) {
    const char *reason;
    if (!transport_address_is_safe(to)) {
        refuse(ret_result, SMTP_RECIPIENT_REFUSED, "not sent: the recipient is not a usable address");
    } else if (!transport_address_is_safe(from)) {
        refuse(ret_result, SMTP_ACCOUNT, "not sent: the sender is not a usable address");
    } else if (!transport_letter_is_safe(letter, &reason)) {
        g_autofree char *reply = g_strconcat("not sent: the letter is not fit for SMTP: ", reason, NULL);
        refuse(ret_result, SMTP_CONTENT_REFUSED, reply);
    } else {
        transport->ops->send(transport, from, to, letter, ret_result);
    }
}

bool transport_check(Transport *transport, char **ret_detail, char **ret_remedy) {
    return transport->ops->check(transport, ret_detail, ret_remedy);
}
