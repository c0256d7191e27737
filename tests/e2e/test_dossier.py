#!/usr/bin/env python3
"""The case dossier: cases by organization as a Word document and a folder, with the files that came with the reports; hostile names stay names."""
import os, re, shutil, subprocess, sys, xml.etree.ElementTree, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support')]
import material, tap
from reporting import FIRST, LAST, SUMMARY, World, instant

KEEP = os.environ.get('OUTPUTS_KEEP')
MADE = []
LONG = '一名同学深夜来电，情绪低落，值班骨干耐心倾听四十分钟，次日陪同到心理中心，现已恢复正常学习。'
PNG = b'\x89PNG\r\n\x1a\n' + bytes.fromhex('0000000d49484452000000010000000108060000001f15c489') + b'0' * 2000
HOSTILE = '<b>=1+1</b>../../x'


class Casebook(World):
    """Two organizations report cases, one of them twice; photographs, documents, an archive and a program come with them."""

    def __init__(self):
        super().__init__(folder=KEEP, count=5, before=0, punctual=0, late=1)
        self.deliver(1, FIRST, LAST, instant(26), cases=[['深夜来电', '线上', '2016-06-20', LONG], ['兼职纠纷', '线下', '2016-06-21', '调解成功']],
                     files=[('照片.png', PNG), ('../../逃逸.docx', material.docx('走访记录', [('地点', '三号楼'), ('时间', '6月20日')])),
                            ('工具.exe', b'MZ' + b'\0' * 4000), ('资料.zip', material.zipped([('内页/说明.txt', '补充说明，供汇编使用。' * 20)]))])
        self.deliver(2, FIRST, LAST, instant(26, 10), cases=[[HOSTILE, '线下', '2016-06-22', '<script>alert(1)</script> \u202e {{programme}} 𠮷镕😀 ' + '很长的经过' * 20]])
        self.programme.run('poll', at=instant(*SUMMARY))


def book():
    if not MADE:
        MADE.append(Casebook())
    return MADE[0]


def dossier(name, *options):
    folder = os.path.join(book().folder, name)
    status, out, messages = book().programme.run('dossier', folder, *options, at=instant(*SUMMARY))
    tap.equal(status, 0, out + messages)
    return folder, out


def text_of(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return ''.join(xml.etree.ElementTree.fromstring(archive.read('word/document.xml')).itertext())


def files(folder):
    return sorted(os.path.relpath(os.path.join(top, name), folder) for top, _, names in os.walk(folder) for name in names)


def test_dossier():
    """cases by organization with text and files, in the document and in the folder; no form, no program"""
    folder, out = dossier('cases')
    assert out.startswith('3 cases of 2 organizations'), out
    one, two = (book().organizations[i]['name'] for i in (1, 2))
    found = files(folder)
    first = [f for f in found if f.startswith('001_' + one)]
    tap.equal(sorted(os.path.basename(f) for f in first),
              ['01_深夜来电.txt', '02_兼职纠纷.txt', '2016-06-27_照片.png', '2016-06-27_说明.txt', '2016-06-27_逃逸.docx'], 'files')
    with open(os.path.join(folder, first[0]), encoding='utf-8') as f:
        text = f.read()
    assert LONG in text and one in text and '线上' in text, text
    with open(os.path.join(folder, next(f for f in first if f.endswith('png'))), 'rb') as f:
        tap.equal(f.read(), PNG, 'the picture is whole')
    word = text_of(os.path.join(folder, '案例汇编.docx'))
    for wanted in (one, two, '深夜来电', LONG, '调解成功', '照片.png', '未收入'):
        assert wanted in word, f'{wanted} is not in the document'
    assert word.index(one) < word.index(two) and '{{organizations' not in word
    assert book().organizations[0]['name'] not in word, 'one without a case'


def test_hostile_names():
    """names and texts of others stay within the folder and inert; files are for the owner alone"""
    folder, _ = dossier('hostile')
    top = os.path.realpath(folder)
    for name in files(folder):
        path = os.path.realpath(os.path.join(folder, name))
        assert path.startswith(top + os.sep), path
        assert not re.search('[<>:"\\\\|?*\u202a-\u202e]', name) and len(os.path.basename(name).encode()) <= 124, name
        tap.equal(oct(os.stat(path).st_mode & 0o777), '0o600', name)
        assert not name.endswith('.exe'), name
    assert not os.path.exists(os.path.join(book().folder, '逃逸.docx'))
    word = text_of(os.path.join(folder, '案例汇编.docx'))
    assert HOSTILE in word and '𠮷镕😀' in word and '{{programme}}' in word and '\u202e' not in word


def test_span_and_refusals():
    """--from and --to choose periods; a folder that holds something is left alone; another table may be named"""
    folder, out = dossier('none', '--to', '2016-06-13')
    assert out.startswith('0 cases') and '没有案例' in text_of(os.path.join(folder, '案例汇编.docx')), out
    status, _, messages = book().programme.run('dossier', folder, at=instant(*SUMMARY), check=False)
    tap.equal((status, 'not empty' in messages), (1, True), messages)
    status, _, messages = book().programme.run('dossier', os.path.join(book().folder, 'x'), '--from', 'gestern', check=False)
    tap.equal((status, 'gestern' in messages), (2, True), messages)
    folder, out = dossier('english', '--language', 'en')
    assert 'cases of 2 organizations' in text_of(os.path.join(folder, 'Case dossier.docx'))


def test_opens():
    """LibreOffice opens the document"""
    if not shutil.which('soffice'):
        raise tap.Skip('soffice is not installed')
    folder, _ = dossier('opened')
    done = subprocess.run(['soffice', f'-env:UserInstallation=file://{book().folder}/profile', '--headless', '--convert-to', 'pdf', '--outdir', folder, os.path.join(folder, '案例汇编.docx')],
                          capture_output=True, text=True, timeout=180)
    assert os.path.exists(os.path.join(folder, '案例汇编.pdf')), done.stdout + done.stderr


if __name__ == '__main__':
    try:
        tap.run([case for name, case in list(globals().items()) if name.startswith('test_')])
    finally:
        if MADE and not KEEP:
            MADE[0].remove()
