/* The header fields of a message (private to parsers/message*.c). */
#pragma once

#include <gmime/gmime.h>

#include "parsers/message.h"

/* Fills subject, from, to, message_id, in_reply_to, references and the dates of message from GMime's header
 * list. */
void message_header_read(Message *message, GMimeMessage *source, bool hint_gbk);
