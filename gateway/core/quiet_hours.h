/* The hours in which ordinary letters do not leave (SPEC 4). */
#pragma once

#include "gateway/core/model.h"

/* The instant from which a letter may leave: at_s, or the end of the quiet hours that it lies in. */
gint64 quiet_hours_after(const Programme *programme, gint64 at_s);
