/* The one error domain of the program: few codes, each says what the caller should do next. Library codes are
 * translated into these where the library is called (DESIGN 3); everything above only looks at the code and
 * adds context with g_prefix_error(). */
#pragma once

#include <glib.h>

#define FORTNIGHT_ERROR (fortnight_error_quark())

typedef enum {
    FORTNIGHT_ERROR_TEMPORARY, /* try again later, unchanged: network, I/O error, out of memory */
    FORTNIGHT_ERROR_BUSY,      /* somebody else holds it: try again soon, or tell who holds it */
    FORTNIGHT_ERROR_DISK_FULL, /* stop taking in, tell the operator, try again when there is room (SPEC 9) */
    FORTNIGHT_ERROR_DAMAGED,   /* stored data is not what was written: stop, tell the operator, `verify`,
                                  `restore` */
    FORTNIGHT_ERROR_CONFIGURATION, /* a person must change a setting, a path or a permission; exit status 2 */
    FORTNIGHT_ERROR_INPUT,         /* what was handed in is wrong: name it to who gave it; never try again */
    FORTNIGHT_ERROR_NOT_FOUND,     /* the thing asked for does not exist */
    FORTNIGHT_ERROR_PERMANENT      /* will never work: an illegal transition, a broken rule, a defect of this
                                      program */
} FortnightError;

/* The quark of the domain; used through FORTNIGHT_ERROR. */
GQuark fortnight_error_quark(void);

/* The exit status of SPEC 7 for an error of any domain: 75 for those that pass by themselves (temporary,
 * busy, disk full), 2 for configuration, 1 for all others. */
int fortnight_error_exit_status(const GError *error);
