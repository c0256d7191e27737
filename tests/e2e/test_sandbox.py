#!/usr/bin/env python3
"""The reader against hostile mail, on the release build: whatever a message does, it costs one answer, its own."""
import errno
import json
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import tempfile
import time

import tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.dirname(os.environ.get("FORTNIGHT_BUILD") or os.path.join(ROOT, "build", "san"))
FORTNIGHT = os.environ.get("FORTNIGHT") or os.path.join(ROOT, "fortnight")
PROGRAM = os.path.join(BUILD, "e2e", "hostile_reader")
FORM = {"id": "weekly", "title_en": "Weekly report", "titles": ["Weekly report"],
        "fields": [{"key": "club", "type": "org", "labels": ["Club"], "required": True}]}
OBJECTS = [os.path.join(BUILD, "release", *name.split("/")) for name in (
    "gateway/core/error.o", "gateway/core/json_read.o", "gateway/core/json_write.o", *(f"gateway/io/{name}.o" for name in (
        "clock", "converter", "converter_folder", "converter_host", "converter_run", "ipc", "landlock", "log", "reader", "reader_answer", "reader_host", "reader_warm", "sandbox", "seccomp", "spawn")))]


def build():
    objects = [os.path.relpath(path, ROOT) for path in OBJECTS]
    subprocess.run(["make", "-s", f"O={os.path.relpath(BUILD, ROOT)}", *objects], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    os.makedirs(os.path.dirname(PROGRAM), exist_ok=True)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "glib-2.0", "gio-2.0", "jansson", "libseccomp"],
                           check=True, capture_output=True, text=True).stdout.split()
    subprocess.run(["gcc", "-std=gnu17", "-O1", "-g", "-D_GNU_SOURCE", "-I.", "-o", PROGRAM, "tests/e2e/hostile_reader.c",
                    *objects, *flags, "-lpthread"], cwd=ROOT, check=True)


def run(*words, **environment):
    """[answers], standard error; every answer is a JSON object."""
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=120, env={**os.environ, **environment})
    tap.equal(done.returncode, 0, "exit status")
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def one(behaviour):
    """The answer to a hostile message that stands between two harmless ones, which must not suffer."""
    answers, _ = run("plain", behaviour, "plain")
    tap.equal(sorted(a["tag"] for a in answers), [1, 2, 3], "each answered once")
    by_tag = {a["tag"]: a for a in answers}
    for tag in (1, 3):
        assert "lines" in by_tag[tag], f"{behaviour} harmed its neighbour: {by_tag[tag]}"
    return by_tag[2]


