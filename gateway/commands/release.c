/* fortnight release: ends the silent first contact (SPEC 4): from now on letters leave. */
#include <stdio.h>

#include "gateway/commands/context.h"

int command_release(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status = context_start(&context, argc, argv, NULL, "",
                               "Ends the silent first contact: what the mailbox held before is recorded, "
                               "nobody was written to; from this moment\n"
                               "on senders are answered and those who owe are reminded. Look at `fortnight "
                               "status` and `simulate` first.");
    if (status == CONTEXT_GO_ON)
        status = context_open_store(&context, STORE_WRITE);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GError) error = NULL;
    gint64 released_s = 0;
    if (!store_meta_get_integer(context.store, STORE_META_RELEASED, 0, &released_s, &error))
        return context_fail(g_steal_pointer(&error));
    if (released_s) {
        puts("letters have been leaving already; nothing to do");
        return EXIT_DONE;
    }
    if (!store_begin(context.store, &error) ||
        !store_meta_set_integer(context.store, STORE_META_RELEASED, context.now_s, &error) ||
        !store_commit(context.store, &error))
        return context_fail(g_steal_pointer(&error));
    puts("released: senders are answered and reminded from now on");
    return EXIT_DONE;
}
