"""The keeper's side of a fetcher, for tests: starts `fortnight --role fetcher` and speaks frames with it (gateway/io/ipc.h)."""
import array
import fcntl
import json
import os
import re
import signal
import socket
import struct
import tempfile
import time

HEADER = struct.Struct("=IHH")
ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))


def _kinds():
    """The numbers of enum IpcKind, read from the header so that there is one truth."""
    with open(os.path.join(ROOT, "gateway", "io", "ipc.h")) as f:
        body = re.search(r"typedef enum \{(.*?)\} IpcKind;", re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S), re.S)[1]
    names = re.findall(r"\bIPC_[A-Z]+", body)
    return {name: number for number, name in enumerate(names, 1)}


KIND = _kinds()
NAME = {number: name for name, number in KIND.items()}


class Fetcher:
    """`with Fetcher(kind="imap", host=…) as f: f.list("INBOX")`. wait_s bounds every wait for a frame. After the block `status`
    is the exit status and `errors` what stood on standard error."""

    def __init__(self, wait_s=60, **settings):
        self.settings = {"account": "test", **settings}
        self.wait_s = wait_s

    def __enter__(self):
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(self.wait_s)
        self.log = tempfile.TemporaryFile()
        read_end, write_end = os.pipe()
        program = os.environ.get("FORTNIGHT", os.path.join(ROOT, "fortnight"))
        # high numbers first, so that no descriptor is overwritten before it is copied
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 50) for fd in (theirs.fileno(), read_end, self.log.fileno())]
        places = [(os.POSIX_SPAWN_DUP2, fd, place) for fd, place in zip(high, (3, 4, 2))]
        self.pid = os.posix_spawn(program, [program, "--role", "fetcher"], os.environ, file_actions=places)
        for fd in (*high, read_end):
            os.close(fd)
        theirs.close()
        with os.fdopen(write_end, "w") as pipe:
            json.dump(self.settings, pipe)
        return self

    def __exit__(self, *unused):
        self.socket.close()
        end = time.monotonic() + 10
        status = None
        while status is None:
            pid, raw = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                status = os.waitstatus_to_exitcode(raw)
            elif time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError("the fetcher outlives its peer")
            else:
                time.sleep(0.01)
        self.status = status
        self.log.seek(0)
        self.errors = self.log.read().decode("utf-8", "replace")
        self.log.close()

    def send(self, kind, **payload):
        text = json.dumps(payload).encode()
        self.socket.sendall(HEADER.pack(len(text), KIND[kind], 0) + text)

    def _read(self, length):
        parts, fds = [], array.array("i")
        while length > 0:
            data, control, _, _ = self.socket.recvmsg(length, socket.CMSG_SPACE(4 * fds.itemsize))
            if not data:
                raise EOFError("the fetcher has left")
            for level, kind, value in control:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    fds.frombytes(value[:len(value) - len(value) % fds.itemsize])
            parts.append(data)
            length -= len(data)
        return b"".join(parts), list(fds)

    def receive(self):
        """(kind's name, payload, bytes of the descriptor or None)"""
        head, fds = self._read(HEADER.size)
        length, kind, _ = HEADER.unpack(head)
        text, more = self._read(length)
        fds += more
        assert len(fds) <= 1, "more than one descriptor in a frame"
        body = None
        if fds:
            with os.fdopen(fds[0], "rb") as f:
                f.seek(0)
                body = f.read()
        return NAME[kind], json.loads(text), body

    def list(self, folder="INBOX"):
        self.send("IPC_LIST", folder=folder)
        kind, payload, _ = self.receive()
        assert kind == "IPC_LISTED", kind
        return payload

    def fetch(self, uids, folder="INBOX", each=None):
        """({uid: (payload, bytes)}, the payload of IPC_FETCHED); with `each` messages go to each(payload, bytes) instead."""
        self.send("IPC_FETCH", folder=folder, uids=uids)
        messages = {}
        while True:
            kind, payload, body = self.receive()
            if kind == "IPC_FETCHED":
                return messages, payload
            assert kind == "IPC_MESSAGE", kind
            if each:
                each(payload, body)
            else:
                assert payload["uid"] not in messages, "the same message twice"
                messages[payload["uid"]] = payload, body

    def check(self):
        self.send("IPC_CHECK")
        kind, payload, _ = self.receive()
        assert kind == "IPC_CHECKED", kind
        return payload

    def peak_kb(self):
        """The most memory that the process has had so far."""
        with open("/proc/%d/status" % self.pid) as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])
