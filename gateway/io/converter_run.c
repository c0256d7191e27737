#include "gateway/io/converter_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/io/clock.h"
#include "gateway/io/converter_folder.h"
#include "gateway/io/sandbox.h"

/* Measured with 7.4.7: 1.1 s of processor time to start, 0.05 s a document. */
enum { CPU_START_S = 3, FILES_A_CPU_SECOND = 4 };

/* Without a word of LibreOffice (it names each file that it has read), and without work, it hangs: the
 * machine may be so busy that it gets little of a processor, but one that hangs wakes up only now and then.
 * What works without end meets the limit of processor time. */
enum { SILENCE_START_MS = 20000, SILENCE_MS = 10000, WORK_MS = 200 };

/* A look that comes later than this was held up itself, and tells nothing about LibreOffice. */
enum { LOOK_MS_MAX = 200 };

/* Of its 215 MB resident memory 90 MB are data, the rest libraries; a document may take as much again twice.
 */
enum { DATA_BYTES = 288 << 20, ADDRESS_BYTES = 1536 << 20 };

/* How often is looked whether the last file is there. */
enum { LOOK_MS = 20 };

/* What one document may become. */
enum { OUTPUT_BYTES_MAX = 32 << 20 };

/* It opens libraries, registries, fonts, and a document at a time. */
enum { DESCRIPTORS = 256 };

/* A new profile ends its first start with one of these: it wants to be started again. */
enum { EXIT_RESTART_CRASH = 79, EXIT_RESTART = 81, RESTARTS_MAX = 3 };

/* Macros never run, links are never followed, nothing is asked. Values: Writer's LinkUpdateModes NEVER is 0,
 * Calc's ScLkUpdMode LM_NEVER is 1. */
static const char profile[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<oor:items xmlns:oor=\"http://openoffice.org/2001/registry\">\n"
    "<item oor:path=\"/org.openoffice.Office.Common/Misc\"><prop oor:name=\"FirstRun\" oor:op=\"fuse\">"
    "<value>false</value></prop></item>\n"
    "<item oor:path=\"/org.openoffice.Setup/Office\"><prop oor:name=\"ooSetupInstCompleted\" oor:op=\"fuse\">"
    "<value>true</value></prop></item>\n"
    "<item oor:path=\"/org.openoffice.Office.Common/Security/Scripting\">"
    "<prop oor:name=\"MacroSecurityLevel\" oor:op=\"fuse\"><value>3</value></prop>"
    "<prop oor:name=\"DisableMacrosExecution\" oor:op=\"fuse\"><value>true</value></prop>"
    "<prop oor:name=\"BlockUntrustedRefererLinks\" oor:op=\"fuse\"><value>true</value></prop></item>\n"
    "<item oor:path=\"/org.openoffice.Office.Writer/Content/Update\"><prop oor:name=\"Link\" oor:op=\"fuse\">"
    "<value>0</value></prop></item>\n"
    "<item oor:path=\"/org.openoffice.Office.Calc/Content/Update\"><prop oor:name=\"Link\" oor:op=\"fuse\">"
    "<value>1</value></prop></item>\n"
    "</oor:items>\n";

typedef enum { END_GOOD, END_RESTART, END_CRASH, END_TIMEOUT } End;

typedef struct {
    const ConverterPlace *place;
    ConverterFile *files;
    gint64 deadline_ms;
} Batch;

void converter_file_clear(ConverterFile *file) {
    g_clear_pointer(&file->result, g_bytes_unref);
}

/* ---- files ---- */

static char *path_of(const ConverterPlace *place, const char *folder, guint index, const char *ending) {
    return g_strdup_printf("%s/%s/%u.%s", place->folder, folder, index, ending);
}

static bool write_file(const char *path, const void *bytes, gsize length) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0;
    for (gsize done = 0; good && done < length;) {
        ssize_t n = write(fd, (const char *)bytes + done, length - done);
        good = n > 0 || (n < 0 && errno == EINTR);
        done += n > 0 ? (gsize)n : 0;
    }
    if (fd >= 0)
        close(fd);
    return good;
}

