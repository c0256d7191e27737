#include "gateway/keeper/codes.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "gateway/core/error.h"
#include "gateway/store/orders.h"
#include "parsers/command.h"

G_STATIC_ASSERT(sizeof COMMAND_CODE_LETTERS - 1 == 32); /* five bits a character */

/* 40 random bits. */
static bool draw(char ret_code[COMMAND_CODE_LENGTH + 1], GError **error) {
    guint8 bytes[COMMAND_CODE_LENGTH];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY, "no random numbers: %s",
                    g_strerror(errno));
        return false;
    }
    for (guint i = 0; i < COMMAND_CODE_LENGTH; i++)
        ret_code[i] = COMMAND_CODE_LETTERS[bytes[i] % 32];
    ret_code[COMMAND_CODE_LENGTH] = '\0';
    return true;
}

char *codes_issue(Keeper *keeper, gint64 order_id, GError **error) {
    char code[COMMAND_CODE_LENGTH + 1];
    if (!draw(code, error))
        return NULL;
    if (!store_begin(keeper->store, error) || !store_order_set_code(keeper->store, order_id, code, error) ||
        !store_commit(keeper->store, error)) {
        store_rollback(keeper->store);
        return NULL;
    }
    return g_strdup_printf("%.4s-%s", code, code + 4);
}
