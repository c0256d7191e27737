/* Several forms in one mail: versions of one report, of which the newest counts, and forms of their own. */
#pragma once

#include "parsers/reading_sources.h"

/* Of the attachments that are the same form of the same organization and period as best (which may be NULL),
 * the newest: by its file's name (双周报(2).docx, 更正, final), then by how much it holds, then by its place.
 */
const Source *reading_newest(const GPtrArray *sources, const Source *best, const ValueContext *context);

/* Adds "others": every further form that was attached (another form, organization or period), each with what
 * SPEC 3.4 says of a submission. An older version of best that says something else becomes a problem. */
void reading_others_add(json_t *out, const FormSet *set, const GPtrArray *sources, const Source *best,
                        const ValueContext *context, GPtrArray *problems);
