#include "gateway/keeper/take_in.h"

#include <string.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/log.h"
#include "gateway/store/journal.h"
#include "gateway/store/ledger.h"

typedef struct {
    char *account, *folder, *note;
    char *sha256, *location;
    gint64 uidvalidity, uid, received_s, seen_s, size_bytes, by_hand_org_id;
    GBytes *bytes; /* until they are in the archive */
    int memfd;     /* -1: none */
    bool is_junk_folder, seems_pdf;
} Taken;

struct TakeIn {
    Keeper *keeper;
    GPtrArray *batch; /* Taken* */
    gsize bytes;
};

static void taken_free(Taken *taken) {
    g_free(taken->account);
    g_free(taken->folder);
    g_free(taken->note);
    g_free(taken->sha256);
    g_free(taken->location);
    g_clear_pointer(&taken->bytes, g_bytes_unref);
    if (taken->memfd >= 0)
        close(taken->memfd);
    g_free(taken);
}

TakeIn *take_in_new(Keeper *keeper) {
    TakeIn *take_in = g_new0(TakeIn, 1);
    take_in->keeper = keeper;
    take_in->batch = g_ptr_array_new_with_free_func((GDestroyNotify)taken_free);
    return take_in;
}

void take_in_free(TakeIn *take_in) {
    if (!take_in)
        return;
    g_ptr_array_unref(take_in->batch);
    g_free(take_in);
}

void take_in_add(TakeIn *take_in, const Arrival *arrival) {
    Taken *taken = g_new0(Taken, 1);
    taken->account = g_strdup(arrival->account);
    taken->folder = g_strdup(arrival->folder);
    taken->note = g_strdup(arrival->note);
    taken->uidvalidity = arrival->uidvalidity;
    taken->uid = arrival->uid;
    taken->received_s = arrival->received_s;
    taken->seen_s = keeper_now_s(take_in->keeper);
    taken->size_bytes = arrival->size_bytes;
    taken->by_hand_org_id = arrival->by_hand_org_id;
    taken->is_junk_folder = arrival->is_junk_folder;
    taken->memfd = arrival->memfd;
    if (arrival->bytes) {
        taken->bytes = g_bytes_ref(arrival->bytes);
        take_in->bytes += g_bytes_get_size(arrival->bytes);
    }
    g_ptr_array_add(take_in->batch, taken);
}

bool take_in_is_full(const TakeIn *take_in) {
    return take_in->batch->len >= TAKE_IN_MESSAGES || take_in->bytes >= TAKE_IN_BYTES;
}

bool take_in_is_empty(const TakeIn *take_in) {
    return take_in->batch->len == 0;
}

/* A guess without taking anything apart: "%PDF-" in base64. Where it is wrong, the reader finds out. */
static bool seems_pdf(GBytes *bytes) {
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    return length > 0 && memmem(data, length, "JVBERi", strlen("JVBERi")) != NULL;
}

static bool archive_batch(TakeIn *take_in, GError **error) {
    Keeper *keeper = take_in->keeper;
    if (!archive_has_room(keeper->archive, (guint64)keeper->config->low_water_bytes, take_in->bytes, error))
        return false;
    for (guint i = 0; i < take_in->batch->len; i++) {
        Taken *taken = take_in->batch->pdata[i];
        if (!taken->bytes)
            continue;
        if (!archive_put(keeper->archive, taken->bytes, &taken->sha256, &taken->location, error))
            return false;
        taken->seems_pdf = seems_pdf(taken->bytes);
    }
    return archive_sync(keeper->archive, error);
}

static bool enter(TakeIn *take_in, const Taken *taken, gint64 *ret_id, bool *ret_new, GError **error) {
    StoreFetched fetched = {
        .account = taken->account,
        .folder = taken->folder,
        .uidvalidity = taken->uidvalidity,
        .uid = taken->uid,
        .sha256 = taken->sha256,
        .size_bytes = taken->size_bytes,
        .location = taken->location,
        .received_s = taken->received_s,
        .seen_s = taken->seen_s,
    };
    Store *store = take_in->keeper->store;
    if (!store_add_fetched(store, &fetched, ret_id, ret_new, error))
        return false;
    JournalEvent event = {.event = "intake.archived", .message_id = *ret_id, .detail = taken->sha256};
    return !*ret_new || store_journal_append(store, &event, taken->seen_s, error);
}

static bool enter_batch(TakeIn *take_in, GPtrArray *jobs, GError **error) {
    KeeperCounts *counts = &take_in->keeper->counts;
    for (guint i = 0; i < take_in->batch->len; i++) {
        Taken *taken = take_in->batch->pdata[i];
        gint64 id;
        bool is_new;
        if (!enter(take_in, taken, &id, &is_new, error))
            return false;
        counts->fetched++;
        counts->known += !is_new;
        counts->oversize += is_new && !taken->sha256;
        /* what a person enters by hand is decided again even where the bytes are known */
        if (!taken->sha256 || (!is_new && !taken->by_hand_org_id))
            continue;
        ReadJob *job = read_job_new(id);
        job->received_s = taken->received_s;
        job->seen_s = taken->seen_s;
        job->is_junk_folder = taken->is_junk_folder;
        job->seems_pdf = taken->seems_pdf;
        job->by_hand_org_id = taken->by_hand_org_id;
        job->note = g_strdup(taken->note);
        job->location = g_strdup(taken->location);
        job->sha256 = g_strdup(taken->sha256);
        job->memfd = taken->memfd;
        job->bytes = (gsize)taken->size_bytes;
        taken->memfd = -1;
        g_ptr_array_add(jobs, job);
    }
    return true;
}

bool take_in_commit(TakeIn *take_in, GPtrArray *ret_jobs, GError **error) {
    Keeper *keeper = take_in->keeper;
    KeeperCounts before = keeper->counts;
    g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
    bool good = archive_batch(take_in, error) && store_begin(keeper->store, error) &&
                enter_batch(take_in, jobs, error) && store_commit(keeper->store, error);
    if (good) {
        log_event(LOG_INFO, "intake.batch", LOG_NUMBER("messages", take_in->batch->len),
                  LOG_NUMBER("new", jobs->len));
        g_ptr_array_extend_and_steal(ret_jobs, g_steal_pointer(&jobs));
    } else {
        store_rollback(keeper->store);
        keeper->counts = before;
    }
    g_ptr_array_set_size(take_in->batch, 0);
    take_in->bytes = 0;
    return good;
}
