#include "gateway/io/imap_session.h"

/* The fullest of the resources that the server counts, in percent; 0: none has a limit. */
static guint fullest(const struct mailimap_quota_complete_data *data) {
    guint percent = 0;
    for (clistiter *i = data->quota_list != NULL ? clist_begin(data->quota_list) : NULL; i != NULL;
         i = clist_next(i)) {
        const struct mailimap_quota_quota_data *root = clist_content(i);
        for (clistiter *j = root->quota_list != NULL ? clist_begin(root->quota_list) : NULL; j != NULL;
             j = clist_next(j)) {
            const struct mailimap_quota_quota_resource *resource = clist_content(j);
            if (resource->limit > 0)
                percent = MAX(percent, (guint)MIN((guint64)resource->usage * 100 / resource->limit, 1000));
        }
    }
    return percent;
}

guint imap_quota_percent(Imap *self) {
    struct mailimap_quota_complete_data *data = NULL;
    if (self->is_quota_mute || self->session == NULL || !imap_has(self, "QUOTA"))
        return 0;
    imap_begin(self);
    int result = mailimap_quota_getquotaroot(self->session, "INBOX", &data);
    if (result == MAILIMAP_NO_ERROR) {
        guint percent = data != NULL ? fullest(data) : 0;
        if (data != NULL)
            mailimap_quota_complete_data_free(data);
        return percent;
    }
    /* a figure beside the point: what cannot be read of it must not cost the next pass too */
    self->is_quota_mute = true;
    if (imap_is_broken(self, result))
        imap_drop(self);
    return 0;
}
