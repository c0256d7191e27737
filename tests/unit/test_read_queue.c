/* The queue before the readers: it must not wait for an event where it could hand something out. */
#include "gateway/keeper/read_queue.h"

#include <unistd.h>

#include "gateway/io/ipc.h"
#include "gateway/io/log.h"

static void add(ReadQueue *queue, gint64 message_id) {
    ReadJob *job = read_job_new(message_id);
    job->memfd = ipc_memfd("mail", "x", 1, NULL);
    job->bytes = 1;
    read_queue_add(queue, job);
}

static void test_room_is_used_at_once(void) {
    Programme programme = {.from_address = (char *)"youth@example.edu.cn",
                           .id_domain = (char *)"example.edu.cn"};
    Config config = {.programme = &programme, .forms = json_array()};
    Keeper keeper = {.config = &config};
    ReadQueue *queue = read_queue_new(&keeper);
    add(queue, 1);
    g_assert_cmpint(read_queue_timeout_ms(queue), !=,
                    0); /* nobody is there to read: their coming is an event */
    int pair[2];
    g_assert_true(ipc_pair(pair, NULL));
    read_queue_attach(queue, pair[0], false);
    g_assert_cmpint(read_queue_timeout_ms(queue), ==, 0);
    g_assert_true(read_queue_dispatch(queue, NULL));
    g_assert_cmpint(read_queue_timeout_ms(queue), !=, 0); /* all are with the reader */
    for (gint64 id = 2; id < 1000; id++)
        add(queue, id);
    g_assert_cmpint(read_queue_timeout_ms(queue), ==, 0);
    while (read_queue_timeout_ms(queue) == 0)
        g_assert_true(read_queue_dispatch(queue, NULL)); /* ends: full is full */
    g_assert_cmpuint(read_queue_pending(queue), ==, 999);
    close(pair[1]);
    read_queue_attach(queue, -1, false); /* no reader will come: all that was handed out comes back */
    read_queue_free(queue);
    json_decref(config.forms);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    log_init("test", LOG_ERROR);
    g_test_add_func("/read-queue/room-is-used-at-once", test_room_is_used_at_once);
    return g_test_run();
}
