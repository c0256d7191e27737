#include "gateway/core/status.h"

#include "gateway/core/approval.h"
#include "gateway/core/calendar.h"
#include "gateway/core/roster.h"

static json_t *text_or_null(const char *text) {
    return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

/* "2016-06-27T21:14" in the programme's zone. */
static json_t *local_minute(GTimeZone *zone, gint64 at_s) {
    GDate day;
    int second;
    char date[CALENDAR_DAY_BYTES];
    calendar_local(zone, at_s, &day, &second);
    calendar_day_format(&day, date);
    g_autofree char *text = g_strdup_printf("%sT%02d:%02d", date, second / 3600, second / 60 % 60);
    return json_string(text);
}

static json_t *status_row(const View *view, const Obligation *obligation, const Period *period,
                          const Organization *organization, gint64 now_s) {
    const Submission *submission = view_submission(view, obligation->id, period->key, organization->id);
    Standing standing = view_standing(view, obligation, period, organization);
    Period own = *period;
    bool is_extended = view_extend(view, &own, organization->id);
    bool is_missing = standing == STANDING_OWED && now_s > own.late_after_s;
    json_t *row = json_object();
    json_object_set_new(row, "org_id", json_integer(organization->id));
    json_object_set_new(row, "organization", json_string(organization->name));
    json_object_set_new(row, "section", text_or_null(organization->section));
    json_object_set_new(row, "team", text_or_null(organization->team));
    json_object_set_new(row, "state", json_string(is_missing ? "missing" : standing_name(standing)));
    json_object_set_new(row, "extended_until",
                        is_extended ? local_minute(view_programme(view)->zone, own.due_s) : json_null());
    json_object_set_new(row, "pending", json_boolean(view_pending(view, organization->id) != NULL));
    if (submission == NULL && obligation->reviews != NULL && standing == STANDING_SUBMITTED) {
        Review review = view_review(view, obligation, period, organization);
        json_object_set_new(row, "received", local_minute(view_programme(view)->zone, review.last_s));
        json_object_set_new(row, "on_time", json_boolean(review.last_s <= period->late_after_s));
        json_object_set_new(row, "late_s", json_integer(MAX(review.last_s - period->due_s, 0)));
    }
    if (submission == NULL)
        return row;
    json_object_set_new(row, "received", local_minute(view_programme(view)->zone, submission->received_s));
    json_object_set_new(row, "on_time", json_boolean(submission->on_time));
    json_object_set_new(row, "late_s",
                        json_integer(submission->on_time ? 0 : submission->received_s - own.due_s));
    json_object_set_new(row, "problems", json_integer(submission->n_problems));
    json_object_set_new(row, "revision", json_integer(submission->revision));
    json_object_set_new(row, "by_hand", json_boolean(submission->by_hand));
    json_object_set_new(row, "message_id", json_integer(submission->message_id));
    json_object_set_new(row, "approval",
                        json_string(approval_name(approval_state(view, obligation, submission))));
    json_object_set_new(row, "return_reason", text_or_null(submission->verdict_reason));
    return row;
}

json_t *status_rows(const View *view, const Obligation *obligation, const Period *period, gint64 now_s) {
    static const char *const of_submissions[] = {"received",   "on_time",  "late_s",
                                                 "problems",   "revision", "by_hand",
                                                 "message_id", "approval", "return_reason"};
    json_t *rows = json_array();
    const GPtrArray *organizations = view_owers(view, obligation);
    for (guint i = 0; i < organizations->len; i++) {
        json_t *row = status_row(view, obligation, period, g_ptr_array_index(organizations, i), now_s);
        for (gsize j = 0; j < G_N_ELEMENTS(of_submissions); j++)
            if (json_object_get(row, of_submissions[j]) == NULL)
                json_object_set_new(row, of_submissions[j], json_null());
        json_array_append_new(rows, row);
    }
    return rows;
}

json_t *status_call_list(const View *view, const Obligation *obligation, const Period *period) {
    json_t *rows = json_array();
    const GPtrArray *organizations = view_owers(view, obligation);
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        if (!roster_needs_call(organization) ||
            view_standing(view, obligation, period, organization) != STANDING_OWED)
            continue;
        const Contact *contact = roster_phone_contact(organization);
        json_t *row = json_object();
        json_object_set_new(row, "org_id", json_integer(organization->id));
        json_object_set_new(row, "organization", json_string(organization->name));
        json_object_set_new(row, "section", text_or_null(organization->section));
        json_object_set_new(row, "contact", text_or_null(contact != NULL ? contact->name : NULL));
        json_object_set_new(row, "phone", text_or_null(contact != NULL ? contact->phone : NULL));
        json_array_append_new(rows, row);
    }
    return rows;
}
