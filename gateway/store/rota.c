#include "gateway/store/rota.h"

#include "gateway/store/sql.h"

bool store_rota_swap(Store *store, const char *rota, const char *day, const char *person, gint64 now_s,
                     GError **error) {
    return sql_write(
        store,
        "INSERT INTO rota_swap (rota, day, person, created_s) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (rota, day) DO UPDATE SET person = excluded.person, created_s = excluded.created_s",
        SQL_VALUES(SQL_TEXT(rota), SQL_TEXT(day), SQL_TEXT(person), SQL_INTEGER(now_s)), NULL, error);
}

bool store_rota_swaps(Store *store, GPtrArray **ret_swaps, GError **error) {
    g_autoptr(GPtrArray) swaps = g_ptr_array_new_with_free_func((GDestroyNotify)rota_swap_free);
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT rota, day, person FROM rota_swap ORDER BY day", SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        RotaSwap *swap = g_new0(RotaSwap, 1);
        swap->rota = sql_text(rows, 0);
        swap->day = sql_text(rows, 1);
        swap->person = sql_text(rows, 2);
        g_ptr_array_add(swaps, swap);
    }
    if (rows == NULL || got < 0)
        return false;
    *ret_swaps = g_steal_pointer(&swaps);
    return true;
}
