/* The host of readers against readers that this test plays over the sockets: each message is answered exactly
 * once. */
#include "gateway/io/reader_host.h"

#include <string.h>
#include <unistd.h>

#include "gateway/io/ipc.h"
#include "gateway/io/log.h"

typedef struct {
    ReaderHost *host;
    int readers[2];  /* our ends; -1: none */
    json_t *answers; /* {"tag": the failure, or "" for lines} */
    guint n_answers;
} Fixture;

static void on_answer(json_t *result, GBytes *text, gpointer tag, gpointer user_data) {
    Fixture *fixture = user_data;
    const char *failure = json_string_value(json_object_get(result, "failure"));
    g_autofree char *key = g_strdup_printf("%d", GPOINTER_TO_INT(tag));
    json_object_set_new(fixture->answers, key, json_string(failure != NULL ? failure : ""));
    fixture->n_answers++;
}

static void attach(Fixture *fixture, int index) {
    int pair[2];
    g_assert_true(ipc_pair(pair, NULL));
    reader_host_attach(fixture->host, pair[0], false);
    fixture->readers[index] = pair[1];
}

static void leave(Fixture *fixture, int index) {
    close(fixture->readers[index]);
    fixture->readers[index] = -1;
    reader_host_dispatch(fixture->host);
}

static void submit(Fixture *fixture, int tag) {
    int memfd = ipc_memfd("mail", "x", 1, NULL);
    reader_host_submit(fixture->host, json_pack("{s:s}", "file", "x.eml"), memfd, GINT_TO_POINTER(tag));
}

/* The id of the next message at a reader. */
static gint64 next_message(Fixture *fixture, int index) {
    for (;;) {
        g_auto(IpcFrame) frame = {.fd = -1};
        g_assert_cmpint(ipc_receive(fixture->readers[index], &frame, 1000, NULL), ==, 1);
        if (frame.kind == IPC_FORMS)
            continue;
        g_assert_cmpint(frame.kind, ==, IPC_READ);
        g_assert_cmpint(frame.fd, >=, 0);
        return json_integer_value(json_object_get(frame.payload, "id"));
    }
}

static void say_text(Fixture *fixture, int index, gint64 id, const char *text) {
    json_t *result = json_pack("{s:I}", "id", (json_int_t)id);
    int memfd = ipc_memfd("answer", text, strlen(text), NULL);
    g_assert_true(ipc_send(fixture->readers[index], IPC_RESULT, result, memfd, 1000, NULL));
    close(memfd);
    json_decref(result);
    reader_host_dispatch(fixture->host);
}

static void say(Fixture *fixture, int index, gint64 id) {
    say_text(fixture, index, id,
             "{\"lines\":[{\"file\":\"x.eml\",\"kind\":\"unknown\",\"parts\":[],\"problems\":[]}]}");
}

static void assert_answer(const Fixture *fixture, const char *tag, const char *failure) {
    g_assert_cmpstr(json_string_value(json_object_get(fixture->answers, tag)), ==, failure);
}

static void set_up(Fixture *fixture, gconstpointer unused) {
    json_t *forms = json_object();
    fixture->answers = json_object();
    fixture->readers[0] = fixture->readers[1] = -1;
    fixture->host = reader_host_new(forms, on_answer, fixture);
    json_decref(forms);
}

static void tear_down(Fixture *fixture, gconstpointer unused) {
    reader_host_free(fixture->host);
    json_decref(fixture->answers);
    for (int i = 0; i < 2; i++)
        if (fixture->readers[i] >= 0)
            close(fixture->readers[i]);
}

static void test_flow(Fixture *fixture, gconstpointer unused) {
    submit(fixture, 1); /* before there is a reader: it waits */
    g_assert_true(reader_host_is_full(fixture->host));
    attach(fixture, 0);
    g_assert_false(reader_host_is_full(fixture->host));
    submit(fixture, 2);
    gint64 first = next_message(fixture, 0), second = next_message(fixture, 0);
    g_assert_cmpint(reader_host_timeout_ms(fixture->host), >, 0);
    say(fixture, 0, first);
    say(fixture, 0, second);
    assert_answer(fixture, "1", "");
    assert_answer(fixture, "2", "");
    g_assert_cmpuint(reader_host_pending(fixture->host), ==, 0);
    g_assert_cmpint(reader_host_timeout_ms(fixture->host), ==, -1);
}

static void assert_forms(Fixture *fixture, int index, int version) {
    g_auto(IpcFrame) frame = {.fd = -1};
    g_assert_cmpint(ipc_receive(fixture->readers[index], &frame, 1000, NULL), ==, 1);
    g_assert_cmpint(frame.kind, ==, IPC_FORMS);
    g_assert_cmpint(json_integer_value(json_object_get(frame.payload, "version")), ==, version);
}

