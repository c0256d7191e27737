#!/usr/bin/env python3
"""The yardstick of a bare clone: what a competent administrator would write in a day, by Python's standard library: fetch by
imaplib, parse by email, tables by zipfile and ElementTree, one SQLite transaction a message (synchronous FULL), no letters.

    baseline.py HOST PORT USER PASSWORD DBFILE      prints the number of messages recorded"""
import email, email.policy, imaplib, io, re, sqlite3, sys, zipfile
from email.utils import parseaddr
from xml.etree import ElementTree

WORD = '{http://schemas.openxmlformats.org/wordprocessingml/2006/main}'
SHEET = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
PAIR = re.compile(r'^\s*([^：:\s]{2,12})\s*[：:]\s*(.+?)\s*$', re.M)
BATCH = 50


def word_rows(data):
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        root = ElementTree.fromstring(z.read('word/document.xml'))
    for row in root.iter(WORD + 'tr'):
        yield [''.join(t.text or '' for t in cell.iter(WORD + 't')) for cell in row.iter(WORD + 'tc')]


def sheet_rows(data):
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        strings = [''.join(t.text or '' for t in s.iter(SHEET + 't')) for s in ElementTree.fromstring(z.read('xl/sharedStrings.xml'))]
        for row in ElementTree.fromstring(z.read('xl/worksheets/sheet1.xml')).iter(SHEET + 'row'):
            cells = []
            for c in row.iter(SHEET + 'c'):
                v = c.find(SHEET + 'v')
                text = '' if v is None else v.text
                cells.append(strings[int(text)] if c.get('t') == 's' else text)
            yield cells


def read(message):
    form, questions, plain = {}, [], ''
    for part in message.walk():
        if part.is_multipart():
            continue
        name = (part.get_filename() or '').lower()
        if name.endswith(('.docx', '.xlsx')):
            for row in (word_rows if name.endswith('.docx') else sheet_rows)(part.get_payload(decode=True)):
                if len(row) == 6 and row[0].isdigit():
                    questions.append(row)
                else:
                    form.update(zip(row[0::2], row[1::2]))
        elif part.get_content_type() == 'text/plain' and not name:
            plain = part.get_payload(decode=True).decode(part.get_content_charset() or 'utf-8', 'replace')
    return form or dict(PAIR.findall(plain)), questions


def main():
    host, port, user, password, path = sys.argv[1:]
    db = sqlite3.connect(path)
    db.executescript('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;'
                     'CREATE TABLE mail(id INTEGER PRIMARY KEY, uid INT, message_id TEXT UNIQUE, sender TEXT, subject TEXT, received TEXT);'
                     'CREATE TABLE submission(id INTEGER PRIMARY KEY, mail INT, org TEXT, issue TEXT); CREATE INDEX s ON submission(org, issue);'
                     'CREATE TABLE field(submission INT, name TEXT, value TEXT); CREATE INDEX f ON field(submission);'
                     'CREATE TABLE question(submission INT, no INT, text TEXT, asker TEXT, asked TEXT, answer TEXT, answered TEXT); CREATE INDEX q ON question(submission)')
    client = imaplib.IMAP4(host, int(port))
    client.login(user, password)
    client.select('INBOX', readonly=True)
    uids = client.uid('SEARCH', 'ALL')[1][0].split()
    count = 0
    for i in range(0, len(uids), BATCH):
        batch = uids[i:i + BATCH]
        for item in client.uid('FETCH', b'%s:%s' % (batch[0], batch[-1]), '(UID BODY.PEEK[])')[1]:
            if not isinstance(item, tuple):
                continue
            uid = int(re.search(rb'UID (\d+)', item[0]).group(1))
            message = email.message_from_bytes(item[1], policy=email.policy.default)
            form, questions = read(message)
            with db:
                row = db.execute('INSERT OR IGNORE INTO mail(uid, message_id, sender, subject, received) VALUES(?,?,?,?,?)',
                                 (uid, str(message['Message-ID']), parseaddr(str(message['From']))[1], str(message['Subject']), str(message['Date'])))
                if not row.rowcount:
                    continue
                submission = db.execute('INSERT INTO submission(mail, org, issue) VALUES(?,?,?)', (row.lastrowid, form.get('报送单位'), form.get('期数'))).lastrowid
                db.executemany('INSERT INTO field VALUES(?,?,?)', ((submission, k, v) for k, v in form.items()))
                db.executemany('INSERT INTO question VALUES(?,?,?,?,?,?,?)', ((submission, *q) for q in questions))
            count += 1
    client.logout()
    print(count)


if __name__ == '__main__':
    main()
