#include "gateway/core/period_choice.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/period.h"

/* ---- days
 * ------------------------------------------------------------------------------------------------------ */

/* The numbers of "2016年6月27日", "6-27": 2 or 3 of them; 0 where anything else stands there. */
static guint read_numbers(const char *text, guint numbers[3]) {
    static const char *const marks[] = {"-", "/", ".", "年", "月", "日", "号", NULL};
    guint count = 0;
    while (*text != '\0') {
        gsize digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 4 || count == 3)
            return 0;
        g_autofree char *number = g_strndup(text, digits);
        guint64 value = 0;
        g_ascii_string_to_unsigned(number, 10, 0, 9999, &value, NULL);
        numbers[count++] = (guint)value;
        text += digits;
        const char *const *mark = marks;
        while (*mark != NULL && !g_str_has_prefix(text, *mark))
            mark++;
        if (*mark == NULL && *text != '\0')
            return 0;
        text += *mark != NULL ? strlen(*mark) : 0;
    }
    return count;
}

static bool set_day(guint year, guint month, guint day, GDate *ret_day) {
    if (!g_date_valid_dmy((GDateDay)MIN(day, 255u), (GDateMonth)MIN(month, 13u), (GDateYear)year) ||
        year < 1000)
        return false;
    g_date_clear(ret_day, 1);
    g_date_set_dmy(ret_day, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return true;
}

bool period_day_parse(const char *text, GTimeZone *zone, gint64 near_s, GDate *ret_day) {
    guint numbers[3] = {0};
    guint count = read_numbers(text, numbers);
    GDate near;
    int best = G_MAXINT;
    if (count == 3)
        return set_day(numbers[0], numbers[1], numbers[2], ret_day);
    if (count != 2)
        return false;
    calendar_local(zone, near_s, &near, NULL);
    for (int year = g_date_get_year(&near) - 1; year <= g_date_get_year(&near) + 1; year++) {
        GDate day;
        if (!set_day((guint)year, numbers[0], numbers[1], &day))
            continue;
        int distance = ABS(g_date_days_between(&near, &day));
        if (distance < best) {
            best = distance;
            *ret_day = day;
        }
    }
    return best < G_MAXINT;
}

/* ---- periods
 * --------------------------------------------------------------------------------------------------- */

static Period *last_due(const Programme *programme, const Obligation *obligation, gint64 now_s) {
    g_autoptr(GPtrArray) all = period_list(programme, obligation, 0, now_s);
    return all->len > 0 ? period_copy(g_ptr_array_index(all, all->len - 1)) : NULL;
}

/* The period that people mean without naming one: the running one in its second half, else the one that was
 * due last. */
static Period *current(const Programme *programme, const Obligation *obligation, gint64 now_s) {
    g_autoptr(Period) running = period_at(programme, obligation, now_s);
    if (running == NULL)
        return last_due(programme, obligation, now_s);
    g_autoptr(Period) previous = period_previous(programme, obligation, running);
    gint64 since_previous_s = previous != NULL ? now_s - previous->due_s : G_MAXINT64;
    /* until half of it has run, the last one is what is talked about */
    bool is_young = previous != NULL && since_previous_s * 2 < running->due_s - previous->due_s;
    return is_young ? g_steal_pointer(&previous) : g_steal_pointer(&running);
}

typedef enum { TURN_UNSAID, TURN_THIS, TURN_LAST } Turn;

static Turn turn_of(const char *word) {
    static const struct {
        const char *word;
        Turn turn;
    } words[] = {{"本期", TURN_THIS}, {"这期", TURN_THIS},   {"this", TURN_THIS}, {"current", TURN_THIS},
                 {"上期", TURN_LAST}, {"上一期", TURN_LAST}, {"last", TURN_LAST}, {"previous", TURN_LAST}};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(word, words[i].word) == 0)
            return words[i].turn;
    return TURN_UNSAID;
}

static const Obligation *obligation_called(const Programme *programme, const char *word) {
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = g_ptr_array_index(programme->obligations, i);
        if (strcmp(word, obligation->id) == 0 || g_strcmp0(word, obligation->title_zh) == 0 ||
            (obligation->title_en != NULL && g_ascii_strcasecmp(word, obligation->title_en) == 0))
            return obligation;
    }
    return NULL;
}

/* What a text says, word by word. */
typedef struct {
    const Obligation *obligation;
    GDate day;
    bool has_day;
    Turn turn;
} Choice;

static bool read_word(const Programme *programme, const char *word, gint64 now_s, Choice *choice) {
    const Obligation *called = obligation_called(programme, word);
    Turn turn = turn_of(word);
    if (called != NULL)
        choice->obligation = called;
    else if (turn != TURN_UNSAID)
        choice->turn = turn;
    else if (!choice->has_day && period_day_parse(word, programme->zone, now_s, &choice->day))
        choice->has_day = true;
    else
        return false;
    return true;
}

static bool read_words(const Programme *programme, const char *text, gint64 now_s, Choice *choice) {
    const char *slash = strchr(text, '/');
    g_autofree char *before = slash != NULL ? g_strndup(text, (gsize)(slash - text)) : NULL;
    if (before != NULL && (choice->obligation = programme_obligation(programme, before)) != NULL)
        text = slash + 1;
    g_autofree char *whole = g_strstrip(g_strdup(text));
    const Obligation *called =
        *whole != '\0' ? obligation_called(programme, whole) : NULL; /* "weekly report" */
    if (called != NULL) {
        choice->obligation = called;
        return true;
    }
    g_auto(GStrv) words = g_strsplit_set(whole, " \t", -1);
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0' && !read_word(programme, *word, now_s, choice))
            return false;
    return true;
}

static Period *period_of(const Programme *programme, const Obligation *obligation, const Choice *choice,
                         gint64 now_s) {
    char key[CALENDAR_DAY_BYTES];
    if (choice->turn == TURN_LAST)
        return last_due(programme, obligation, now_s);
    if (choice->turn == TURN_THIS) {
        Period *running = period_at(programme, obligation, now_s);
        return running != NULL ? running : last_due(programme, obligation, now_s);
    }
    if (!choice->has_day)
        return current(programme, obligation, now_s);
    calendar_day_format(&choice->day, key);
    return period_by_key(programme, obligation, key);
}

bool period_choose(const Programme *programme, const char *text, gint64 now_s,
                   const Obligation **ret_obligation, Period **ret_period) {
    Choice choice = {.turn = TURN_UNSAID};
    if (!read_words(programme, text, now_s, &choice))
        return false;
    for (int once = 0; once < 2; once++)
        for (guint i = 0; i < programme->obligations->len; i++) {
            const Obligation *obligation = g_ptr_array_index(programme->obligations, i);
            if (choice.obligation != NULL ? choice.obligation != obligation
                                          : (obligation->schedule.kind == SCHEDULE_ONCE) != once)
                continue;
            Period *period = period_of(programme, obligation, &choice, now_s);
            if (period != NULL) {
                *ret_obligation = obligation;
                *ret_period = period;
                return true;
            }
        }
    return false;
}
