#include "gateway/core/error.h"

#include <sysexits.h>

enum { EXIT_ATTENTION = 1, EXIT_CONFIGURATION = 2 };

GQuark fortnight_error_quark(void) {
    return g_quark_from_static_string("fortnight-error");
}

int fortnight_error_exit_status(const GError *error) {
    if (error->domain != FORTNIGHT_ERROR)
        return EXIT_ATTENTION;
    switch ((FortnightError)error->code) {
    case FORTNIGHT_ERROR_TEMPORARY:
    case FORTNIGHT_ERROR_BUSY:
    case FORTNIGHT_ERROR_DISK_FULL:
        return EX_TEMPFAIL;
    case FORTNIGHT_ERROR_CONFIGURATION:
        return EXIT_CONFIGURATION;
    case FORTNIGHT_ERROR_DAMAGED:
    case FORTNIGHT_ERROR_INPUT:
    case FORTNIGHT_ERROR_NOT_FOUND:
    case FORTNIGHT_ERROR_PERMANENT:
        break;
    }
    return EXIT_ATTENTION;
}
