/* Forms as they are read today: those of the configuration with the labels that people taught. */
#pragma once

#include "gateway/keeper/keeper.h"

/* Puts the learnt labels of the store into the configuration's forms. One that does not go with the forms as
 * they are now is left out, with a warning in the log. For one look; a keeper follows them: */
bool learnt_labels_apply(Store *store, Config *config, GError **error);

/* The same for a keeper, whenever labels may have been taught or forgotten; *ret_changed (may be NULL): the
 * forms are others than before, and readers must be given them. */
bool learnt_labels_refresh(Keeper *keeper, bool *ret_changed, GError **error);
