#!/usr/bin/env python3
"""Private mail servers on loopback: real Dovecot, Exim, Postfix and Courier, in one folder, without installation.

    with Dovecot(folder, {"gateway": "secret"}) as imap, Exim(folder, lmtp_port=imap.lmtp_port) as mta:
        ...  # imap.port, imap.tls_port, imap.lmtp_port, mta.port, mta.tls_port, imap.ca_file

As a program, for a demonstration:

    servers.py start DIR [--imap dovecot] [--mta exim|postfix|none] [--user NAME=PASSWORD]...   prints ports as JSON
    servers.py stop DIR

Everything listens on 127.0.0.1 only, on ports that were free. Logs stay in the folder. Only processes started here are
stopped, by their number. A server that cannot run on this machine raises Unavailable with the reason.
"""
import argparse
import grp
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

from certificates import make_certificates
from unpack import Unavailable, library_path, run_user, unpack, work_folder

__all__ = ["Courier", "Dovecot", "Exim", "Postfix", "Unavailable", "free_ports"]

READY_S = 20  # a loaded machine needs seconds to start Dovecot's processes
STOP_S = 10
TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "conf")


def free_ports(count):
    """Loopback TCP ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def _start_time(pid):
    """The kernel's start time of a process: with the number, it names one process for ever. None if there is none."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _descendants(pid):
    """[(number, start time)] of the processes that pid has started, directly or not."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name) as f:
                children.setdefault(int(f.read().rpartition(")")[2].split()[1]), []).append(int(name))
        except OSError:
            pass  # gone meanwhile
    found, todo = [], [pid]
    while todo:
        todo += children.get(todo[0], [])
        found += children.get(todo.pop(0), [])
    return [(child, _start_time(child)) for child in found]


def stop_tree(pid, started):
    """Ends a server and whatever it has started: its sessions would outlive it for a while."""
    children = _descendants(pid) if _start_time(pid) == started else []
    stop_process(pid, started)
    for child in children:
        stop_process(*child)


def stop_process(pid, started):
    """Ends the process that was started as pid at that time: SIGTERM, then SIGKILL after STOP_S."""
    if started is None:
        return
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if _start_time(pid) != started:
            return
        os.kill(pid, sign)
        end = time.monotonic() + STOP_S
        while time.monotonic() < end:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
            if _start_time(pid) != started:
                return
            time.sleep(0.02)


def greeting(port, first, alive, timeout_s=READY_S):
    """Waits until the server on port greets with a line that starts with first, while alive(); returns that line or None."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end and alive():
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as s:
                line = s.makefile("rb").readline()
                # Dovecot may apologise for a service that still starts, in a line that looks like a greeting
                if line.startswith(first) and b"Waiting for" not in line:
                    return line.decode("utf-8", "replace").strip()
        except OSError:
            pass
        time.sleep(0.05)
    return None


def fill_maildir(path, messages, owner, above=()):
    """Puts messages into path/new, for the account owner; above: folders on the way that may be new too."""
    folders = [os.path.join(path, name) for name in ("cur", "new", "tmp")]
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    stamp = "%d.P%dQ%%06d.test" % (time.time(), os.getpid() + len(os.listdir(folders[1])))
    made = [os.path.join(path, "new", stamp % i) for i in range(len(messages))]
    for name, message in zip(made, messages):
        with open(name, "wb") as f:
            f.write(message)
    if os.geteuid() == 0:
        for name in [*above, path, *folders, *made]:
            os.chown(name, owner.pw_uid, owner.pw_gid)


class Server:
    """One server: a folder, processes, ports. `name` is the folder's and the package group's name."""

    name = ""
    detached = False  # whether it outlives the process group of whoever started it

    def __init__(self, folder):
        self.root = unpack(self.name)
        certificates = work_folder(os.path.join(folder, "certificates"))
        make_certificates(certificates)
        self.certificates = certificates
        self.ca_file = os.path.join(certificates, "ca.pem")
        self.dir = work_folder(os.path.join(folder, self.name))
        self.user = run_user()
        self.processes = []  # (pid, start time)

    def template(self, source, target, **values):
        """Writes conf/SOURCE with each @NAME@ replaced."""
        with open(os.path.join(TEMPLATES, source)) as f:
            text = f.read()
        for key, value in values.items():
            text = text.replace("@%s@" % key.upper(), str(value))
        path = os.path.join(self.dir, target)
        with open(path, "w") as f:
            f.write(text)
        return path

    def folders(self, *names):
        for name in names:
            path = os.path.join(self.dir, name)
            os.makedirs(path, exist_ok=True)
            if os.geteuid() == 0:
                os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def environment(self):
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "LD_LIBRARY_PATH": library_path(self.root)}

    def launch(self, *command, privileged=False, **more):
        account = {}
        if os.geteuid() == 0 and not privileged:
            account = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        environment = {**self.environment(), **more}
        with open(os.path.join(self.dir, "output.log"), "ab") as log:
            child = subprocess.Popen(command, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     env=environment, start_new_session=self.detached, **account)
        child.returncode = 0  # stop_process() waits for it, not Popen
        self.processes.append((child.pid, _start_time(child.pid)))
        return child.pid

    def wait(self, port, first):
        pid, started = self.processes[-1]

        def alive():
            return started and _start_time(pid) == started
        if not greeting(port, first, alive):
            logs = [os.path.join(self.dir, f) for f in os.listdir(self.dir) if f.endswith(".log")]
            tail = "".join(open(f, errors="replace").read()[-600:] for f in logs)
            self.stop()
            raise Unavailable("%s does not answer on port %d: %s" % (self.name, port, tail.strip()))

    def stop(self):
        for pid, started in reversed(self.processes):
            stop_tree(pid, started)
        self.processes = []

    def describe(self):
        """What a client needs, for JSON."""
        keys = ("port", "tls_port", "lmtp_port", "ca_file", "dir", "users")
        return {k: getattr(self, k) for k in keys if hasattr(self, k)}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.stop()


