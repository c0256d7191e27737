"""A programme in the middle of its second period, made by the real program from mail: what tests of summaries, letters and pages look at."""
import datetime
import email
import email.policy
import glob
import os
import shutil
import tempfile

import material
from programme import CHINA, Programme

FIRST, LAST, PERIOD = datetime.date(2016, 6, 14), datetime.date(2016, 6, 27), '2016-06-27'
SCHEDULE = 'days_of_month = [13, 27]; first_due = "2016-06-13";'
SUMMARY = (28, 9, 1)  # day of June, hour, minute: the summary's morning


def instant(day, hour=9, minute=0):
    return datetime.datetime(2016, 6, day, hour, minute, 30, tzinfo=CHINA)


class World:
    """count organizations over two periods. The first `before` reported for 13 June. For 27 June the first `punctual` are on time
    (the third with contradicting figures, the second with something urgent, the first two with a question that is open), `late` more the
    day after, the others not at all; the last organization has no address. names: to use instead of drawn ones."""

    def __init__(self, folder=None, count=8, before=5, punctual=3, late=1, names=(), language='zh', extra=''):
        self.folder = folder or tempfile.mkdtemp(prefix='fortnight-outputs-')
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
        self.draw = material.Draw(5)
        self.organizations = self.draw.organizations(count)
        for org, name in zip(self.organizations, names):
            org['name'] = name
        self.organizations[-1]['liaison_address'] = ''
        self.programme = Programme(self.folder, self.organizations, SCHEDULE, language=language, extra=extra)
        self.programme.run('poll', at=instant(1))
        self.programme.run('release', at=instant(1))
        for i in range(before):
            self.deliver(i, datetime.date(2016, 5, 28), datetime.date(2016, 6, 13), instant(12))
        self.programme.run('poll', at=instant(14, 12))
        self.reminders = self.letters('remind/', instant(26))
        for i in range(punctual + late):
            self.deliver(i, FIRST, LAST, instant(26 if i < punctual else 28, 6, i), defect=i == 2, urgent='宿舍楼道照明损坏，已报后勤。' if i == 1 else '',
                         open_question=i < 2)
        self.summary = self.letters('summary/', instant(*SUMMARY))[0]

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def deliver(self, i, first, last, when, defect=False, urgent='', open_question=False, files=(), **values):
        """A report by mail. values: instead of drawn ones. files: (name, bytes) beside the form."""
        org = self.organizations[i]
        report = self.draw.report(org, first, last)
        report.update(values)
        if defect:
            report['questions_answered'] = report['questions_received'] + 5
        if urgent:
            report['urgent'] = urgent
        if open_question:
            report['questions'][0].update(status='处理中', asked_at='2016-06-24 08:30')
        data = material.mail((org['liaison_name'], org['liaison_address']), 'youth@example.edu.cn', '双周报', '见附件', when, f'r{i}.{when.timestamp():.0f}@example.edu.cn',
                             [('双周报.docx', material.report_docx(report)), *files])
        self.put(f'{last}-{i}-{when.timestamp():.0f}.eml', data, when)

    def put(self, name, data, when):
        """A mail in the mailbox, arrived at an instant."""
        path = os.path.join(self.folder, 'mail', name)
        with open(path, 'wb') as f:
            f.write(data)
        os.utime(path, (when.timestamp(), when.timestamp()))

    def letters(self, kind, at):
        """Polls at an instant; the letters of a kind that left."""
        before = set(glob.glob(os.path.join(self.folder, 'sent', '**', '*.eml'), recursive=True))
        self.programme.run('poll', at=at)
        new = sorted(set(glob.glob(os.path.join(self.folder, 'sent', '**', '*.eml'), recursive=True)) - before)
        messages = [email.message_from_binary_file(open(p, 'rb'), policy=email.policy.default) for p in new]
        return [m for m in messages if (m['X-Fortnight-Id'] or '').startswith(kind)]

    def page(self, name, *options):
        """Writes the static page; its folder."""
        folder = os.path.join(self.folder, name)
        self.programme.run('site', folder, *options, at=instant(*SUMMARY))
        return folder
