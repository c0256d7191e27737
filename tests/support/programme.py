"""A programme to run: configuration, expected list and state below one folder, and the program as a user would call it."""
import csv, datetime, os, smtplib, ssl, subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get('FORTNIGHT', os.path.join(ROOT, 'fortnight'))
CHINA = datetime.timezone(datetime.timedelta(hours=8))

ROLES = [('leader', '组长', 'leader'), ('supervisor', '主管', 'supervisor'), ('coordinator', '协管', 'coordinator'),
         ('liaison', '联络员', 'liaison'), ('operator', '管理员', 'operator')]

CONFIG = '''programme = {{ id = "youth-voice"; title = {{ zh = "青年之声"; en = "Youth Voice"; }}; language = "{language}"; zone = "Asia/Shanghai"; }};
state_dir = "state";
forms_dir = "{forms}";
roster = "organizations.csv";
mailbox = {{ {mailbox} }};
transport = {{ {transport} from = {{ name = "青年之声工作组"; address = "youth@example.edu.cn"; }};
              pace = {{ interval = "0s"; per_quarter_hour = 0; per_day = 0; }}; }};
letters = {{ per_address_day = 100; {approve}{letters} }};
roles = (
{roles}
);
obligations = (
  {{ id = "receipt"; form = "receipt"; title = {{ zh = "联系回执表"; en = "contact receipt"; }}; schedule = {{ once = "{receipt_due}"; }}; }},
  {{ id = "biweekly"; form = "biweekly"; title = {{ zh = "双周报"; en = "biweekly report"; }};
    schedule = {{ {schedule} }};
    reminders = ( {{ days = -3; time = "09:00"; }}, {{ days = -1; time = "09:00"; }}, {{ days = 0; time = "08:30"; }} );
    overdue = ( {{ days = 1; time = "09:00"; to = "contact+advisor"; }}, {{ days = 3; time = "09:00"; to = "contact+advisor"; }} );
    summary = {{ days = 1; time = "08:00"; to = "leader+supervisor"; }}; }}
);
roster_from = ( {{ form = "receipt"; section = "section"; team = "team"; contacts = (
  {{ role = "advisor"; name = "advisor_name"; address = "advisor_email"; phone = "advisor_phone"; }},
  {{ role = "leader"; name = "leader_name"; address = "leader_email"; phone = "leader_phone"; }},
  {{ role = "liaison"; name = "liaison_name"; address = "liaison_email"; phone = "liaison_phone"; }} ); }} );
'''


LOGIN = 'user = "youth"; password_file = "secret";'


def mailbox_text(server):
    """How a private IMAP server is reached. Courier has no TLS and greets with PREAUTH."""
    where = f'port = {server.tls_port}; tls = "implicit"; ca_file = "{server.ca_file}";' if hasattr(server, 'tls_port') else f'port = {server.port}; tls = "none";'
    return f'kind = "imap"; host = "localhost"; {where} {LOGIN}'


def transport_text(server):
    """How a private MTA is reached. Postfix here takes mail from this machine without a login."""
    login = LOGIN if server.users else 'auth = "none";'
    return f'kind = "smtp"; host = "localhost"; port = {server.tls_port}; tls = "implicit"; ca_file = "{server.ca_file}"; ehlo = "gateway.example.edu.cn"; {login}'


class Programme:
    """folder: where everything is written. imap, smtp: servers of tests/servers (or None: directories mail/ and sent/).
    schedule: the text of the biweekly obligation's schedule."""

    def __init__(self, folder, organizations, schedule, receipt_due='2016-06-20', imap=None, smtp=None, letters='', language='zh', extra=''):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.config = os.path.join(folder, 'fortnight.conf')
        self.database = os.path.join(folder, 'state', 'fortnight.db')
        secret = os.path.join(folder, 'secret')
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as f:
            f.write('secret\n')
        mailbox = mailbox_text(imap) if imap else 'kind = "directory"; path = "mail";'
        transport = transport_text(smtp) if smtp else 'kind = "directory"; path = "sent";'
        for name in ('mail', 'sent'):
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        roles = ',\n'.join(f'  {{ role = "{role}"; name = "{name}"; address = "{local}@example.edu.cn"; }}' for role, name, local in ROLES)
        with open(self.config, 'w', encoding='utf-8') as f:
            f.write(CONFIG.format(approve='' if 'approve_summary' in letters else 'approve_summary = "never"; ', forms=os.path.join(ROOT, 'etc/youth-voice/forms'), mailbox=mailbox, transport=transport, letters=letters, roles=roles,
                                  schedule=schedule, receipt_due=receipt_due, language=language) + extra)
        self.write_roster(organizations)

    def write_roster(self, organizations):
        with open(os.path.join(self.folder, 'organizations.csv'), 'w', encoding='utf-8', newline='') as f:
            writer = csv.DictWriter(f, fieldnames=list(organizations[0]) if organizations else ['name'])
            writer.writeheader()
            writer.writerows(organizations)

    def run(self, command, *arguments, at=None, check=True, timeout=120):
        """`fortnight COMMAND --config … ARGUMENTS`; returns (status, output, messages)."""
        argv = [PROGRAM, command, '--config', self.config, *(['--at', at if isinstance(at, str) else '@%d' % at.timestamp()] if at else []), *arguments]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
        if check and done.returncode not in (0, 1):
            raise RuntimeError(f'{" ".join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}')
        return done.returncode, done.stdout, done.stderr

    def sql(self, statement, *values):
        """A query past the program, read-only: to check its figures."""
        import sqlite3
        with sqlite3.connect(f'file:{self.database}?mode=ro', uri=True) as db:
            return db.execute(statement, values).fetchall()


def submit(smtp, messages, to="youth@example.edu.cn"):
    """Sends (sender, bytes) through an MTA's plain port, as mail from outside arrives."""
    with smtplib.SMTP('127.0.0.1', smtp.port) as client:
        for sender, data in messages:
            client.sendmail(sender, [to], data)