class Dovecot(Server):
    """IMAP (plain and STARTTLS on port, TLS on tls_port) and LMTP on lmtp_port. Mail arrives for any name before the @;
    those in users (name: password) can log in. certificate: a kind of certificates.py."""

    name = "dovecot"

    def __init__(self, folder, users, certificate="good"):
        super().__init__(folder)
        self.users = dict(users)
        self.port, self.tls_port, self.lmtp_port = free_ports(3)
        self.certificate = certificate

    def start(self):
        self.folders("run", "state", "mail")
        with open(os.path.join(self.dir, "passwd"), "w") as f:
            f.writelines("%s:{PLAIN}%s\n" % user for user in self.users.items())
        kind = os.path.join(self.certificates, self.certificate)
        conf = self.template("dovecot.conf", "dovecot.conf", dir=self.dir, user=self.user.pw_name,
                             group=grp.getgrgid(self.user.pw_gid).gr_name, port=self.port, tls_port=self.tls_port,
                             lmtp_port=self.lmtp_port, cert=kind + ".pem", key=kind + ".key",
                             libexec=os.path.join(self.root, "usr/lib/dovecot"))
        self.launch(os.path.join(self.root, "usr/sbin/dovecot"), "-F", "-c", conf)
        self.wait(self.port, b"* OK")
        self.wait(self.lmtp_port, b"220")

    def maildir(self, user, folder=None):
        """The user's Maildir: files may be read from cur and new, and dropped into new."""
        path = os.path.join(self.dir, "mail", user, "Maildir")
        return path if folder is None else os.path.join(path, "." + folder)

    def deliver(self, user, messages, folder=None):
        """Drops messages (bytes) into the user's Maildir as a delivery agent would, without LMTP: for large mailboxes."""
        fill_maildir(self.maildir(user, folder), messages, self.user, [os.path.join(self.dir, "mail", user), self.maildir(user)])


class Exim(Server):
    """SMTP with STARTTLS on port, TLS on tls_port; AUTH PLAIN and LOGIN for users. Every recipient is accepted and delivered
    to lmtp_port, except local parts `nosuch` (550), `greylist` (451) and `overquota` (552)."""

    name = "exim"

    def __init__(self, folder, lmtp_port, users=None, certificate="good"):
        super().__init__(folder)
        self.users = dict(users or {"gateway": "secret"})
        self.port, self.tls_port = free_ports(2)
        self.forward_port, self.certificate = lmtp_port, certificate

    def start(self):
        self.folders("spool", "log")
        kind = os.path.join(self.certificates, self.certificate)
        # a copy without set-user-ID; the name is what Exim starts for each delivery
        binary = os.path.join(self.dir, "exim")
        shutil.copyfile(os.path.join(self.root, "usr/sbin/exim4"), binary)
        os.chmod(binary, 0o755)
        with open(os.path.join(self.dir, "passwd"), "w") as f:
            f.writelines("%s: %s\n" % user for user in self.users.items())
        conf = self.template("exim.conf", "exim.conf", dir=self.dir, binary=binary, user=self.user.pw_name,
                             group=grp.getgrgid(self.user.pw_gid).gr_name, port=self.port, tls_port=self.tls_port,
                             lmtp_port=self.forward_port, cert=kind + ".pem", key=kind + ".key")
        os.chmod(conf, 0o644)
        self.launch(binary, "-C", conf, "-bdf", "-q1m")
        self.wait(self.port, b"220")


