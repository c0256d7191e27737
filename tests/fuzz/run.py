#!/usr/bin/env python3
"""Runs the fuzz targets one after the other, prints a line a target, and exits 1 where one crashed.

    tests/fuzz/run.py [--seconds N] [--only PATTERN] [--targets DIR] [--out DIR] [--jobs N]

Targets are the programs DIR/fuzz_* (make fuzz builds them). What a target starts from are the project's own files and, where they are
present, those of FORTNIGHT_SHARED (else ../shared). OUT/NAME/corpus grows from run to run; what crashed, hung or leaked is OUT/NAME/crash-*,
timeout-*, oom-*, leak-*. Python 3.9 or later, standard library only."""
import argparse, concurrent.futures, glob, gzip, hashlib, io, os, re, shutil, struct, subprocess, sys, tarfile, zipfile, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHARED = os.environ.get('FORTNIGHT_SHARED', os.path.join(ROOT, '..', 'shared'))
SEED_BYTES, SEEDS_OF_OTHERS = 200_000, 400  # more or larger ones slow a short run down
INPUT_BYTES, INPUT_SECONDS, MEMORY_MB = 100_000, 20, 2048
MAIL = ['tests/corpus/forms/*.eml', '@forms/*.eml', '@corpora/*/**/*.eml', '@corpora/mime4j/**/*.msg', '@corpora/sisimai/bsd/*']
WORDS = ['@corpora/cn-shapes/*', '@corpora/email-reply-trimmer/**/*.txt', '@corpora/crisp-email-reply-parser/**/*']
# where each target's first inputs are: globs below the root, or below SHARED where they begin with @; a member of a zip after !
SEEDS = {
    'any': ['@corpora/poi/**/*.doc', '@corpora/poi/**/*.xls', '@corpora/tika/**/*.rtf', '@corpora/libarchive/*', '@corpora/docling/**/*'],
    'answer': [], 'ipc': [], 'json': [],
    'bounce': ['@corpora/sisimai/bsd/*'],
    'charset': WORDS, 'header': WORDS, 'label': WORDS, 'reply': WORDS, 'correction': WORDS, 'value': WORDS,
    'config': ['etc/*/fortnight.conf'],
    'container': ['@corpora/libzip/*', '@corpora/libarchive/*'],
    'csv': ['etc/*/*.csv', '@corpora/**/*.csv'],
    'docx': ['templates/**/*.docx', '@corpora/**/*.docx'],
    'docx_xml': ['templates/**/*.docx!word/document.xml', '@corpora/**/*.docx!word/*.xml'],
    'form_text': ['@corpora/docling/**/*.html'], 'html': ['templates/**/*.html', '@corpora/docling/**/*.html'],
    'definition': ['etc/*/forms/*.conf'],
    'imap': ['@corpora/libetpan/imap/**/*', '@corpora/mailkit-transcripts/**/*'],
    'match': MAIL, 'message': MAIL + ['@corpora/libetpan/mime-parser/input/**/*', '@corpora/stalwart-mail-parser/**/*.eml'],
    'mhtml': ['@corpora/**/*.mht*'],
    'odf_xml': ['@corpora/**/*.odt!content.xml', '@corpora/**/*.ods!content.xml'],
    'ods': ['@corpora/**/*.ods'], 'odt': ['@corpora/**/*.odt'],
    'pdf': ['@corpora/**/*.pdf'],
    'smtp_reply': ['@corpora/libetpan/smtp/**/*'],
    'template': ['templates/letters/*/*'],
    'text': ['@corpora/**/*.txt'],
    'tnef': ['@corpora/mimekit/tnef/*', '@corpora/**/winmail.dat', '@corpora/poi/**/*.tnef'],
    'xlsx': ['@corpora/**/*.xlsx'], 'xlsx_xml': ['@corpora/**/*.xlsx!xl/*.xml', '@corpora/**/*.xlsx!xl/worksheets/*.xml'],
    'zip': ['@corpora/libzip/*', 'templates/**/*.docx'],
}


