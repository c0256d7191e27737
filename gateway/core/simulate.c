#include "gateway/core/simulate.h"

#include "gateway/core/intake_submission.h"
#include "gateway/core/plan.h"
#include "gateway/core/questions.h"

void simulated_letter_free(SimulatedLetter *letter) {
    if (letter == NULL)
        return;
    letter_free(letter->letter);
    g_free(letter->cancelled_reason);
    g_free(letter);
}

static gint64 leave_s(const SimulatedLetter *letter) {
    return MAX(letter->letter->not_before_s, letter->at_s);
}

/* Decides a letter whose time has come: still due, or why not. */
static void settle(View *view, SimulatedLetter *letter, gint64 at_s) {
    letter->sent = letter_still_due(view, letter->letter, at_s, &letter->cancelled_reason);
    view_decide_letter(view, letter->letter->key, letter->sent ? OUTBOX_SENT : OUTBOX_CANCELLED);
}

/* Settles those waiting letters whose time has come, those that wait for the liaison's word (it is taken as
 * given) after the others, their preview among them; returns the earliest time of the rest. */
static gint64 send_waiting(View *view, GPtrArray *waiting, bool is_held, gint64 now_s) {
    gint64 next_s = G_MAXINT64;
    for (guint i = 0; i < waiting->len;) {
        SimulatedLetter *letter = g_ptr_array_index(waiting, i);
        if (leave_s(letter) <= now_s && letter->letter->held == is_held) {
            settle(view, letter, now_s);
            g_ptr_array_remove_index_fast(waiting, i);
        } else {
            if (letter->letter->held == is_held)
                next_s = MIN(next_s, leave_s(letter));
            i++;
        }
    }
    return next_s;
}

static void decide(View *view, gint64 now_s, GPtrArray *all, GPtrArray *waiting) {
    g_autoptr(GPtrArray) letters = plan(view, now_s);
    for (guint i = 0; i < letters->len; i++) {
        SimulatedLetter *letter = g_new0(SimulatedLetter, 1);
        letter->at_s = now_s;
        letter->letter = g_ptr_array_index(letters, i);
        view_decide_letter(view, letter->letter->key, letter->letter->held ? OUTBOX_HELD : OUTBOX_QUEUED);
        questions_follow(view, letter->letter, now_s);
        g_ptr_array_add(all, letter);
        g_ptr_array_add(waiting, letter);
    }
    g_ptr_array_set_free_func(letters, NULL); /* the letters have new owners */
}

GPtrArray *simulate(View *view, const GArray *events, gint64 from_s, gint64 to_s) {
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)simulated_letter_free);
    g_autoptr(GPtrArray) waiting = g_ptr_array_new();
    guint next_event = 0, n_events = events != NULL ? events->len : 0;
    gint64 now_s = from_s;
    for (guint step = 0; step < SIMULATE_STEPS_MAX && now_s <= to_s; step++) {
        for (; next_event < n_events; next_event++) {
            const SimulatedEvent *event = &g_array_index(events, SimulatedEvent, next_event);
            if (event->at_s > now_s)
                break;
            view_record(view, intake_submission_copy(event->submission));
        }
        decide(view, now_s, all, waiting);
        gint64 next_s = MIN(send_waiting(view, waiting, false, now_s), plan_next_instant(view, now_s));
        next_s = MIN(next_s, send_waiting(view, waiting, true, now_s));
        if (next_event < n_events)
            next_s = MIN(next_s, g_array_index(events, SimulatedEvent, next_event).at_s);
        if (next_s == G_MAXINT64)
            break;
        now_s = next_s;
    }
    /* what still waits at the end was decided, and leaves later */
    for (guint i = 0; i < waiting->len; i++)
        ((SimulatedLetter *)g_ptr_array_index(waiting, i))->sent = true;
    return all;
}