def expect(cases):
    for behaviour, failure, detail in cases:
        answer = one(behaviour)
        tap.equal((answer.get("failure"), answer.get("detail")), (failure, detail), behaviour)


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(word) for word in f.read().split()]
    except FileNotFoundError:
        return []


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def until(condition, what, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def test_crash():
    """a crash costs one message"""
    expect([("segv", "crash", "SIGSEGV"), ("stack", "crash", "SIGSEGV"), ("critical", "crash", "SIGTRAP"),
            ("exit", "protocol", "the answer breaks the rules")])
    tap.equal(one("abort")["failure"], "crash", "abort")  # its signal may not be sent, so it ends by a trap


def test_time():
    """a loop and a sleep end at their limits"""
    expect([("loop", "timeout", "processor time"), ("sleep", "timeout", "wall clock")])


def test_memory():
    """eating memory ends early; no process grows beyond 512 MB"""
    expect([("memory", "memory", "out of memory"), ("large", "memory", "out of memory")])
    peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    tap.note(f"largest process: {peak_kb // 1024} MB")
    assert peak_kb < 512 * 1024, peak_kb


def test_lies():
    """an answer that breaks the rules is none"""
    rules = ("protocol", "the answer breaks the rules")
    expect([(name, *rules) for name in ("lie-empty", "lie-cut", "lie-text", "lie-bytes", "lie-no-lines", "lie-kind", "lie-file",
                                        "lie-id")])
    answer = one("lie-endless")
    assert answer["failure"] in ("protocol", "timeout"), answer


def test_exec():
    """another program is not started"""
    expect([("exec", "crash", "SIGSYS")])


def test_walls():
    """files, sockets, children, signals, limits: all refused"""
    answer = one("walls")["lines"][0]
    denied = ("write_file", "write_zone", "unlink", "inet", "unix", "fork", "clone", "kill_parent", "memfd", "limit", "core")
    for key in denied:
        tap.equal(errno.errorcode.get(answer[key]), "EPERM", key)
    for key in ("open_secret", "open_passwd", "open_self", "open_parent"):
        assert answer[key] in (errno.EACCES, errno.EPERM), f"{key}: {answer[key]}"
    tap.note(f"descriptors: {answer['descriptors']}, zone file: {answer['open_zone']}")
    opened_by_itself = 1 if answer["open_zone"] == 0 else 0
    tap.equal(answer["descriptors"] - opened_by_itself, 1, "descriptors beside 0, 1, 2: the memory for the answer")


def test_thread():
    """the reader does not fork beside a second thread"""
    answers, errors = run("plain", "plain", HOSTILE_THREAD="1")
    tap.equal([a.get("failure") for a in answers], ["crash", "crash"], "answers")
    assert "a second thread runs in the reader" in errors, errors


def test_reader_killed():
    """a reader that is killed is replaced, and every message answered once"""
    words = ["sleep", "sleep", *["plain"] * 10]
    with subprocess.Popen([PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as driver:
        until(lambda: any(children(reader) for reader in children(driver.pid)), "a message under way")
        os.kill(children(driver.pid)[0], signal.SIGKILL)
        out, _ = driver.communicate(timeout=60)
        tap.equal(driver.returncode, 0, "exit status")
    answers = [json.loads(line) for line in out.splitlines()]
    tap.equal(sorted(a["tag"] for a in answers), list(range(1, 13)), "each answered once")
    tap.equal([a["tag"] for a in answers if "failure" in a and a["tag"] > 2], [], "harmless ones")


def test_orphans():
    """nothing is left when the host is killed"""
    with subprocess.Popen([PROGRAM, "sleep", "sleep"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as driver:
        until(lambda: len(children(driver.pid)) == 2 and all(children(r) for r in children(driver.pid)), "two messages under way")
        family = children(driver.pid) + [child for reader in children(driver.pid) for child in children(reader)]
        driver.kill()
        until(lambda: not any(map(is_alive, family)), f"{family} end", 1.5)  # before their own limit of 3 s


def test_rate():
    """throughput with nothing to read"""
    answers, _ = run("--rate", "2000")
    tap.note(f"{answers[0]['rate']} messages a second, {os.cpu_count()} readers, one child each")
    assert answers[0]["rate"] > 200, answers  # far below any machine of today: it says that nothing waits for a timer


def start_role(name, settings):
    """A role of the real program with a socket (3) and settings (4), as the supervisor starts it; (process, our end)."""
    ours, theirs = socket.socketpair()
    out_of, into = os.pipe()
    os.write(into, json.dumps(settings).encode())
    os.close(into)

    def arrange():
        high = [os.dup2(fd, 100 + i) for i, fd in enumerate((theirs.fileno(), out_of))]
        for i, fd in enumerate(high):
            os.dup2(fd, 3 + i)

    process = subprocess.Popen([FORTNIGHT, "--role", name, "--log", "debug"], preexec_fn=arrange, close_fds=False,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    theirs.close()
    os.close(out_of)
    return process, ours


def frame_kind(name):
    """The number of a frame kind on the wire."""
    with open(os.path.join(ROOT, "gateway", "io", "ipc.h"), encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    return 1 + re.findall(r"^\s*(IPC_[A-Z]+)(?: = 1)?,?\s*$", text, re.M).index(name)


def confinement(pid):
    with open(f"/proc/{pid}/status") as f:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    return fields["NoNewPrivs"], fields["Seccomp"], fields["Threads"]


def test_roles():
    """fetcher, sender and reader of the real program are confined before they are asked anything"""
    if not os.access(FORTNIGHT, os.X_OK):
        raise tap.Skip("the program is not built")
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "in"))
        os.mkdir(os.path.join(folder, "out"))
        for name, settings in (("fetcher", {"kind": "directory", "account": "a", "path": os.path.join(folder, "in")}),
                               ("sender", {"kind": "directory", "path": os.path.join(folder, "out")}),
                               ("reader", {})):
            process, ours = start_role(name, settings)
            with process, ours:
                if name == "reader":
                    payload = json.dumps({"language": "en", "zone": "UTC", "forms": [FORM]}).encode()
                    ours.sendall(struct.pack("=IHH", len(payload), frame_kind("IPC_FORMS"), 0) + payload)
                until(lambda: confinement(process.pid)[:2] == ("1", "2") or process.poll() is not None, f"{name} confined")
                tap.equal(process.poll(), None, f"{name} lives: {process.stderr.read() if process.poll() is not None else ''}")
                tap.equal(confinement(process.pid)[2], "1", f"{name}: threads")
                ours.close()
                tap.equal(process.wait(10), 0, f"{name} leaves with its peer")


if __name__ == "__main__":
    build()
    tap.main()
