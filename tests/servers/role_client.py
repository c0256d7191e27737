"""The keeper's side of a role, for tests: starts `fortnight --role NAME` and speaks frames with it (gateway/io/ipc.h)."""
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
END_S = 10  # a role whose peer has gone must have left by then


def _kinds():
    """The numbers of enum IpcKind, read from the header so that there is one truth."""
    with open(os.path.join(ROOT, "gateway", "io", "ipc.h")) as f:
        body = re.search(r"typedef enum \{(.*?)\} IpcKind;", re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S), re.S)[1]
    return {name: number for number, name in enumerate(re.findall(r"\bIPC_[A-Z]+", body), 1)}


KIND = _kinds()
NAME = {number: name for name, number in KIND.items()}


def sealed_memfd(data):
    """A descriptor with these bytes that nobody can change any more, as ipc_memfd() makes it."""
    fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with os.fdopen(os.dup(fd), "wb") as f:
        f.write(data)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
    return fd


class Role:
    """`with Role("sender", kind="smtp", host=…) as role`. wait_s bounds every wait for a frame. After the block `status` is the
    exit status and `errors` what stood on standard error."""

    def __init__(self, name, wait_s=60, **settings):
        self.name, self.settings, self.wait_s = name, settings, wait_s

    def __enter__(self):
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(self.wait_s)
        self.log = tempfile.TemporaryFile()
        read_end, write_end = os.pipe()
        program = os.environ.get("FORTNIGHT", os.path.join(ROOT, "fortnight"))
        # high numbers first, so that no descriptor is overwritten before it is copied
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 50) for fd in (theirs.fileno(), read_end, self.log.fileno())]
        places = [(os.POSIX_SPAWN_DUP2, fd, place) for fd, place in zip(high, (3, 4, 2))]
        self.pid = os.posix_spawn(program, [program, "--role", self.name], os.environ, file_actions=places)
        for fd in (*high, read_end):
            os.close(fd)
        theirs.close()
        with os.fdopen(write_end, "w") as pipe:
            json.dump(self.settings, pipe)
        return self

    def __exit__(self, *unused):
        self.socket.close()
        end = time.monotonic() + END_S
        status = None
        while status is None:
            pid, raw = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                status = os.waitstatus_to_exitcode(raw)
            elif time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError("the %s outlives its peer" % self.name)
            else:
                time.sleep(0.01)
        self.status = status
        self.log.seek(0)
        self.errors = self.log.read().decode("utf-8", "replace")
        self.log.close()

    def send(self, kind, body=None, **payload):
        """Sends a frame, with a sealed descriptor of body where one is given."""
        text = json.dumps(payload).encode()
        head = HEADER.pack(len(text), KIND[kind], 0)
        if body is None:
            self.socket.sendall(head + text)
            return
        fd = sealed_memfd(body)
        socket.send_fds(self.socket, [head], [fd])
        os.close(fd)
        self.socket.sendall(text)

    def _read(self, length):
        parts, fds = [], array.array("i")
        while length > 0:
            data, control, _, _ = self.socket.recvmsg(length, socket.CMSG_SPACE(4 * fds.itemsize))
            if not data:
                raise EOFError("the %s has left" % self.name)
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

    def ask(self, kind, answer, body=None, **payload):
        """Sends a frame; the payload of the answer, which must be of that kind."""
        self.send(kind, body, **payload)
        got, result, _ = self.receive()
        assert got == answer, got
        return result

    def check(self):
        return self.ask("IPC_CHECK", "IPC_CHECKED")
