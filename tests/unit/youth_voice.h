/* The shipped forms of the Youth Voice programme, for tests. */
#pragma once

#include "parsers/form.h"

/* Loads etc/youth-voice/forms; aborts the test where they are wrong. The caller unrefs the set. */
FormSet *youth_voice_forms(void);
