/* Which period people mean: "2016-06-27", "biweekly/2016-06-27", "双周报 6月27日", "上期", or nothing. */
#pragma once

#include "gateway/core/model.h"

/* The obligation and period that a text names, by an obligation's id or title and by its due date (the year
 * may be left out: the nearest counts) or 本期, 上期, this, last. Without an obligation the first one that
 * has such a period (a recurring one before those owed once); without a period the running one in its second
 * half, before that the one due last. False where there is none, or where a word is left that is neither. The
 * period is the caller's. */
bool period_choose(const Programme *programme, const char *text, gint64 now_s,
                   const Obligation **ret_obligation, Period **ret_period);

/* A day as people write it: "2016-06-27", "2016/6/27", "2016年6月27日", "6月27日", "6-27"; without a year the
 * one nearest to an instant. */
bool period_day_parse(const char *text, GTimeZone *zone, gint64 near_s, GDate *ret_day);
