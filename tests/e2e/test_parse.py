#!/usr/bin/env python3
"""`fortnight parse` and the table of subcommands: what is printed where, exit status, files of every kind. What is understood of a
form is the unit tests' and the corpora's matter."""
import json
import os
import subprocess
import tempfile
import time

import tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("FORTNIGHT") or os.path.join(ROOT, "fortnight")
FORMS = os.path.join(ROOT, "etc", "youth-voice", "forms")
FOLDER = tempfile.TemporaryDirectory(prefix="fortnight-parse-")
MAIL = ("From: =?utf-8?B?5byg5LiJ?= <zhang@example.edu.cn>\n"
        "Subject: %s\n"
        "Message-ID: <1@example.edu.cn>\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "\n"
        "您好，请问活动什么时候开始？\n")


def run(*words, **options):
    """(exit status, standard output, standard error) of fortnight."""
    done = subprocess.run([PROGRAM, *words], capture_output=True, timeout=60, cwd=FOLDER.name, **options)
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def write(name, data):
    path = os.path.join(FOLDER.name, name)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def parse(*words, status=0):
    """The lines of parse --json, and standard error."""
    code, out, err = run("parse", "--json", *words)
    tap.equal(code, status, f"exit status of {words}: {err}")
    return [json.loads(line) for line in out.splitlines()], err


def problems(line):
    return [(p["class"], p["code"]) for p in line["problems"]]


def test_table():
    """subcommands: help, version, unknown ones"""
    tap.equal(run("--help")[0], 0, "--help")
    assert "parse" in run("--help")[1]
    tap.equal(run()[0], 2, "no command")
    assert run("--version")[1].startswith("fortnight ")
    code, _, err = run("prase")
    tap.equal((code, "parse" in err), (2, True), "a slip of the hand")
    tap.equal(run("--role", "nobody")[0], 2, "an unknown role")


def test_usage():
    """parse: help and wrong usage"""
    code, out, _ = run("parse", "--help")
    tap.equal((code, "--text" in out, "Exit status" in out), (0, True, True), "--help")
    tap.equal(run("parse")[0], 2, "no file")
    tap.equal(run("parse", "--colour", "x.eml")[0], 2, "an unknown option")
    code, _, err = run("parse", "--forms", "/nonexistent", "x.eml")
    tap.equal((code, "/nonexistent" in err), (2, True), "forms that are not there")
    tap.equal(run("parse", "--config", "/nonexistent.conf", "x.eml")[0], 2, "a configuration that is not there")


def test_lines():
    """one line a message, in the order of the arguments, file names as given"""
    write("a.eml", MAIL % "one")
    write("b 二.eml", MAIL % "two")
    lines, err = parse("a.eml", "./b 二.eml", os.path.join(FOLDER.name, "a.eml"))
    tap.equal([line["file"] for line in lines], ["a.eml", "./b 二.eml", os.path.join(FOLDER.name, "a.eml")], "file")
    tap.equal([line["subject"] for line in lines], ["one", "two", "one"], "subject")
    tap.equal(lines[0]["from"], "zhang@example.edu.cn", "from")
    tap.equal(err, "", "standard error")


def test_same_alone():
    """the same answer alone and among many"""
    paths = [write(f"{n}.eml", MAIL % n) for n in range(40)]
    together, _ = parse(*paths)
    alone, _ = parse(paths[17])
    tap.equal([line["file"] for line in together], paths, "order")
    tap.equal(together[17], alone[0], "answer")


def test_mbox():
    """an mbox gives a line for each of its messages"""
    lines, _ = parse(write("box", "".join(f"From a@example.edu.cn Mon Jun 27 10:00:0{n} 2016\n{MAIL % n}\n" for n in range(3))))
    tap.equal([line.get("subject") for line in lines], ["0", "1", "2"], "subjects")


def test_unopened():
    """a file that cannot be opened: exit 1, said on standard error, the others have their lines"""
    lines, err = parse("/nonexistent.eml", write("c.eml", MAIL % "three"), FOLDER.name, status=1)
    tap.equal([line["subject"] for line in lines], ["three"], "lines")
    assert "/nonexistent.eml: No such file" in err and "Is a directory" in err, err


def test_odd_files():
    """empty, binary, cut and device files have a line each"""
    odd = [write("empty", b""), write("zeros", bytes(5000)), write("noise", bytes(range(256)) * 40), "/dev/null",
           write("cut.docx", b"PK\x03\x04\x14\x00\x06\x00" + bytes(30)), write("mark", b"\xef\xbb\xbf")]
    lines, _ = parse(*odd)
    tap.equal([line["file"] for line in lines], odd, "file")
    for line in lines:
        assert isinstance(line["kind"], str) and isinstance(line["parts"], list), line


def test_too_large():
    """a file above the limit is refused without being loaded"""
    path = os.path.join(FOLDER.name, "large.eml")
    with open(path, "wb") as f:
        f.truncate(3 << 30)
    start = time.monotonic()
    lines, _ = parse(path)
    tap.equal(problems(lines[0]), [("reading", "limit")], "problems")
    tap.equal((lines[0]["kind"], lines[0]["parts"], lines[0]["reply"]), ("unknown", [], ""), "the rest")
    assert time.monotonic() - start < 3
    os.unlink(path)


def test_text():
    """--text adds the plain text"""
    path = write("d.eml", MAIL % "four")
    assert "text" not in parse(path)[0][0]
    assert "什么时候开始" in parse("--text", path)[0][0]["text"]


def test_for_people():
    """without --json: lines for a person, without control characters of the mail"""
    path = write("e.eml", MAIL % "five \x1b[31m")
    code, out, _ = run("parse", path)
    tap.equal(code, 0, "exit status")
    assert out.startswith(path[:40]) and "\x1b" not in out, out


def test_forms():
    """forms: those of the program, or of --forms"""
    path = write("f.eml", MAIL % "six")
    tap.equal(parse("--forms", FORMS, path)[0], parse(path)[0], "the same forms")


def test_configuration():
    """--config takes forms and own address from there: our own letters are seen as such"""
    path = write("own.eml", (MAIL % "seven").replace("zhang@example.edu.cn", "gateway@example.edu.cn"))
    config = os.path.join(ROOT, "etc", "youth-voice", "fortnight.conf")
    with open(config, encoding="utf-8") as f:
        address = next((word for word in f.read().split('"') if "@example" in word), None)
    if address is None:
        raise tap.Skip("the configuration names no address of ours")
    write("own.eml", (MAIL % "seven").replace("zhang@example.edu.cn", address))
    tap.equal(parse("--config", config, path)[0][0]["kind"], "own", "kind")


def test_streams():
    """no standard input, a reader of the output that leaves early"""
    path = write("g.eml", MAIL % "eight")
    shell = f"'{PROGRAM}' parse --json '{path}' <&- | head -c 5"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, timeout=60)
    tap.equal(done.stdout, b'{"fil', "first bytes")


if __name__ == "__main__":
    with FOLDER:
        tap.main()
