#include "gateway/keeper/bouncing.h"

#include <string.h>

#include "gateway/store/bounces.h"

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

bool bouncing_note(Keeper *keeper, const ReadJob *job, const json_t *line, GError **error) {
    const json_t *bounce = json_object_get(line, "bounce");
    const char *recipient = text_of(bounce, "recipient"), *from = text_of(line, "from");
    gint64 now_s = keeper_now_s(keeper);
    bool changed = false;
    if (job->is_replay || job->by_hand_org_id)
        return true; /* nothing came just now */
    if (strcmp(text_of(line, "kind"), "bounce") == 0) {
        if (*recipient && !store_bounce_add(keeper->store, job->message_id, recipient,
                                            text_of(bounce, "class"), now_s, &changed, error))
            return false;
    } else if (*from && !store_bounce_over(keeper->store, from, now_s, &changed, error)) {
        return false;
    }
    keeper->roster_changed |= changed;
    return true;
}
