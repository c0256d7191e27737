"""Server packages, unpacked and not installed.

`unpack("dovecot")` downloads the Debian packages of a mail server, with the libraries that this machine lacks, into a cache
and unpacks them below it with `dpkg -x`. Nothing is installed, no maintainer script runs, no system service is started, and
no privilege is needed. Paths that a program has compiled in are replaced in the unpacked copy by paths of the same length:
Dovecot's library folder by a symbolic link in /tmp that leads to the copy, Exim's user and group by ones that exist everywhere.
"""
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))

# What is asked for; apt adds what those packages need and this machine has not.
PACKAGES = {
    "dovecot": ["dovecot-core", "dovecot-imapd", "dovecot-lmtpd"],
    "exim": ["exim4-base", "exim4-daemon-light"],
    "postfix": ["postfix"],
    "courier": ["courier-imap", "courier-base"],
}
# Depended upon by package policy only, of no use to a private server.
UNUSED = {"exim4-config", "cpio", "courier-authdaemon", "courier-authlib-userdb", "gnutls-bin"}
UNUSED_WITH_COURIER = {"exim4-base", "exim4-daemon-light"}


class Unavailable(Exception):
    """This machine cannot run the server; the text says why. A test prints it and skips."""


def run_user():
    """The account that servers run under: `nobody` for root (mail servers refuse root), else whoever calls."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _reachable(path):
    """Whether the account that servers run under may enter every folder down to path."""
    if os.geteuid() != 0:
        return True
    while True:
        if os.path.exists(path) and not os.stat(path).st_mode & 0o001:
            return False
        if path == "/":
            return True
        path = os.path.dirname(path)


def work_folder(path):
    """Creates path, owned by run_user(). Where that account cannot reach it (a checkout below /root), path becomes a
    symbolic link to a folder in /tmp. Returns the folder's real path."""
    path = os.path.abspath(path)
    if not os.path.exists(path):
        if _reachable(os.path.dirname(path)):
            os.makedirs(path)
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            real = tempfile.mkdtemp(prefix="fortnight-servers-")
            os.chmod(real, 0o755)
            os.symlink(real, path)
    path = os.path.realpath(path)
    if os.geteuid() == 0:
        os.chown(path, run_user().pw_uid, run_user().pw_gid)
    return path


def _cache():
    return work_folder(os.path.join(TOP, "build", "servers"))


def _apt(command, options, arguments, cwd=None):
    if os.geteuid() == 0:
        options = options + ["-o", "APT::Sandbox::User=root"]
    return subprocess.run([command, "-q", *options, *arguments], cwd=cwd, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"})


def _private_lists(cache):
    """Package lists of our own, for a machine whose lists were removed (most container images)."""
    state = os.path.join(cache, "apt")
    for folder in ("lists/partial", "cache/archives/partial"):
        os.makedirs(os.path.join(state, folder), exist_ok=True)
    options = ["-o", "Dir::State::Lists=%s/lists" % state, "-o", "Dir::Cache=%s/cache" % state]
    if not os.path.exists(os.path.join(state, "done")):
        result = _apt("apt-get", options, ["update"])
        if result.returncode:
            raise Unavailable("no package lists: " + result.stderr.strip().split("\n")[-1])
        open(os.path.join(state, "done"), "w").close()
    return options


def _closure(name, options):
    """The server's packages and those that it needs and this machine has not; None if apt does not know them."""
    wanted = PACKAGES[name]
    result = _apt("apt-get", options, ["-s", "install", "--no-install-recommends", *wanted])
    if result.returncode:
        return None
    needed = [line.split()[1] for line in result.stdout.split("\n") if line.startswith("Inst ")]
    unused = UNUSED | (UNUSED_WITH_COURIER if name == "courier" else set())
    return sorted((set(needed) | set(wanted)) - unused)


def _download(name, cache):
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Unavailable("not a Debian system: apt-get and dpkg are needed to fetch " + name)
    folder = os.path.join(cache, "debs", name)
    stamp = os.path.join(folder, "complete")
    if not os.path.exists(stamp):
        os.makedirs(folder, exist_ok=True)
        options = []
        packages = _closure(name, options)
        if packages is None:
            options = _private_lists(cache)
            packages = _closure(name, options)
        if packages is None:
            raise Unavailable("the package lists do not have " + " ".join(PACKAGES[name]))
        result = _apt("apt-get", options, ["download", *packages], cwd=folder)
        if result.returncode:
            raise Unavailable("download of %s: %s" % (name, result.stderr.strip().split("\n")[-1]))
        open(stamp, "w").close()
    return sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".deb"))


def _replace_in_programs(root, replacements):
    """Replaces byte strings by others of the same length in every ELF file below root."""
    for folder, _, files in os.walk(root):
        for path in (os.path.join(folder, f) for f in files):
            if os.path.islink(path):
                continue
            with open(path, "rb") as f:
                data = f.read()
            changed = data
            if data.startswith(b"\x7fELF"):
                for old, new in replacements:
                    assert len(old) == len(new)
                    changed = changed.replace(old, new)
            if changed is not data and changed != data:
                with open(path, "wb") as f:
                    f.write(changed)


def _alias(root):
    """A path of 16 bytes that leads into root, and is ours."""
    path = "/tmp/fn-" + hashlib.sha256(root.encode()).hexdigest()[:8]
    for link, target in ((path, "usr/lib/dovecot"), (path + "c", "usr/bin/doveconf")):
        target = os.path.join(root, target)
        if not os.path.islink(link):
            os.symlink(target, link)
        if os.readlink(link) != target or os.lstat(link).st_uid not in (os.geteuid(), 0):
            raise Unavailable("%s exists and is not ours" % link)
    return path.encode()


def _adapt(name, root):
    if name == "dovecot":
        alias = _alias(root)
        _replace_in_programs(root, [(b"/usr/lib/dovecot", alias), (b"/usr/bin/doveconf", alias + b"c")])
    elif name == "exim":
        _replace_in_programs(root, [(b"Debian-exim\0", b"daemon".ljust(12, b"\0"))])


def unpack(name):
    """The folder below which the server's packages are unpacked, ready to run. Raises Unavailable."""
    cache = _cache()
    with open(os.path.join(cache, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root = os.path.join(cache, "root", name)
        if not os.path.exists(os.path.join(root, "ready")):
            shutil.rmtree(root, ignore_errors=True)
            os.makedirs(root)
            for package in _download(name, cache):
                result = subprocess.run(["dpkg", "-x", package, root], capture_output=True, text=True)
                if result.returncode:
                    raise Unavailable(result.stderr.strip())
            _adapt(name, root)
            open(os.path.join(root, "ready"), "w").close()
        elif name == "dovecot":
            _alias(root)  # /tmp may have been emptied since
    return root


def library_path(root):
    """LD_LIBRARY_PATH for a program from root."""
    found = set()
    for folder, _, files in os.walk(os.path.join(root, "usr", "lib")):
        if any(".so" in f for f in files) and not os.path.relpath(folder, root).count("modules"):
            found.add(folder)
    for folder in ("lib", "lib/x86_64-linux-gnu"):
        if os.path.isdir(os.path.join(root, folder)):
            found.add(os.path.join(root, folder))
    return ":".join(sorted(found))
