/* Mail that no person wrote by hand: bounces, automatic replies, lists, our own letters
 * (facts/email.md 2.7, 2.8). */
#pragma once

#include "parsers/message_walk.h"

/* Sets automatic and bounce of a message whose headers, parts and body are already read. source: its headers.
 */
void automatic_classify(Message *message, const MessageWalk *walk, GMimeMessage *source,
                        const MessageOptions *options);

void automatic_bounce_free(BounceInfo *bounce);