def rar(files):
    """A rar of version 4 and one of version 5 that hold these files as they are."""
    def old(kind, flags, rest):
        body = struct.pack('<BHH', kind, flags, 7 + len(rest)) + rest
        return struct.pack('<H', zlib.crc32(body) & 0xffff) + body

    def new(*numbers_and_bytes):
        body = b''.join(bytes([part]) if isinstance(part, int) else part for part in numbers_and_bytes)  # numbers below 128
        return struct.pack('<IB', zlib.crc32(bytes([len(body)]) + body), len(body)) + body

    four, five = b'Rar!\x1a\x07\0' + old(0x73, 0, bytes(6)), b'Rar!\x1a\x07\1\0' + new(1, 0, 0)
    for name, content in files:
        crc = zlib.crc32(content)
        four += old(0x74, 0x8000, struct.pack('<IIBIIBBHI', len(content), len(content), 3, crc, 0x48cd5000, 20, 0x30, len(name), 0o100644) + name) + content
        five += new(2, 2, len(content), 4, len(content), 0, struct.pack('<I', crc), 0, 1, len(name), name) + content
    return [four + old(0x7b, 0, b''), five + new(5, 0, 0)]


def tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as archive:
        for name, content in files:
            info = tarfile.TarInfo(name.decode())
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


FILES = [(b'a.txt', '提问量：36\n'.encode()), (b'b/c.csv', b'a,b\n1,2\n')]
# a first input where the project has no file of that kind
WRITTEN = {
    'answer': [b'{"lines":[{"file":"a.eml","kind":"submission","parts":[],"problems":[]}],"wishes":[]}'],
    'json': [b'{"lines":[{"a":[1,-2.5,true,null,"\\n\\u53cc"],"b":{}}]}', b'{"a":1,"a":2}'],
    'ipc': [b'\x02\0\0\0\x01\0\0\0{}'],
    'imap': [b'* OK ready\r\nC1 OK done\r\nC2 OK done\r\nC3 OK done\r\nC4 OK done\r\n* 2 EXISTS\r\n* OK [UIDVALIDITY 7]\r\nC5 OK done\r\n* SEARCH 1 2\r\nC6 OK done\r\n'
             b'* 1 FETCH (UID 1 RFC822.SIZE 4)\r\nC7 OK done\r\n* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE "13-Jun-2016 10:00:00 +0800" BODY[] {4}\r\na: b)\r\nC8 OK done\r\n',
             b'* OK ready\r\n* CAPABILITY IMAP4rev1 ID SPECIAL-USE XLIST\r\n1 OK done\r\n* ID NIL\r\n2 OK done\r\n3 OK done\r\n* ID ("name" "x")\r\n4 OK done\r\n'
             b'* LIST (\\Junk) "/" "&V4NXPpCuTvY-"\r\n5 OK done\r\n6 OK done\r\n'],
    'smtp_reply': [b'\xf4\x01550 MI:SPB 163 smtp', b'\xc8\x01554 DT:SPM', b'\x90\x01421 4.7.0 try again'],
    'value': [t.encode() for t in ('2016年6月13日至27日', '１２．５万', '138-0000-1234、010-66660000转8', '☑是 □否', '6.13—6.26', '二〇一六年六月')],
    'correction': ['提问量：36\n3: 36\n作废\n'.encode()],
    'charset': [b'gb18030\n\xb2\xe2\xca\xd4', b'utf-7\n&bUuL1Q-', b'\n\xe6\xb5\x8b'],
    'header': ['=?gb2312?B?suLK1A==?= filename*0*=utf-8\'\'%E6; "a b" <a@example.com> Mon, 13 Jun 2016 10:00:00 +0800 (CST)'.encode()],
    'reply': ['好的\n\n在 2016-06-13 10:00:00，"甲" <a@example.com> 写道：\n> 原文\n--\n发自我的手机\n'.encode()],
    'form_text': ['团委学生会双周报\n组织名称：广播台\n提问量：36\n回答量 30\n'.encode()],
    'container': rar(FILES) + [gzip.compress(FILES[0][1], mtime=0), gzip.compress(tar(FILES), mtime=0)],
    'mhtml': [b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=gb2312\r\n'
              b'Content-Transfer-Encoding: quoted-printable\r\n\r\n<table><tr><td>=CC=E1=CE=CA=C1=BF<td>36</table>\r\n--b\r\nContent-Type: image/png\r\n'
              b'Content-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--b--\r\n',
              b'Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPHA+eDwvcD4K\n'],
    'csv': ['日期;提问量\n2016-06-13;"3""6"\n'.encode()],
    'zip': [b'PK\x05\x06' + bytes(18)],
    'pdf': [b'%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n'
            b'3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n',
            # words in a table that is drawn and goes on overleaf, fields with their words, an attached file; small pages are drawn quickly
            b'%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R 7 0 R]>>/Names<</EmbeddedFiles<</Names[(a.txt)8 0 R]>>>>>>endobj\n'
            b'2 0 obj<</Type/Pages/Kids[3 0 R 10 0 R]/Count 2>>endobj\n'
            b'3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 160 90]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>/Annots[6 0 R 7 0 R]>>endobj\n'
            b'4 0 obj<</Length 270>>stream\n0.5 w 10 10 m 150 10 l 10 40 m 150 40 l 10 70 m 150 70 l 10 10 m 10 70 l 80 10 m 80 70 l 150 10 m 150 70 l S\n'
            b'BT /F 9 Tf 14 52 Td (Questions) Tj 70 0 Td (36) Tj -70 -30 Td (Answers) Tj 70 0 Td (one two three) Tj 0 -9 Td (four five six) Tj ET\nendstream endobj\n'
            b'5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n'
            b'6 0 obj<</Type/Annot/Subtype/Widget/FT/Tx/T(q)/V(36)/Rect[90 72 140 84]>>endobj\n'
            b'7 0 obj<</Type/Annot/Subtype/Widget/FT/Btn/T(b)/V/Yes/AS/Yes/Rect[20 72 30 84]/AP<</N<</Yes 9 0 R/Off 9 0 R>>>>>>endobj\n'
            b'8 0 obj<</Type/Filespec/F(a.txt)/EF<</F 9 0 R>>>>endobj\n9 0 obj<</Length 2>>stream\nab\nendstream endobj\n'
            b'10 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 160 90]/Contents 11 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n'
            b'11 0 obj<</Length 210>>stream\n0.5 w 10 10 m 150 10 l 10 40 m 150 40 l 10 70 m 150 70 l 10 10 m 10 70 l 80 10 m 80 70 l 150 10 m 150 70 l S\n'
            b'BT /F 9 Tf 84 52 Td (consequences) Tj -70 -30 Td (Members) Tj 70 0 Td (2) Tj ET\nendstream endobj\ntrailer<</Root 1 0 R>>\n'],
    'html': [b'<meta charset=gb2312><select><option>x<option selected>\xca\xc7</select><input type=checkbox checked><input value=3><ol><li>a</ol>'
             b'<table><tr><td rowspan=2 x:num="13800000000">1.38E+10<td colspan=2>b<tr><td>c<table><tr><td>d</table></table><pre>e\n f</pre>'],
    'odf_xml': [b'<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
                b'xmlns:x="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:spreadsheet><t:table t:name="a"><t:table-row t:number-rows-repeated="2">'
                b'<t:table-cell t:number-columns-spanned="2" o:value-type="date" o:date-value="2016-06-13"><x:p>a<x:s x:c="2"/>b</x:p></t:table-cell>'
                b'<t:covered-table-cell/><t:table-cell t:number-columns-repeated="3" o:value-type="float" o:value="36"/></t:table-row></t:table></o:spreadsheet>'
                b'</o:body></o:document-content>'],
}
FINDINGS = ('crash-*', 'timeout-*', 'oom-*', 'leak-*')


