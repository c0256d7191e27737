/* The summary as plain tables, for the workbook, CSV and JSON: overview, periods, submissions, daily totals,
 * questions, members, standings. */
#pragma once

#include "gateway/core/view.h"

typedef struct {
    const View *view;    /* with contents of the period */
    const View *history; /* of the last periods, contents not needed; may be the same */
    const Obligation *obligation;
    const Period *period;
    const json_t *model; /* summary_model() of them */
    const char *language;
    gint64 now_s;
} SheetSource;

/* [{key, title, columns [{title, type}], rows [[value]]}]: key "overview", "periods", "submissions",
 * "sections", "teams", "daily", "questions", "members", "standings"; a table without rows is left out, but
 * for submissions. type: "text", "number", "percent", "day" ("2016-06-14"), "time" ("2016-06-14T09:30",
 * local), "state". value: a string, a number or null; of a state {text, tone}, tone "good", "warn", "bad" or
 * "none". Texts are what others wrote: the writer makes them harmless. New reference. */
json_t *summary_sheets(const SheetSource *source);
