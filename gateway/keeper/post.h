/* Letters on their way (SPEC 4, 8.5): what plan() decides goes into the outbox; what is due is looked at once
 * more, rendered from the current state, entered as `sending` with its bytes, and only then handed to the
 * sender, paced to the provider's limits. */
#pragma once

#include "gateway/keeper/keeper.h"

typedef struct Post Post;

/* Loads and compiles the templates. */
Post *post_new(Keeper *keeper, GError **error);
void post_free(Post *post);

/* The sender's socket (taken over); -1: it is gone, a letter under way becomes unsure. */
void post_set_socket(Post *post, int socket_fd);
int post_socket(const Post *post);

/* There will be no sender: letters stay queued, a pass does not wait for them. */
void post_give_up(Post *post);

/* Decides what is owed now and puts it into the outbox; ret_next_s: the instant to decide again by the clock
 * alone. */
bool post_plan(Post *post, gint64 *ret_next_s, GError **error);

/* Takes the sender's answers and hands out the next letter where pace and quota allow. Never waits. */
bool post_dispatch(Post *post, GError **error);

/* Why letters cannot leave, as the server or the network said last: _CONFIGURATION (login, sender, settings)
 * or _TEMPORARY; NULL where the last one could. */
const GError *post_failure(const Post *post);

/* A letter is with the sender. */
bool post_is_busy(const Post *post);
/* A letter is due and pace lets it go within a short time: a pass waits for it. */
bool post_has_due(const Post *post);
/* Milliseconds until post_dispatch() has something to do by the clock alone; -1: unknown. */
int post_timeout_ms(const Post *post);