def expand(pattern):
    """Contents of the files (or of members of the zips) that a pattern names, the others' limited in number."""
    path, _, member = pattern.partition('!')
    base = os.path.join(SHARED, path[1:]) if path.startswith('@') else os.path.join(ROOT, path)
    names = sorted(name for name in glob.glob(base, recursive=True) if os.path.isfile(name) and '.peer-lo' not in name)
    for name in names[::max(1, len(names) // SEEDS_OF_OTHERS)]:
        if not member:
            with open(name, 'rb') as handle:
                yield handle.read(SEED_BYTES + 1)
            continue
        try:
            with zipfile.ZipFile(name) as archive:
                wanted = re.compile(re.escape(member).replace(r'\*', '[^/]*') + '$')
                for info in archive.infolist():
                    if wanted.match(info.filename) and info.file_size <= SEED_BYTES:
                        yield archive.read(info)
        except (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error):
            continue  # damaged on purpose


def write_seeds(name, folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    own = glob.glob(os.path.join(ROOT, 'tests', 'corpus', 'fuzz', name, '*'))
    contents = WRITTEN.get(name, []) + [open(path, 'rb').read() for path in own]
    for pattern in SEEDS.get(name, []):
        contents.extend(expand(pattern))
    for content in contents:
        if len(content) <= SEED_BYTES:
            with open(os.path.join(folder, hashlib.sha256(content).hexdigest()[:16]), 'wb') as out:
                out.write(content)


def run(program, out, seconds):
    """(line, whether something was found)"""
    name = os.path.basename(program)[len('fuzz_'):]
    folder = os.path.join(out, name)
    corpus, seeds = os.path.join(folder, 'corpus'), os.path.join(folder, 'seeds')
    os.makedirs(corpus, exist_ok=True)
    write_seeds(name, seeds)
    before = {path for pattern in FINDINGS for path in glob.glob(os.path.join(folder, pattern))}
    suppressions = os.path.join(folder, 'suppressions')
    with open(suppressions, 'w') as handle:
        # libconfig forgets a string without end (only the operator's files), libetpan a broken greeting (the role ends soon); fontconfig keeps a block
        handle.write('leak:libconfig.so\nleak:libetpan.so\nleak:libfontconfig.so\n')
    # an archive may ask for a dictionary of 4 GB: the allocation fails, as it does in the reader's child (CHILD_MEMORY_BYTES)
    environment = dict(os.environ, LSAN_OPTIONS=f'suppressions={suppressions}:print_suppressions=0', LC_ALL='C.UTF-8',
                       ASAN_OPTIONS='detect_leaks=1:allocator_may_return_null=1:max_allocation_size_mb=400:intercept_strstr=0:quarantine_size_mb=16',
                       UBSAN_OPTIONS='print_stacktrace=1:halt_on_error=1', G_DEBUG='fatal-criticals')
    with open(os.path.join(folder, 'log'), 'w+', errors='replace') as log:
        status = subprocess.run([program, f'-max_total_time={seconds}', f'-artifact_prefix={folder}/', f'-timeout={INPUT_SECONDS}',
                                 f'-rss_limit_mb={MEMORY_MB}', f'-max_len={INPUT_BYTES}', '-print_final_stats=1', corpus, seeds],
                                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log).returncode
        log.seek(0)
        text = log.read()
    found = sorted({path for pattern in FINDINGS for path in glob.glob(os.path.join(folder, pattern))} - before)
    # time is the wall clock's: on a busy machine an input may only seem slow, so it is asked a second time
    for path in [path for path in found if os.path.basename(path).startswith('timeout-')]:
        if subprocess.run([program, f'-timeout={INPUT_SECONDS}', path], cwd=ROOT, env=environment, capture_output=True).returncode == 0:
            os.remove(path)
            found.remove(path)
            status = status if found else 0
    edges = re.findall(r'\bcov: (\d+)', text)
    executions = re.findall(r'stat::number_of_executed_units:\s+(\d+)', text) or re.findall(r'^#(\d+)', text, re.M)
    cause = re.search(r'^(?:SUMMARY: .*|.*runtime error: .*|ERROR: .*)$', text, re.M)
    line = f'{name:<12} {executions[-1] if executions else 0:>9} executions {edges[-1] if edges else 0:>7} edges {len(found):>3} found'
    if found or status:
        line += f'  {cause.group(0)[:150] if cause else f"exit status {status}"}\n' + '\n'.join(f'    {os.path.relpath(path)}' for path in found)
    return line, bool(found or status)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seconds', type=int, default=60, help='for each target')
    parser.add_argument('--only', type=re.compile, default=re.compile(''), help='regular expression looked for in the names')
    parser.add_argument('--targets', default=os.path.join(ROOT, 'build', 'fuzz'))
    parser.add_argument('--out', default=os.path.join(ROOT, 'build', 'fuzz', 'work'))
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    options = parser.parse_args()
    programs = [os.path.abspath(path) for path in sorted(glob.glob(os.path.join(options.targets, 'fuzz_*'))) if os.access(path, os.X_OK) and os.path.isfile(path)]
    programs = [path for path in programs if options.only.search(os.path.basename(path))]
    if not programs:
        sys.exit('no target: make fuzz builds them')
    has_found = False
    with concurrent.futures.ThreadPoolExecutor(max(options.jobs, 1)) as pool:
        for line, is_bad in pool.map(lambda path: run(path, os.path.abspath(options.out), options.seconds), programs):
            print(line, flush=True)
            has_found |= is_bad
    sys.exit(1 if has_found else 0)


if __name__ == '__main__':
    main()
