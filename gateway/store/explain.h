/* Everything that is known about one thing, for `fortnight explain` (SPEC 7): facts as stored, in one JSON
 * object. */
#pragma once

#include "gateway/store/store.h"

/* {"message": {…}, "sightings": […], "readings": […], "submissions": […], "reviews": […], "letters": […],
 * "journal": […]}; _NOT_FOUND. New reference, as are the others. */
json_t *store_explain_message(Store *store, gint64 message_id, GError **error);

/* {"letter": {…}, "events": […], "journal": […]}; _NOT_FOUND. */
json_t *store_explain_letter(Store *store, gint64 letter_id, GError **error);

/* {"organization": {…}, "exemptions": […], "submission": {…} or null, "revisions": […], "letters": […],
 * "pending": […]}; _NOT_FOUND where there is no such organization. */
json_t *store_explain_period(Store *store, gint64 org_id, const char *obligation, const char *period,
                             GError **error);

/* {"question": {…}, "events": […], "letters": […]}: its record, and the letters that told somebody of it;
 * _NOT_FOUND. */
json_t *store_explain_question(Store *store, gint64 question_id, GError **error);