static bool prepare(const Batch *batch, guint n_files) {
    static const char *const folders[] = {"in", "out", "tmp", "profile", "profile/user"};
    converter_folder_clear(batch->place->folder, false);
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(batch->place->folder, folders[i], NULL);
        if (mkdir(path, 0700) != 0)
            return false;
    }
    for (guint i = 0; i < n_files; i++) {
        g_autofree char *path = path_of(batch->place, "in", i, batch->files[i].type);
        if (!write_file(path, batch->files[i].bytes, batch->files[i].length_bytes))
            return false;
    }
    g_autofree char *path =
        g_build_filename(batch->place->folder, "profile/user/registrymodifications.xcu", NULL);
    return write_file(path, profile, strlen(profile));
}

/* True where LibreOffice had not finished writing it: then its lock lies beside it. */
static bool is_being_written(const Batch *batch, guint index) {
    g_autofree char *lock =
        g_strdup_printf("%s/out/.~lock.%u.%s#", batch->place->folder, index, batch->files[index].target);
    return access(lock, F_OK) == 0;
}

/* Takes what became of a file; false where there is nothing yet. */
static bool take_result(const Batch *batch, guint index) {
    ConverterFile *file = &batch->files[index];
    g_autofree char *path = path_of(batch->place, "out", index, file->target);
    struct stat status;
    int fd = is_being_written(batch, index) ? -1 : open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool found = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
    if (found && status.st_size <= OUTPUT_BYTES_MAX) {
        char *bytes = g_malloc((gsize)status.st_size);
        if (pread(fd, bytes, (size_t)status.st_size, 0) == status.st_size)
            file->result = g_bytes_new_take(g_steal_pointer(&bytes), (gsize)status.st_size);
        g_free(bytes);
    } else if (found) {
        file->failure = "limit";
    }
    close(fd);
    return file->result != NULL || file->failure != NULL;
}

/* ---- the program ---- */

static G_NORETURN void become_office(const ConverterPlace *place, char *const *argv, char *const *environment,
                                     int output, rlim_t cpu_s, pid_t parent) {
    const struct {
        int resource;
        struct rlimit limit;
    } bounds[] = {
        {RLIMIT_CPU, {cpu_s, cpu_s}},
        {RLIMIT_DATA, {DATA_BYTES, DATA_BYTES}},
        {RLIMIT_AS, {ADDRESS_BYTES, ADDRESS_BYTES}},
        {RLIMIT_FSIZE, {OUTPUT_BYTES_MAX + 1, OUTPUT_BYTES_MAX + 1}},
        {RLIMIT_NOFILE, {DESCRIPTORS, DESCRIPTORS}},
        {RLIMIT_CORE, {0, 0}},
    };
    setpgid(0, 0);
    bool ready = sandbox_die_with_parent(parent) && chdir(place->folder) == 0;
    ready = ready && dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0 &&
            close_range(STDERR_FILENO + 1, ~0u, 0) == 0;
    for (gsize i = 0; ready && i < G_N_ELEMENTS(bounds); i++)
        ready = setrlimit((__rlimit_resource_t)bounds[i].resource, &bounds[i].limit) == 0;
    if (ready && (place->filter == NULL || seccomp_filter_install(place->filter)))
        execve(place->program, argv, environment);
    _exit(1);
}

/* It takes the files in their order, and writes each beside its place before it renames it. */
static bool has_last(const Batch *batch, guint last) {
    g_autofree char *path = path_of(batch->place, "out", last, batch->files[last].target);
    return access(path, F_OK) == 0 && !is_being_written(batch, last);
}

