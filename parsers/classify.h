/* What kind of message it is (SPEC 2.3): bounce, autoreply, own, urgent, command, correction, question,
 * submission, unknown. */
#pragma once

#include <jansson.h>

#include "parsers/form.h"
#include "parsers/message.h"

typedef enum {
    KIND_SUBMISSION,
    KIND_URGENT,
    KIND_COMMAND,
    KIND_CORRECTION,
    KIND_QUESTION,
    KIND_BOUNCE,
    KIND_AUTOREPLY,
    KIND_OWN,
    KIND_UNKNOWN
} MessageKind;

/* "submission", "urgent", … (static string). */
const char *classify_kind_name(MessageKind kind);

/* The kind. has_form: a form was recognised in it; has_attachment: something beside body and inline images
 * came with it. ret_details gets a new reference or stays untouched: for a command
 * {"command":{"name","argument"}}, for a correction
 * {"corrections":[{"number" or "label","raw"}]}. A form in automatic list mail stays a submission. */
MessageKind classify_message(const FormSet *set, const Message *message, bool has_form, bool has_attachment,
                             json_t **ret_details);

/* The lines of a reply that correct something: {"corrections":[…]} as above; NULL: none. New reference. */
json_t *classify_corrections(const FormSet *set, const char *reply);

/* True where a text is marked urgent: 紧急, but not 非紧急 or 无紧急. */
bool classify_is_urgent(const char *text);
