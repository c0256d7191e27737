/* When the operator is told of what, in which words (gateway/core/alert.h). */
#include "gateway/core/alert.h"

#include <string.h>

#include "tests/unit/world.h"

#define NOW   "2016-07-10T09:00"
#define HOURS 3600

static const struct {
    AlertCode code;
    gint64 held_s;
    guint times;
    const char *key; /* its beginning; NULL: not yet */
} cases[] = {
    {ALERT_MAILBOX_LOGIN, 600, 2, NULL},
    {ALERT_MAILBOX_LOGIN, 600, 3, "alert/mailbox.login/2016-07-10"},
    {ALERT_MAILBOX_UNREACHABLE, 2 * HOURS - 1, 90, NULL},
    {ALERT_MAILBOX_UNREACHABLE, 2 * HOURS, 2, "alert/mailbox.unreachable/1468"},
    {ALERT_MAILBOX_QUOTA, 0, 1, "alert/mailbox.quota/1468"},
    {ALERT_TRANSPORT_LOGIN, 0, 3, "alert/smtp.account/2016-07-10"},
    {ALERT_TRANSPORT_UNREACHABLE, HOURS, 12, NULL},
    {ALERT_TRANSPORT_UNREACHABLE, 3 * HOURS, 2, "alert/smtp.unreachable/1468"},
    {ALERT_DISK, 0, 1, "alert/disk.low/1468"},
    {ALERT_STALLED, HOURS - 1, 59, NULL},
    {ALERT_STALLED, HOURS, 60, "alert/intake.stalled/1468"},
};

static void test_when(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(World) world = world_new();
        g_autoptr(View) view = view_new(world->snapshot);
        gint64 now_s = at(NOW);
        const AlertCondition condition = {cases[i].code, now_s - cases[i].held_s, cases[i].times, "535 no"};
        g_autoptr(Letter) letter = alert_decide(view, &condition, now_s);
        g_assert_true((letter != NULL) == (cases[i].key != NULL));
        if (letter == NULL)
            continue;
        g_assert_true(g_str_has_prefix(letter->key, cases[i].key));
        g_assert_cmpstr(letter->to_address, ==, "liaison@example.edu.cn"); /* there is no operator here */
        g_assert_cmpstr(json_string_value(json_object_get(letter->facts, "detail_text")), ==, "535 no");
        view_decide_letter(view, letter->key, OUTBOX_SENT);
        g_assert_null(alert_decide(view, &condition, now_s));
    }
}

/* Every code in both languages: a cause, a remedy, nothing left in the other one. */
static void test_languages(void) {
    for (AlertCode code = 0; code < ALERT_CODES; code++) {
        char *causes[2] = {NULL, NULL};
        for (guint english = 0; english < 2; english++) {
            g_autoptr(World) world = world_new();
            g_free(world->programme->language);
            world->programme->language = g_strdup(english ? "en" : "zh");
            for (guint i = 0; i < world->programme->roles->len; i++) {
                RolePerson *person = g_ptr_array_index(world->programme->roles, i);
                g_clear_pointer(&person->language, g_free);
            }
            g_autoptr(View) view = view_new(world->snapshot);
            gint64 now_s = at(NOW);
            const AlertCondition condition = {code, now_s - 10 * HOURS, 10, NULL};
            g_autoptr(Letter) letter = alert_decide(view, &condition, now_s);
            g_assert_nonnull(letter);
            g_assert_cmpstr(json_string_value(json_object_get(letter->facts, "code")), ==,
                            alert_code_name(code));
            g_assert_true(json_is_false(json_object_get(letter->facts, "detail_text")));
            const char *remedy = json_string_value(json_object_get(letter->facts, "remedy_text"));
            g_assert_true(g_str_is_ascii(remedy) == (english == 1));
            causes[english] = g_strdup(json_string_value(json_object_get(letter->facts, "cause_text")));
        }
        g_assert_false(g_str_is_ascii(causes[0]));
        g_assert_true(g_str_is_ascii(causes[1]));
        g_free(causes[0]);
        g_free(causes[1]);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/alert/when", test_when);
    g_test_add_func("/alert/languages", test_languages);
    return g_test_run();
}