class Courier(Server):
    """IMAP on port, without TLS and without login: it greets with PREAUTH for the one Maildir that it has, as user `gateway`."""

    name = "courier"

    def __init__(self, folder):
        super().__init__(folder)
        self.port, = free_ports(1)

    def start(self):
        self.folders("Maildir", "Maildir/new", "Maildir/cur", "Maildir/tmp")
        script = self.template("courier.sh", "courier.sh", dir=self.dir, root=self.root)
        os.chmod(script, 0o755)
        self.launch(os.path.join(self.root, "usr/sbin/couriertcpd"), "-address=127.0.0.1", "-nodnslookup", "-noidentlookup",
                    str(self.port), script)
        self.wait(self.port, b"* ")

    def deliver(self, messages):
        fill_maildir(os.path.join(self.dir, "Maildir"), messages, self.user)


class Postfix(Server):
    """Like Exim, with Postfix, and without AUTH (mail is taken from this machine). Needs root: its master starts processes under
    several accounts."""

    name = "postfix"

    def __init__(self, folder, lmtp_port, users=None, certificate="good"):
        if os.geteuid() != 0:
            raise Unavailable("Postfix runs as root only")
        super().__init__(folder)
        self.users = dict(users or {})
        self.port, self.tls_port = free_ports(2)
        self.forward_port, self.certificate = lmtp_port, certificate

    def environment(self):
        return {**super().environment(), "MAIL_CONFIG": os.path.join(self.dir, "etc")}

    def start(self):
        for name in ("etc", "queue", "data"):
            os.makedirs(os.path.join(self.dir, name), exist_ok=True)
        os.chown(self.dir, 0, 0)  # it refuses folders of others
        os.chown(os.path.join(self.dir, "data"), self.owner().pw_uid, -1)
        kind = os.path.join(self.certificates, self.certificate)
        self.template("postfix-main.cf", "etc/main.cf", dir=self.dir, root=self.root, owner=self.owner().pw_name,
                      lmtp_port=self.forward_port, cert=kind + ".pem", key=kind + ".key")
        self.template("postfix-master.cf", "etc/master.cf", port=self.port, tls_port=self.tls_port)
        binary = os.path.join(self.root, "usr/lib/postfix/sbin")
        self.make_queue()
        self.launch(os.path.join(binary, "master"), "-s", "-c", os.path.join(self.dir, "etc"), privileged=True)
        self.wait(self.port, b"220")

    @staticmethod
    def owner():
        """An account that exists everywhere and is not the one that runs the other servers."""
        return pwd.getpwnam("mail")

    def make_queue(self):
        drop = grp.getgrnam("games").gr_gid  # in the place of postdrop, which only the installed package makes
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace",
                     "maildrop", "public", "pid"):
            path = os.path.join(self.dir, "queue", name)
            os.makedirs(path, exist_ok=True)
            if name != "pid":
                os.chown(path, self.owner().pw_uid, drop if name in ("maildrop", "public") else -1)
            os.chmod(path, {"maildrop": 0o1730, "public": 0o2710, "pid": 0o755}.get(name, 0o700))


def _start(arguments):
    folder = os.path.abspath(arguments.folder)
    if os.path.exists(os.path.join(folder, "servers.json")):
        _stop(arguments)
    users = dict(u.split("=", 1) for u in arguments.user or ["gateway=secret"])
    running = []
    Server.detached = True
    try:
        imap = IMAP[arguments.imap](folder, users)
        imap.start()
        running.append(imap)
        if arguments.mta != "none":
            mta = MTA[arguments.mta](folder, lmtp_port=imap.lmtp_port, users=users)
            mta.start()
            running.append(mta)
    except BaseException:
        for server in running:
            server.stop()
        raise
    state = {server.name: server.describe() for server in running}
    state["imap"], state["ca_file"] = imap.describe(), imap.ca_file
    if arguments.mta != "none":
        state["smtp"] = mta.describe()
    state["processes"] = [p for server in running for p in server.processes]
    with open(os.path.join(folder, "servers.json"), "w") as f:
        json.dump(state, f, indent=1)
    print(json.dumps(state, indent=1))


def _stop(arguments):
    path = os.path.join(arguments.folder, "servers.json")
    if not os.path.exists(path):
        return
    with open(path) as f:
        processes = json.load(f)["processes"]
    for pid, started in reversed(processes):
        stop_tree(pid, started)
    os.unlink(path)


IMAP = {"dovecot": Dovecot}
MTA = {"exim": Exim, "postfix": Postfix}


def main():
    parser = argparse.ArgumentParser(description="Private mail servers on loopback.")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start")
    start.add_argument("folder")
    start.add_argument("--imap", choices=IMAP, default="dovecot")
    start.add_argument("--mta", choices=[*MTA, "none"], default="exim")
    start.add_argument("--user", action="append", metavar="NAME=PASSWORD")
    commands.add_parser("stop").add_argument("folder")
    arguments = parser.parse_args()
    try:
        _start(arguments) if arguments.command == "start" else _stop(arguments)
    except Unavailable as error:
        sys.exit("servers.py: %s" % error)


if __name__ == "__main__":
    main()
