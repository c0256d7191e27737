#include "gateway/core/model.h"

#include "gateway/core/error.h"

static void test_names(void) {
    for (guint i = 0; i < OUTBOX_STATES; i++) {
        OutboxState state = OUTBOX_STATES;
        g_assert_true(outbox_state_from_name(outbox_state_name(i), &state));
        g_assert_cmpuint(state, ==, i);
    }
    for (guint i = 0; i < MESSAGE_STATES; i++) {
        MessageState state = MESSAGE_STATES;
        g_assert_true(message_state_from_name(message_state_name(i), &state));
        g_assert_cmpuint(state, ==, i);
    }
    for (guint i = 0; i < LETTER_KINDS; i++) {
        LetterKind kind = LETTER_KINDS;
        g_assert_true(letter_kind_from_name(letter_kind_name(i), &kind));
        g_assert_cmpuint(kind, ==, i);
    }
    g_assert_cmpstr(letter_kind_name(LETTER_REVIEW_NOTICE), ==, "review_notice");
}

static void test_unknown_names(void) {
    OutboxState outbox = OUTBOX_HELD;
    MessageState message = MESSAGE_REVIEW;
    LetterKind kind = LETTER_SUMMARY;
    static const char *const unknown[] = {"", "Sent", "sent ", NULL};
    for (guint i = 0; i < G_N_ELEMENTS(unknown); i++) {
        g_assert_false(outbox_state_from_name(unknown[i], &outbox));
        g_assert_false(message_state_from_name(unknown[i], &message));
        g_assert_false(letter_kind_from_name(unknown[i], &kind));
    }
    g_assert_cmpint(outbox, ==, OUTBOX_HELD);
    g_assert_cmpint(message, ==, MESSAGE_REVIEW);
    g_assert_cmpint(kind, ==, LETTER_SUMMARY);
}

static void add_submission(Snapshot *snapshot, gint64 org_id, const char *obligation, const char *period,
                           guint revision) {
    Submission *submission = g_new0(Submission, 1);
    submission->org_id = org_id;
    submission->obligation = g_strdup(obligation);
    submission->period = g_strdup(period);
    submission->revision = revision;
    g_ptr_array_add(snapshot->submissions, submission);
}

static void test_look_ups(void) {
    g_autoptr(Programme) programme = programme_new();
    Obligation *obligation = obligation_new();
    obligation->id = g_strdup("weekly");
    obligation->form = g_strdup("report");
    g_ptr_array_add(programme->obligations, obligation);
    g_assert_true(programme_obligation(programme, "weekly") == obligation);
    g_assert_true(programme_obligation_of_form(programme, "report") == obligation);
    g_assert_null(programme_obligation(programme, "report"));
    g_assert_null(programme_obligation_of_form(programme, NULL));

    g_autoptr(Snapshot) snapshot = snapshot_new(programme);
    g_assert_null(snapshot_organization(snapshot, 7));
    for (gint64 id = 1; id <= 50; id++) {
        Organization *organization = organization_new();
        organization->id = id;
        g_ptr_array_add(snapshot->organizations, organization);
        add_submission(snapshot, id, "weekly", id % 2 ? "2016-06-17" : "2016-06-24", 1);
    }
    g_assert_cmpint(snapshot_organization(snapshot, 7)->id, ==, 7);
    g_assert_null(snapshot_organization(snapshot, 51));
    g_assert_cmpint(snapshot_submission(snapshot, "weekly", "2016-06-17", 7)->org_id, ==, 7);
    g_assert_null(snapshot_submission(snapshot, "weekly", "2016-06-24", 7));
    g_assert_null(snapshot_submission(snapshot, "monthly", "2016-06-17", 7));
    g_assert_null(snapshot_submission(snapshot, "weekly", NULL, 7));

    /* appended after the index was made, and one that takes another's place */
    add_submission(snapshot, 51, NULL, NULL, 1);
    add_submission(snapshot, 7, "weekly", "2016-06-17", 2);
    g_assert_cmpint(snapshot_submission(snapshot, NULL, NULL, 51)->org_id, ==, 51);
    g_assert_cmpuint(snapshot_submission(snapshot, "weekly", "2016-06-17", 7)->revision, ==, 2);
    g_ptr_array_set_size(snapshot->submissions, 0);
    g_assert_null(snapshot_submission(snapshot, "weekly", "2016-06-17", 7));
}

/* All frees take NULL and half filled things; leaks and double frees are the sanitizer's to find. */
static void test_frees(void) {
    programme_free(NULL);
    organization_free(NULL);
    contact_free(NULL);
    period_free(NULL);
    submission_free(NULL);
    letter_free(NULL);
    snapshot_free(NULL);
    obligation_free(NULL);
    role_person_free(NULL);
    exemption_free(NULL);
    roster_map_free(NULL);
    review_item_free(NULL);

    Obligation *obligation = obligation_new();
    const Stage stage = {.days = -1, .to = g_strdup("contact")};
    g_array_append_val(obligation->reminders, stage);
    obligation->digest.to = g_strdup("advisor");
    obligation_free(obligation);

    Programme *bare = g_new0(Programme, 1);
    programme_free(bare);
    Letter *letter = g_new0(Letter, 1);
    letter->facts = json_object();
    letter_free(letter);
    g_autoptr(Submission) submission = g_new0(Submission, 1);
    submission->fields = json_object();
}

static void test_exit_status(void) {
    static const struct {
        int code, status;
    } cases[] = {
        {FORTNIGHT_ERROR_TEMPORARY, 75},    {FORTNIGHT_ERROR_BUSY, 75},     {FORTNIGHT_ERROR_DISK_FULL, 75},
        {FORTNIGHT_ERROR_CONFIGURATION, 2}, {FORTNIGHT_ERROR_INPUT, 1},     {FORTNIGHT_ERROR_DAMAGED, 1},
        {FORTNIGHT_ERROR_NOT_FOUND, 1},     {FORTNIGHT_ERROR_PERMANENT, 1},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = g_error_new_literal(FORTNIGHT_ERROR, cases[i].code, "");
        g_assert_cmpint(fortnight_error_exit_status(error), ==, cases[i].status);
    }
    g_autoptr(GError) foreign = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "");
    g_assert_cmpint(fortnight_error_exit_status(foreign), ==, 1);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/names", test_names);
    g_test_add_func("/model/unknown-names", test_unknown_names);
    g_test_add_func("/model/look-ups", test_look_ups);
    g_test_add_func("/model/frees", test_frees);
    g_test_add_func("/model/exit-status", test_exit_status);
    return g_test_run();
}
