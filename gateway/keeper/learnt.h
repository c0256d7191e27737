/* Forms as they are read today: those of the configuration with the labels that people taught. */
#pragma once

#include "gateway/io/config.h"
#include "gateway/store/store.h"

/* Puts the learnt labels of the store into the configuration's forms. One that does not go with the forms as
 * they are now is left out, with a warning in the log. */
bool learnt_labels_apply(Store *store, Config *config, GError **error);
