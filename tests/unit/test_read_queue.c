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
    read_queue_free(queue);
    close(pair[1]);
    json_decref(config.forms);
}

/* The reader's word on the next message that it was given. */
static void fail_next(int reader_fd) {
    for (;;) {
        g_auto(IpcFrame) frame = {.fd = -1};
        g_assert_cmpint(ipc_receive(reader_fd, &frame, 1000, NULL), ==, 1);
        if (frame.kind != IPC_READ)
            continue;
        json_t *result =
            json_pack("{s:O, s:s}", "id", json_object_get(frame.payload, "id"), "failure", "crash");
        g_assert_true(ipc_send(reader_fd, IPC_RESULT, result, -1, 1000, NULL));
        json_decref(result);
        return;
    }
}

/* What a quicker reader said waits for the message before it, which may be the same organization's. */
static void test_order_is_kept(void) {
    enum { COMPANY_MS = 250 }; /* as long as an answer waits for others behind it */
    Programme programme = {.from_address = (char *)"youth@example.edu.cn",
                           .id_domain = (char *)"example.edu.cn"};
    Config config = {.programme = &programme, .forms = json_array()};
    Keeper keeper = {.config = &config};
    ReadQueue *queue = read_queue_new(&keeper);
    int first[2], second[2];
    g_assert_true(ipc_pair(first, NULL) && ipc_pair(second, NULL));
    read_queue_attach(queue, first[0], false);
    read_queue_attach(queue, second[0], false);
    for (gint64 id = 1; id <= 3; id++)
        add(queue, id);
    g_assert_true(read_queue_dispatch(queue, NULL)); /* the first and the third to one reader */
    fail_next(second[1]);
    g_assert_true(read_queue_dispatch(queue, NULL));
    g_assert_cmpint(read_queue_timeout_ms(queue), >, COMPANY_MS);
    fail_next(first[1]);
    g_assert_true(read_queue_dispatch(queue, NULL));
    g_assert_cmpint(read_queue_timeout_ms(queue), <=, COMPANY_MS);
    g_assert_cmpuint(read_queue_pending(queue), ==, 3);
    read_queue_free(queue);
    close(first[1]);
    close(second[1]);
    json_decref(config.forms);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    log_init("test", LOG_ERROR);
    g_test_add_func("/read-queue/room-is-used-at-once", test_room_is_used_at_once);
    g_test_add_func("/read-queue/order-is-kept", test_order_is_kept);
    return g_test_run();
}
