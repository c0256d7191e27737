#include "gateway/core/cluster_order.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/cluster.h"

#define WORD_BITS 64
#define WORDS_MAX ((CLUSTER_TEXT_MAX + WORD_BITS - 1) / WORD_BITS)

/* One character of the text and where it stands. */
typedef struct {
    gunichar character;
    guint count, used; /* used: scratch, zero between two comparisons */
    guint64 places[WORDS_MAX];
} Letter;

struct ClusterOrder {
    guint length, n_words, n_letters;
    Letter *letters; /* ascending by character */
};

static gint compare_letters(gconstpointer a, gconstpointer b) {
    gunichar x = ((const Letter *)a)->character, y = ((const Letter *)b)->character;
    return x < y ? -1 : x > y;
}

static gint compare_characters(gconstpointer a, gconstpointer b) {
    gunichar x = *(const gunichar *)a, y = *(const gunichar *)b;
    return x < y ? -1 : x > y;
}

static Letter *find(const ClusterOrder *order, gunichar character) {
    const Letter wanted = {.character = character};
    return bsearch(&wanted, order->letters, order->n_letters, sizeof(Letter), compare_letters);
}

ClusterOrder *cluster_order_new(const gunichar *text, guint length) {
    ClusterOrder *order = g_new0(ClusterOrder, 1);
    order->length = MIN(length, (guint)CLUSTER_TEXT_MAX);
    order->n_words = (order->length + WORD_BITS - 1) / WORD_BITS;
    g_autofree gunichar *sorted = g_memdup2(text, order->length * sizeof *text);
    order->letters = g_new0(Letter, order->length + 1);
    if (order->length > 0)
        qsort(sorted, order->length, sizeof *sorted, compare_characters);
    for (guint i = 0; i < order->length; i++)
        if (i == 0 || sorted[i] != sorted[i - 1])
            order->letters[order->n_letters++].character = sorted[i];
    for (guint i = 0; i < order->length; i++) {
        Letter *letter = find(order, text[i]);
        letter->count++;
        letter->places[i / WORD_BITS] |= G_GUINT64_CONSTANT(1) << (i % WORD_BITS);
    }
    return order;
}

void cluster_order_free(ClusterOrder *order) {
    if (order == NULL)
        return;
    g_free(order->letters);
    g_free(order);
}

/* One step of Hyyrö's bit-vector algorithm: the zeros of state are the ends of common subsequences. */
static void advance(guint64 *state, const guint64 *places, guint n_words) {
    guint64 carry = 0;
    for (guint i = 0; i < n_words; i++) {
        guint64 met = state[i] & places[i], sum = state[i] + met, with_carry = sum + carry;
        carry = (sum < met) || (with_carry < carry);
        state[i] = with_carry | (state[i] & ~places[i]);
    }
}

static guint count_zeros(const guint64 *state, guint length) {
    guint zeros = 0;
    for (guint i = 0; i < length; i++)
        zeros += !(state[i / WORD_BITS] >> (i % WORD_BITS) & 1);
    return zeros;
}

double cluster_order_share(ClusterOrder *order, const gunichar *text, guint length) {
    guint64 state[WORDS_MAX];
    guint common = 0;
    memset(state, 0xff, sizeof state);
    length = MIN(length, (guint)CLUSTER_TEXT_MAX);
    for (guint i = 0; i < length; i++) {
        Letter *letter = find(order, text[i]);
        if (letter == NULL)
            continue;
        common += letter->used < letter->count;
        letter->used++;
        advance(state, letter->places, order->n_words);
    }
    for (guint i = 0; i < order->n_letters; i++)
        order->letters[i].used = 0;
    return common > 0 ? (double)count_zeros(state, order->length) / common : 1;
}
