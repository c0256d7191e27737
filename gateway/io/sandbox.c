#include "gateway/io/sandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <gio/gio.h>
#include <iconv.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/io/landlock.h"
#include "gateway/io/log.h"

/* Everybody: time zones, locale, character sets. */
static const char *const common_files[] = {
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/usr/lib/locale",
    "/usr/share/locale",
    "/dev/null",
    "/dev/urandom",
    NULL,
};

/* PDF: character maps and fonts, opened by poppler and fontconfig only while reading. */
static const char *const document_files[] = {
    "/usr/share/poppler",
    "/etc/fonts",
    "/usr/share/fontconfig",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/var/cache/fontconfig",
    NULL,
};

/* Names, certificates, and the libraries that the resolver and GnuTLS load when first used. */
static const char *const network_files[] = {
    "/etc/resolv.conf",
    "/run/systemd/resolve",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/passwd",
    "/etc/ssl",
    "/etc/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/etc/gnutls",
    "/etc/pkcs11",
    "/usr/share/p11-kit",
    "/etc/ld.so.cache",
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    NULL,
};

/* What LibreOffice is made of; where it lies is added by who starts it. No /etc as a whole: passwords may lie
 * there. */
static const char *const office_files[] = {
    "/etc/ld.so.cache",
    "/etc/libreoffice",
    "/etc/fonts",
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share",
    "/usr/local/share/fonts",
    "/var/cache/fontconfig",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    NULL,
};

static const struct {
    const char *name;
    SeccompProfile filter;
    const char *const *readable;
    bool with_tcp;
    bool holds_secret; /* not even another process of the same user may look into it */
} roles[] = {
    [SANDBOX_FETCHER] = {"fetcher", SECCOMP_NETWORK, network_files, true, true},
    [SANDBOX_SENDER] = {"sender", SECCOMP_NETWORK, network_files, true, true},
    [SANDBOX_KEEPER] = {"keeper", SECCOMP_LOCAL, document_files, false, false},
    [SANDBOX_READER] = {"reader", SECCOMP_READER, document_files, false, false},
    [SANDBOX_CONVERTER] = {"converter", SECCOMP_CONVERTER, office_files, false, false},
};

#ifdef FORTNIGHT_SANITIZER
static const bool is_confined = false;
#else
static const bool is_confined = true;
#endif

static void add_rules(GArray *rules, const char *const *paths, LandlockAccess access) {
    for (; paths != NULL && *paths != NULL; paths++) {
        LandlockRule rule = {*paths, access};
        g_array_append_val(rules, rule);
    }
}

/* The folder of iconv's modules lies beside libc, whatever the architecture. */
static char *gconv_folder(void) {
    Dl_info info;
    if (dladdr((void *)iconv_open, &info) == 0 || info.dli_fname == NULL)
        return NULL;
    g_autofree char *folder = g_path_get_dirname(info.dli_fname);
    return g_build_filename(folder, "gconv", NULL);
}

static bool confine_files(SandboxRole role, const SandboxPaths *paths, GError **error) {
    g_autoptr(GArray) rules = g_array_new(FALSE, FALSE, sizeof(LandlockRule));
    g_autofree char *gconv = gconv_folder();
    add_rules(rules, common_files, LANDLOCK_READ);
    add_rules(rules, roles[role].readable, LANDLOCK_READ);
    add_rules(rules, (const char *const[]){gconv, NULL}, LANDLOCK_READ);
    if (paths != NULL) {
        add_rules(rules, paths->readable, LANDLOCK_READ);
        add_rules(rules, paths->writable, LANDLOCK_WRITE);
        add_rules(rules, paths->executable, LANDLOCK_EXECUTE);
    }
    g_autoptr(GError) fault = NULL;
    if (landlock_confine((const LandlockRule *)(void *)rules->data, rules->len, roles[role].with_tcp, &fault))
        return true;
    if (g_error_matches(fault, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED)) {
        log_event(LOG_INFO, "sandbox.incomplete", LOG_TEXT("missing", "landlock"));
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
}

static bool confine_calls(SeccompProfile profile, GError **error) {
    g_autoptr(SeccompFilter) filter = seccomp_filter_new(profile, error);
    if (filter == NULL)
        return false;
    if (seccomp_filter_install(filter))
        return true;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "seccomp: %s", g_strerror(errno));
    return false;
}

bool sandbox_apply(SandboxRole role, const SandboxPaths *paths, GError **error) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "sandbox: %s", g_strerror(errno));
        return false;
    }
    if (!is_confined)
        return true;
    if (roles[role].holds_secret)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    int abi = landlock_abi(); /* afterwards the filter hides it */
    if (!confine_files(role, paths, error) || !confine_calls(roles[role].filter, error)) {
        g_prefix_error(error, "%s: ", roles[role].name);
        return false;
    }
    log_event(LOG_DEBUG, "sandbox.applied", LOG_NUMBER("landlock", abi));
    return true;
}

bool sandbox_is_complete(void) {
    return landlock_abi() > 0 && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

bool sandbox_die_with_parent(int parent_pid) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent_pid;
}

static bool compile_filter(SeccompProfile profile, SeccompFilter **ret_filter, GError **error) {
    SeccompFilter *filter = is_confined ? seccomp_filter_new(profile, error) : NULL;
    if (is_confined && filter == NULL)
        return false;
    *ret_filter = filter;
    return true;
}

bool sandbox_child_filter(SeccompFilter **ret_filter, GError **error) {
    return compile_filter(landlock_abi() > 0 ? SECCOMP_READER_CHILD : SECCOMP_READER_BLIND, ret_filter,
                          error);
}

bool sandbox_office_filter(SeccompFilter **ret_filter, GError **error) {
    return compile_filter(SECCOMP_OFFICE, ret_filter, error);
}

bool sandbox_enter_child(const SandboxLimits *limits, const SeccompFilter *filter) {
    const struct {
        int resource;
        struct rlimit limit;
    } bounds[] = {
        {RLIMIT_CPU, {limits->cpu_s, limits->cpu_s + 1}},
        {RLIMIT_NPROC, {0, 0}},
        {RLIMIT_FSIZE, {limits->file_bytes, limits->file_bytes}},
        {RLIMIT_NOFILE, {32, 32}}, /* a font, a character map, a gconv module at a time */
        {RLIMIT_DATA, {limits->memory_bytes, limits->memory_bytes}},
        {RLIMIT_AS, {SANDBOX_ADDRESS_BYTES, SANDBOX_ADDRESS_BYTES}},
    };
    /* a sanitizer's shadow memory is larger than any limit on memory */
    gsize n_bounds = is_confined ? G_N_ELEMENTS(bounds) : G_N_ELEMENTS(bounds) - 2;
    for (gsize i = 0; i < n_bounds; i++)
        if (setrlimit((__rlimit_resource_t)bounds[i].resource, &bounds[i].limit) != 0)
            return false;
    return filter == NULL || seccomp_filter_install(filter);
}