/* Other forms reach every reader before its next message, a busy one when it has answered. */
static void test_new_forms(Fixture *fixture, gconstpointer unused) {
    int pair[2];
    attach(fixture, 0);
    g_assert_true(ipc_pair(pair, NULL));
    reader_host_attach(fixture->host, pair[0], true);
    fixture->readers[1] = pair[1];
    assert_forms(fixture, 0, 0);
    assert_forms(fixture, 1, 0);
    submit(fixture, 1);
    gint64 first = next_message(fixture, 0);
    json_t *forms = json_pack("{s:i}", "version", 2);
    reader_host_set_forms(fixture->host, forms);
    json_decref(forms);
    submit(fixture, 2);
    assert_forms(fixture, 1, 2);
    g_auto(IpcFrame) frame = {.fd = -1};
    g_assert_cmpint(ipc_receive(fixture->readers[0], &frame, 0, NULL), ==, 0);
    say(fixture, 0, first);
    assert_forms(fixture, 0, 2);
    say(fixture, 0, next_message(fixture, 0));
    assert_answer(fixture, "1", "");
    assert_answer(fixture, "2", "");
}

/* A second answer, or one to another message, comes from no reader of ours: it is dropped, the message read
 * elsewhere. */
static void test_answer_out_of_turn(Fixture *fixture, gconstpointer unused) {
    attach(fixture, 0);
    submit(fixture, 1);
    gint64 id = next_message(fixture, 0);
    say(fixture, 0, id + 1);
    g_assert_cmpuint(fixture->n_answers, ==, 0);
    attach(fixture, 1);
    say(fixture, 1, next_message(fixture, 1));
    assert_answer(fixture, "1", "");
    say(fixture, 1, id);
    g_assert_cmpuint(fixture->n_answers, ==, 1);
}

/* What breaks the rules costs its message, not the reader. */
static void test_broken_answers(Fixture *fixture, gconstpointer unused) {
    static const char *const ANSWERS[] = {
        "", "{\"lines\":[", "{\"lines\":[]}", "{\"lines\":[{\"file\":\"x.eml\",\"kind\":\"unknown\"}]}",
        "{\"lines\":[{\"file\":\"y.eml\",\"kind\":\"unknown\",\"parts\":[],\"problems\":[]}]}"};
    attach(fixture, 0);
    for (guint i = 0; i < G_N_ELEMENTS(ANSWERS); i++) {
        submit(fixture, (int)i);
        say_text(fixture, 0, next_message(fixture, 0), ANSWERS[i]);
        g_autofree char *tag = g_strdup_printf("%u", i);
        assert_answer(fixture, tag, "protocol");
    }
    submit(fixture, 9);
    say(fixture, 0, next_message(fixture, 0));
    assert_answer(fixture, "9", "");
}

/* Two readers that died over a message are enough; those queued behind it lose nothing. */
static void test_died_twice(Fixture *fixture, gconstpointer unused) {
    attach(fixture, 0);
    submit(fixture, 1);
    submit(fixture, 2);
    next_message(fixture, 0);
    leave(fixture, 0);
    g_assert_cmpuint(fixture->n_answers, ==, 0);
    attach(fixture, 0);
    next_message(fixture, 0);
    leave(fixture, 0);
    assert_answer(fixture, "1", "crash");
    attach(fixture, 0);
    say(fixture, 0, next_message(fixture, 0));
    assert_answer(fixture, "2", "");
    g_assert_cmpuint(fixture->n_answers, ==, 2);
}

/* Readers that are given up end the wait of all messages, but not before the last of them. */
static void test_given_up(Fixture *fixture, gconstpointer unused) {
    attach(fixture, 0);
    attach(fixture, 1);
    submit(fixture, 1);
    leave(fixture, 0);
    reader_host_attach(fixture->host, -1, false);
    g_assert_cmpuint(fixture->n_answers, ==, 0);
    leave(fixture, 1);
    submit(fixture, 2);
    reader_host_attach(fixture->host, -1, false);
    assert_answer(fixture, "1", "crash");
    assert_answer(fixture, "2", "crash");
    g_assert_cmpuint(reader_host_pending(fixture->host), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    log_init(NULL, LOG_ERROR);
    g_test_add("/reader-host/flow", Fixture, NULL, set_up, test_flow, tear_down);
    g_test_add("/reader-host/new-forms", Fixture, NULL, set_up, test_new_forms, tear_down);
    g_test_add("/reader-host/answer-out-of-turn", Fixture, NULL, set_up, test_answer_out_of_turn, tear_down);
    g_test_add("/reader-host/broken-answers", Fixture, NULL, set_up, test_broken_answers, tear_down);
    g_test_add("/reader-host/died-twice", Fixture, NULL, set_up, test_died_twice, tear_down);
    g_test_add("/reader-host/given-up", Fixture, NULL, set_up, test_given_up, tear_down);
    return g_test_run();
}
