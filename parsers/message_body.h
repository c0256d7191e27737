/* The text of a message that a person sees (private to parsers/message*.c). */
#pragma once

#include "parsers/message_walk.h"

/* Fills body, body_html, reply, quoted and signature from the texts that the walk found; uuencoded files
 * inside become parts; cloud attachments become a problem. */
void message_body_read(Message *message, const MessageWalk *walk);