typedef struct {
    gint64 silent_ms, allowed_ms; /* without a sign of life; how long that may last */
    gint64 looked_ms, worked_ms;  /* last look; processor time when it last gave a sign */
} Silence;

/* Whether it has been silent for too long, seen from one look to the next. */
static bool is_hanging(Silence *silence, pid_t pid, bool has_spoken) {
    gint64 now_ms = clock_monotonic_ms(), worked_ms = clock_processor_ms(pid);
    silence->silent_ms += MIN(now_ms - silence->looked_ms, LOOK_MS_MAX);
    silence->looked_ms = now_ms;
    if (has_spoken)
        silence->allowed_ms = SILENCE_MS;
    if (has_spoken || worked_ms - silence->worked_ms >= WORK_MS) {
        silence->silent_ms = 0;
        silence->worked_ms = worked_ms;
    }
    return silence->silent_ms >= silence->allowed_ms;
}

/* Waits for the end, as long as it gives signs of life; or for the last file, since its own end takes up to a
 * second more. */
static End wait_for_end(const Batch *batch, pid_t pid, int output, guint last) {
    Silence silence = {.allowed_ms = SILENCE_START_MS, .looked_ms = clock_monotonic_ms()};
    bool is_late = false, is_done = false;
    char said[512];
    while (!is_late && !is_done) {
        struct pollfd poll_fd = {.fd = output, .events = POLLIN};
        int ready = poll(&poll_fd, 1, LOOK_MS);
        ssize_t n = ready > 0 ? read(output, said, sizeof said) : -1;
        if (n == 0 || (ready > 0 && n < 0 && errno != EINTR))
            break;
        is_done = has_last(batch, last);
        is_late = is_hanging(&silence, pid, n > 0) || clock_left_ms(batch->deadline_ms) == 0;
    }
    int status = 0;
    kill(-pid, SIGKILL); /* its output is closed: it has ended, or does nothing more that counts */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (is_done)
        return END_GOOD;
    if (is_late || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
        return END_TIMEOUT;
    if (!WIFEXITED(status))
        return END_CRASH;
    int code = WEXITSTATUS(status);
    return code == EXIT_RESTART || code == EXIT_RESTART_CRASH ? END_RESTART
           : code <= 1                                        ? END_GOOD
                                                              : END_CRASH;
}

static End start(const Batch *batch, GPtrArray *argv, const GArray *indices) {
    const ConverterPlace *place = batch->place;
    g_autofree char *home = g_strconcat("HOME=", place->folder, "/tmp", NULL);
    g_autofree char *tmp = g_strconcat("TMPDIR=", place->folder, "/tmp", NULL);
    g_autofree char *cache = g_strconcat("XDG_CACHE_HOME=", place->folder, "/tmp", NULL);
    g_autofree char *config = g_strconcat("XDG_CONFIG_HOME=", place->folder, "/tmp", NULL);
    char *environment[] = {home,
                           tmp,
                           cache,
                           config,
                           (char *)"PATH=/usr/bin:/bin",
                           (char *)"LC_ALL=C.UTF-8",
                           (char *)"SAL_USE_VCLPLUGIN=svp",
                           (char *)"SAL_DISABLE_OPENCL=1",
                           NULL};
    int output[2];
    if (pipe2(output, O_CLOEXEC) != 0)
        return END_CRASH;
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become_office(place, (char *const *)argv->pdata, environment, output[1],
                      CPU_START_S + indices->len / FILES_A_CPU_SECOND, parent);
    close(output[1]);
    End end = pid > 0 ? wait_for_end(batch, pid, output[0], g_array_index(indices, guint, indices->len - 1))
                      : END_CRASH;
    close(output[0]);
    return end;
}

/* One start of LibreOffice over some files, all with one target; again where it wants to be started again. */
static End convert(const Batch *batch, const GArray *indices, const char *target) {
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    const char *const words[] = {batch->place->program, "--headless",   "--norestore", "--nologo",
                                 "--nodefault",         "--nolockcheck"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        g_ptr_array_add(argv, g_strdup(words[i]));
    g_ptr_array_add(argv, g_strdup_printf("-env:UserInstallation=file://%s/profile", batch->place->folder));
    g_ptr_array_add(argv, g_strdup("--convert-to"));
    g_ptr_array_add(argv, g_strdup(target));
    g_ptr_array_add(argv, g_strdup("--outdir"));
    g_ptr_array_add(argv, g_build_filename(batch->place->folder, "out", NULL));
    for (guint i = 0; i < indices->len; i++) {
        guint index = g_array_index(indices, guint, i);
        g_ptr_array_add(argv, path_of(batch->place, "in", index, batch->files[index].type));
    }
    g_ptr_array_add(argv, NULL);
    End end = END_RESTART;
    for (guint tries = 0; end == END_RESTART && tries < RESTARTS_MAX; tries++)
        end = start(batch, argv, indices);
    return end;
}

/* ---- a batch ---- */

/* Takes what there is of some files and drops them from the list. */
static void take_results(const Batch *batch, GArray *indices) {
    for (guint i = 0; i < indices->len;)
        if (take_result(batch, g_array_index(indices, guint, i)))
            g_array_remove_index(indices, i);
        else
            i++;
}

static void fail(const Batch *batch, const GArray *indices, const char *failure) {
    for (guint i = 0; i < indices->len; i++)
        batch->files[g_array_index(indices, guint, i)].failure = failure;
}

/* Converts the files of a list; those that LibreOffice died of go to suspects (NULL: they have failed). */
static void convert_list(const Batch *batch, GArray *indices, const char *target, GArray *suspects) {
    while (indices->len > 0 && clock_left_ms(batch->deadline_ms) > 0) {
        End end = convert(batch, indices, target);
        take_results(batch, indices);
        if (indices->len == 0)
            return;
        if (end == END_GOOD) {
            fail(batch, indices, "refused");
            return;
        }
        guint suspect = g_array_index(indices, guint, 0); /* it takes them in their order */
        g_array_remove_index(indices, 0);
        if (suspects != NULL)
            g_array_append_val(suspects, suspect);
        else
            batch->files[suspect].failure = end == END_TIMEOUT ? "timeout" : "crash";
        g_autofree char *partial = path_of(batch->place, "out", suspect, target);
        g_autofree char *lock =
            g_strdup_printf("%s/out/.~lock.%u.%s#", batch->place->folder, suspect, target);
        unlink(partial);
        unlink(lock);
    }
    fail(batch, indices, "timeout");
}

static void convert_target(const Batch *batch, guint n_files, const char *target) {
    g_autoptr(GArray) indices = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) suspects = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < n_files; i++)
        if (strcmp(batch->files[i].target, target) == 0)
            g_array_append_val(indices, i);
    bool was_alone = indices->len == 1;
    convert_list(batch, indices, target, was_alone ? NULL : suspects);
    for (guint i = 0; i < suspects->len; i++) {
        g_autoptr(GArray) alone = g_array_new(FALSE, FALSE, sizeof(guint));
        g_array_append_val(alone, g_array_index(suspects, guint, i));
        convert_list(batch, alone, target, NULL);
    }
}

void converter_run(const ConverterPlace *place, ConverterFile *files, guint n_files) {
    static const char *const targets[] = {"docx", "xlsx"};
    const Batch batch = {place, files, clock_monotonic_ms() + CONVERTER_BATCH_MS};
    bool is_prepared = prepare(&batch, n_files);
    for (gsize t = 0; is_prepared && t < G_N_ELEMENTS(targets); t++)
        convert_target(&batch, n_files, targets[t]);
    for (guint i = 0; i < n_files; i++)
        if (files[i].result == NULL && files[i].failure == NULL)
            files[i].failure = "crash";
    converter_folder_clear(place->folder, false);
}
