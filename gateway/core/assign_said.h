/* Periods by what people say about them: "第3期", "6月下半月", "w/e 11 September" (hints of
 * parsers/period_words.h), and by a year that was mistyped. The part of assign.h that reads words. */
#pragma once

#include "gateway/core/model.h"

/* The period that one hint means to somebody who writes at received_s; NULL: none, or none near enough to be
 * meant. A day that nobody called the period's, and that is the day of arrival or the one before, is that of
 * writing and says nothing. The caller frees it. */
Period *assign_said(const Programme *programme, const Obligation *obligation, const json_t *hint,
                    gint64 received_s);

/* The period of a stated range whose year is mistyped: the same days in the year nearest to arrival; NULL:
 * there is none near. The caller frees it. */
Period *assign_other_year(const Programme *programme, const Obligation *obligation, const GDate *first,
                          const GDate *last, gint64 received_s);
