#include "gateway/keeper/keeper.h"

#include <errno.h>

#include "gateway/core/calendar.h"
#include "gateway/core/error.h"
#include "gateway/core/period.h"
#include "gateway/io/clock.h"
#include "gateway/io/log.h"
#include "gateway/keeper/learnt.h"
#include "gateway/keeper/parties.h"
#include "gateway/keeper/roster_file.h"
#include "gateway/store/journal.h"
#include "gateway/store/outbox.h"
#include "gateway/store/snapshot.h"

/* Submissions of periods due in this span stand in the view; what settles an older one is still recognised by
 * the store. */
#define VIEW_BACK_S    (200 * CALENDAR_DAY_S)
#define VIEW_FORWARD_S (100 * CALENDAR_DAY_S)

gint64 keeper_now_s(const Keeper *keeper) {
    return clock_now_s() + keeper->clock_offset_s;
}

bool keeper_put_letter(Keeper *keeper, const Letter *letter, gint64 now_s, GError **error) {
    JournalEvent event = {.event = "letter.decided", .org_id = letter->org_id, .detail = letter->key};
    return store_outbox_put(keeper->store, letter, now_s, &event.letter_id, NULL, error) &&
           store_journal_append(keeper->store, &event, now_s, error);
}

bool keeper_error_stops(const GError *error) {
    return g_error_matches(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DISK_FULL) ||
           g_error_matches(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DAMAGED) ||
           g_error_matches(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_BUSY) ||
           g_error_matches(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY);
}

/* Keys of the periods that the view holds, NULL-terminated. */
static GPtrArray *view_periods(const Keeper *keeper) {
    const Programme *programme = keeper->config->programme;
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    gint64 now_s = keeper_now_s(keeper);
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        /* what is owed once stays in view for ever: there is one period of it */
        gint64 from_s = obligation->schedule.kind == SCHEDULE_ONCE ? 0 : now_s - VIEW_BACK_S;
        gint64 to_s = obligation->schedule.kind == SCHEDULE_ONCE ? G_MAXINT32 : now_s + VIEW_FORWARD_S;
        g_autoptr(GPtrArray) periods = period_list(programme, obligation, from_s, to_s);
        for (guint p = 0; p < periods->len; p++)
            g_ptr_array_add(keys, g_strdup(((const Period *)periods->pdata[p])->key));
    }
    g_ptr_array_add(keys, NULL);
    return keys;
}

bool keeper_refresh(Keeper *keeper, GError **error) {
    g_autoptr(GPtrArray) periods = view_periods(keeper);
    SnapshotScope scope = {.periods = (const char *const *)periods->pdata, .with_content = false};
    Snapshot *snapshot;
    if (!store_snapshot(keeper->store, keeper->config->programme, &scope, &snapshot, error))
        return false;
    g_clear_pointer(&keeper->view, view_free);
    g_clear_pointer(&keeper->snapshot, snapshot_free);
    snapshot->is_mailbox_unseen = keeper->is_mailbox_unseen;
    keeper->snapshot = snapshot;
    keeper->view = view_new(snapshot);
    keeper->roster_changed = false;
    return true;
}

static bool import_roster(Keeper *keeper, GError **error) {
    const char *path = keeper->config->roster_path;
    guint imported = 0;
    if (!path)
        return true;
    if (store_begin(keeper->store, error) &&
        roster_file_import(keeper->store, path, keeper_now_s(keeper), &imported, error) &&
        store_commit(keeper->store, error)) {
        if (imported)
            log_event(LOG_NOTICE, "roster.imported", LOG_NUMBER("organizations", imported));
        return true;
    }
    store_rollback(keeper->store);
    return false;
}

bool keeper_open(Keeper *keeper, Config *config, const char *holder, gint64 clock_offset_s, GError **error) {
    *keeper = (Keeper){.config = config, .clock_offset_s = clock_offset_s};
    g_autofree char *database = config_database_path(config), *archive = config_archive_path(config);
    if (g_mkdir_with_parents(config->state_dir, 0700) < 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "state_dir \"%s\" cannot be created: %s", config->state_dir, g_strerror(errno));
        return false;
    }
    keeper->store =
        store_open(database, STORE_WRITE, config->programme->id, holder, keeper_now_s(keeper), error);
    keeper->archive = keeper->store ? archive_open(archive, ARCHIVE_WRITE, error) : NULL;
    keeper->listed_forms = json_incref(config->forms);
    if (keeper->archive && !learnt_labels_refresh(keeper, NULL, error))
        return false;
    return keeper->archive && import_roster(keeper, error) && parties_import(keeper, error) &&
           keeper_refresh(keeper, error);
}

void keeper_close(Keeper *keeper) {
    g_clear_pointer(&keeper->view, view_free);
    g_clear_pointer(&keeper->snapshot, snapshot_free);
    g_clear_pointer(&keeper->forms, form_set_unref);
    g_clear_pointer(&keeper->listed_forms, json_decref);
    g_clear_pointer(&keeper->learnt, json_decref);
    g_clear_pointer(&keeper->archive, archive_close);
    g_clear_pointer(&keeper->store, store_close);
}
