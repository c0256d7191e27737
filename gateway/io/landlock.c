#include "gateway/io/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights younger than the kernel headers of Debian 12. */
#define FS_TRUNCATE           (1ULL << 14) /* ABI 3 */
#define FS_IOCTL_DEV          (1ULL << 15) /* ABI 5 */
#define NET_BIND_TCP          (1ULL << 0)  /* ABI 4 */
#define NET_CONNECT_TCP       (1ULL << 1)
#define SCOPE_ABSTRACT_SOCKET (1ULL << 0) /* ABI 6 */
#define SCOPE_SIGNAL          (1ULL << 1)

/* struct landlock_ruleset_attr of ABI 6; older kernels accept it as long as what they do not know is 0 */
typedef struct {
    guint64 handled_access_fs, handled_access_net, scoped;
} RulesetAttributes;

static const guint64 read_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const guint64 write_rights =
    LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER;
/* what a rule on a file, not a folder, may name */
static const guint64 file_rights =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE | FS_TRUNCATE;

int landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

static guint64 known_fs_rights(int abi) {
    guint64 rights =
        LANDLOCK_ACCESS_FS_MAKE_SYM | (LANDLOCK_ACCESS_FS_MAKE_SYM - 1); /* ABI 1: bits 0 to 12 */
    if (abi >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        rights |= FS_TRUNCATE;
    if (abi >= 5)
        rights |= FS_IOCTL_DEV;
    return rights;
}

static void set_error(GError **error, const char *what) {
    int code = errno;
    g_set_error(error, G_IO_ERROR, (int)g_io_error_from_errno(code), "landlock: %s: %s", what,
                g_strerror(code));
}

static bool add_rule(int ruleset, const LandlockRule *rule, guint64 known, GError **error) {
    int fd = open(rule->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return true; /* absent or out of reach: nothing to allow */
    struct stat status;
    guint64 rights = read_rights;
    if (rule->access == LANDLOCK_WRITE)
        rights |= write_rights;
    else if (rule->access == LANDLOCK_EXECUTE)
        rights |= LANDLOCK_ACCESS_FS_EXECUTE;
    if (fstat(fd, &status) != 0 || !S_ISDIR(status.st_mode))
        rights &= file_rights;
    struct landlock_path_beneath_attr attributes = {.allowed_access = rights & known, .parent_fd = fd};
    bool added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attributes, 0) == 0;
    if (!added)
        set_error(error, rule->path);
    close(fd);
    return added;
}

static bool restrict_self(int ruleset, const LandlockRule *rules, gsize n_rules, guint64 known,
                          GError **error) {
    for (gsize i = 0; i < n_rules; i++)
        if (!add_rule(ruleset, &rules[i], known, error))
            return false;
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) == 0)
        return true;
    set_error(error, "restrict");
    return false;
}

bool landlock_confine(const LandlockRule *rules, gsize n_rules, bool with_tcp, GError **error) {
    int abi = landlock_abi();
    if (abi == 0) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "this kernel has no Landlock");
        return false;
    }
    RulesetAttributes attributes = {.handled_access_fs = known_fs_rights(abi)};
    if (abi >= 4 && !with_tcp)
        attributes.handled_access_net = NET_BIND_TCP | NET_CONNECT_TCP;
    if (abi >= 6)
        attributes.scoped = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (ruleset < 0) {
        set_error(error, "ruleset");
        return false;
    }
    bool confined = restrict_self(ruleset, rules, n_rules, attributes.handled_access_fs, error);
    close(ruleset);
    return confined;
}
