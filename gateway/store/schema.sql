-- The database of one programme. Each migration below is applied once, in order, in one transaction with its number going into
-- PRAGMA user_version. What was released is never edited: a change is a further migration at the end.
--
-- Instants are UTC seconds (_s). States and kinds are stored under the names that are printed. JSON is text.
-- Plain SQL throughout (ON CONFLICT, RETURNING, partial indexes), so that the store could one day stand on another engine.

-- migration 1: ledger, reader's answers, roster, submissions, outbox, reviews, journal

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A mailbox folder as last listed.
CREATE TABLE folder (
    id            INTEGER PRIMARY KEY,
    account       TEXT NOT NULL,
    name          TEXT NOT NULL,
    uidvalidity   INTEGER,
    last_poll_s   INTEGER,
    UNIQUE (account, name)
) STRICT;

-- A message is its bytes. sha256 is NULL for one that was too large to fetch; location is NULL where no bytes are kept (oversize,
-- purged). subject, from_address, message_id, kind: for lists and look-ups, taken from the reader's answer.
CREATE TABLE message (
    id            INTEGER PRIMARY KEY,
    sha256        TEXT UNIQUE CHECK (length(sha256) = 64),
    location      TEXT,
    size_bytes    INTEGER NOT NULL,
    received_s    INTEGER NOT NULL,
    seen_s        INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('fetched', 'archived', 'read', 'converting', 'recorded', 'review', 'ignored',
                                                 'oversize')),
    changed_s     INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    message_id    TEXT,
    from_address  TEXT COLLATE NOCASE,
    subject       TEXT,
    kind          TEXT,
    org_id        INTEGER REFERENCES organization (id),
    purged_s      INTEGER
) STRICT;
CREATE INDEX message_by_state ON message (state, id);
CREATE INDEX message_by_message_id ON message (message_id) WHERE message_id IS NOT NULL;

-- Where a message was seen: RFC 3501 2.3.1.1 makes (folder, UIDVALIDITY, UID) a name for ever.
CREATE TABLE sighting (
    folder_id     INTEGER NOT NULL REFERENCES folder (id),
    uidvalidity   INTEGER NOT NULL,
    uid           INTEGER NOT NULL,
    message       INTEGER NOT NULL REFERENCES message (id),
    seen_s        INTEGER NOT NULL,
    PRIMARY KEY (folder_id, uidvalidity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_by_message ON sighting (message);

-- What the reader said (SPEC 3.4): one line for a message. Derived, hence replaceable; what was decided on it is in revision.
CREATE TABLE reading (
    message       INTEGER NOT NULL REFERENCES message (id),
    line          INTEGER NOT NULL,
    json          TEXT NOT NULL,
    reader        TEXT NOT NULL,
    converter     TEXT,
    read_s        INTEGER NOT NULL,
    PRIMARY KEY (message, line)
) STRICT;

-- Needs a person: one open entry a message and reason.
CREATE TABLE review (
    id            INTEGER PRIMARY KEY,
    message       INTEGER NOT NULL REFERENCES message (id),
    code          TEXT NOT NULL,
    text          TEXT NOT NULL,
    opened_s      INTEGER NOT NULL,
    closed_s      INTEGER,
    outcome       TEXT
) STRICT;
CREATE UNIQUE INDEX review_open ON review (message, code) WHERE closed_s IS NULL;

-- ---- the roster -----------------------------------------------------------------------------------------------------

CREATE TABLE organization (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL,
    normal        TEXT NOT NULL,
    section       TEXT,
    team          TEXT,
    since_s       INTEGER NOT NULL DEFAULT 0,
    suspended     INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
    merged_into   INTEGER REFERENCES organization (id),
    created_s     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX organization_by_normal ON organization (normal) WHERE merged_into IS NULL;

-- The same alias may stand for several: then it decides nothing.
CREATE TABLE alias (
    org_id        INTEGER NOT NULL REFERENCES organization (id),
    normal        TEXT NOT NULL,
    name          TEXT NOT NULL,
    PRIMARY KEY (normal, org_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_by_org ON alias (org_id);

-- Who spoke for an organization, in which role, from when to when (until_s NULL: still does).
CREATE TABLE contact (
    id            INTEGER PRIMARY KEY,
    org_id        INTEGER NOT NULL REFERENCES organization (id),
    role          TEXT NOT NULL,
    name          TEXT,
    address       TEXT COLLATE NOCASE,
    phone         TEXT,
    from_s        INTEGER NOT NULL,
    until_s       INTEGER,
    message       INTEGER REFERENCES message (id)
) STRICT;
CREATE UNIQUE INDEX contact_present ON contact (org_id, role) WHERE until_s IS NULL;
CREATE INDEX contact_by_address ON contact (address) WHERE until_s IS NULL;

-- Excused: from one period, or (period '') from all of the obligation's.
CREATE TABLE exemption (
    id            INTEGER PRIMARY KEY,
    org_id        INTEGER NOT NULL REFERENCES organization (id),
    obligation    TEXT NOT NULL,
    period        TEXT NOT NULL,
    reason        TEXT,
    created_s     INTEGER NOT NULL,
    revoked_s     INTEGER
) STRICT;
CREATE UNIQUE INDEX exemption_present ON exemption (org_id, obligation, period) WHERE revoked_s IS NULL;

-- ---- submissions ----------------------------------------------------------------------------------------------------

-- What an organization sent for one obligation and period. current is the number of the revision that counts, 0 while withdrawn;
-- received_s and on_time are those of the first revision since the last withdrawal.
CREATE TABLE submission (
    id            INTEGER PRIMARY KEY,
    org_id        INTEGER NOT NULL REFERENCES organization (id),
    form          TEXT NOT NULL,
    obligation    TEXT,
    period        TEXT,
    current       INTEGER NOT NULL DEFAULT 0,
    received_s    INTEGER NOT NULL DEFAULT 0,
    on_time       INTEGER NOT NULL DEFAULT 0 CHECK (on_time IN (0, 1)),
    CHECK ((obligation IS NULL) = (period IS NULL))
) STRICT;
CREATE UNIQUE INDEX submission_of_period ON submission (obligation, period, org_id) WHERE obligation IS NOT NULL;
CREATE INDEX submission_by_org ON submission (org_id);

-- Never changed, never deleted; erasure leaves the row as a tombstone (erased_s set) and deletes its content.
CREATE TABLE revision (
    id            INTEGER PRIMARY KEY,
    submission    INTEGER NOT NULL REFERENCES submission (id),
    number        INTEGER NOT NULL,
    message       INTEGER REFERENCES message (id),
    origin        TEXT NOT NULL CHECK (origin IN ('mail', 'hand', 'correction', 'replay', 'withdrawal')),
    received_s    INTEGER NOT NULL,
    recorded_s    INTEGER NOT NULL,
    on_time       INTEGER NOT NULL CHECK (on_time IN (0, 1)),
    digest        TEXT NOT NULL,
    n_problems    INTEGER NOT NULL,
    reader        TEXT,
    converter     TEXT,
    note          TEXT,
    erased_s      INTEGER,
    UNIQUE (submission, number)
) STRICT;
CREATE INDEX revision_by_message ON revision (message) WHERE message IS NOT NULL;
CREATE TRIGGER revision_is_kept BEFORE UPDATE ON revision WHEN NEW.erased_s IS NULL
BEGIN SELECT RAISE(ABORT, 'a revision is never changed'); END;
CREATE TRIGGER revision_is_not_deleted BEFORE DELETE ON revision
BEGIN SELECT RAISE(ABORT, 'a revision is never deleted'); END;

-- What a revision says, exactly as the reader said it. Apart from revision, whose rows stay small: a snapshot reads all of them.
CREATE TABLE revision_content (
    revision      INTEGER PRIMARY KEY REFERENCES revision (id),
    fields        TEXT NOT NULL,
    tables        TEXT NOT NULL,
    problems      TEXT NOT NULL
) STRICT;
CREATE TRIGGER content_is_kept BEFORE UPDATE ON revision_content
BEGIN SELECT RAISE(ABORT, 'a revision is never changed'); END;
CREATE TRIGGER content_is_not_deleted BEFORE DELETE ON revision_content
WHEN (SELECT erased_s FROM revision WHERE id = OLD.revision) IS NULL
BEGIN SELECT RAISE(ABORT, 'a revision is never deleted'); END;

-- A message that said what the current revision said already.
CREATE TABLE resent (
    message       INTEGER NOT NULL REFERENCES message (id),
    submission    INTEGER NOT NULL REFERENCES submission (id),
    PRIMARY KEY (message, submission)
) STRICT, WITHOUT ROWID;

-- Field values of revision_content.fields as plain columns, so that sums and searches are plain SQL: numbers and booleans in
-- value_number, everything else that has a short text in value_text. raw, source and confidence: view field_source.
CREATE TABLE field (
    revision      INTEGER NOT NULL REFERENCES revision (id),
    key           TEXT NOT NULL,
    value_number  REAL,
    value_text    TEXT,
    PRIMARY KEY (revision, key)
) STRICT, WITHOUT ROWID;

-- The revision that counts, of every submission that is not withdrawn.
CREATE VIEW current_revision AS
    SELECT s.org_id, s.form, s.obligation, s.period, s.received_s AS first_received_s, s.on_time AS first_on_time, r.*
      FROM submission s JOIN revision r ON r.submission = s.id AND r.number = s.current;

CREATE VIEW field_source AS
    SELECT c.revision, f.key, f.value ->> '$.value' AS value, f.value ->> '$.raw' AS raw,
           f.value ->> '$.source' AS source, f.value ->> '$.confidence' AS confidence
      FROM revision_content c, json_each(c.fields) f;

CREATE VIEW table_row AS
    SELECT c.revision, t.key AS name, e.key AS number, e.value AS json
      FROM revision_content c, json_each(c.tables) t, json_each(t.value) e;

-- ---- outbox ---------------------------------------------------------------------------------------------------------

-- due_s: not before this instant; NULL where only a person moves the letter on. bytes: as handed to SMTP, kept until the outcome is
-- known, so that a retry sends the same. started_s: the last hand-over, which quotas count.
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY,
    key           TEXT NOT NULL UNIQUE,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('queued', 'held', 'sending', 'sent', 'retry', 'refused', 'unsure', 'expired',
                                                 'cancelled', 'dropped')),
    priority      INTEGER NOT NULL,
    to_address    TEXT NOT NULL COLLATE NOCASE,
    to_name       TEXT,
    language      TEXT,
    org_id        INTEGER REFERENCES organization (id),
    obligation    TEXT,
    period        TEXT,
    answers       INTEGER REFERENCES message (id),
    not_before_s  INTEGER NOT NULL,
    expires_s     INTEGER NOT NULL,
    due_s         INTEGER,
    facts         TEXT,
    reason        TEXT,
    created_s     INTEGER NOT NULL,
    changed_s     INTEGER NOT NULL,
    started_s     INTEGER,
    attempts      INTEGER NOT NULL DEFAULT 0,
    losses        INTEGER NOT NULL DEFAULT 0,
    message_id    TEXT,
    sha256        TEXT,
    bytes         BLOB,
    reply_code    INTEGER NOT NULL DEFAULT 0,
    reply         TEXT
) STRICT;
CREATE INDEX outbox_waiting ON outbox (priority, due_s) WHERE state IN ('queued', 'retry', 'unsure');
CREATE INDEX outbox_expiring ON outbox (expires_s) WHERE state IN ('queued', 'held', 'retry', 'unsure');
CREATE INDEX outbox_started ON outbox (started_s, to_address) WHERE started_s IS NOT NULL;
CREATE INDEX outbox_by_message_id ON outbox (message_id) WHERE message_id IS NOT NULL;
-- state at its end: counts and lists by state scan this index instead of the letters. An index on state alone would be taken for
-- every query above, in place of the ones that were made for them.
CREATE INDEX outbox_by_period ON outbox (period, obligation, org_id, state);
CREATE INDEX outbox_by_answered ON outbox (answers) WHERE answers IS NOT NULL;

-- Every change of a letter's state: hand-overs and their outcomes, and what people and rules decided.
CREATE TABLE outbox_event (
    id            INTEGER PRIMARY KEY,
    letter        INTEGER NOT NULL REFERENCES outbox (id),
    at_s          INTEGER NOT NULL,
    event         TEXT NOT NULL,
    code          INTEGER NOT NULL DEFAULT 0,
    text          TEXT
) STRICT;
CREATE INDEX outbox_event_by_letter ON outbox_event (letter);

-- ---- journal --------------------------------------------------------------------------------------------------------

-- hash = SHA-256 over previous and all other columns. AUTOINCREMENT: a tail that was cut off shows in sqlite_sequence.
CREATE TABLE journal (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    at_s          INTEGER NOT NULL,
    event         TEXT NOT NULL,
    message       INTEGER NOT NULL,
    letter        INTEGER NOT NULL,
    org_id        INTEGER NOT NULL,
    submission    INTEGER NOT NULL,
    detail        TEXT,
    previous      TEXT NOT NULL,
    hash          TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_message ON journal (message) WHERE message <> 0;
CREATE INDEX journal_by_letter ON journal (letter) WHERE letter <> 0;
CREATE TRIGGER journal_is_kept BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- migration 2: labels that a person taught

-- Beside those of the form's own definition: normal is the form in which labels are compared.
CREATE TABLE learnt_label (
    form          TEXT NOT NULL,
    field         TEXT NOT NULL,
    normal        TEXT NOT NULL,
    label         TEXT NOT NULL,
    learnt_s      INTEGER NOT NULL,
    PRIMARY KEY (form, normal)
) STRICT, WITHOUT ROWID;

-- migration 3: questions and their 24-hour clock, who answers them

-- normal: equal means "the same words". source: the row that said so ("form/period/org/no"), so that a revision changes its question
-- instead of adding one. known_s: when it was first known here; it is kept, whatever is learnt later.
CREATE TABLE question (
    id            INTEGER PRIMARY KEY,
    text          TEXT NOT NULL,
    normal        TEXT NOT NULL,
    org_id        INTEGER REFERENCES organization (id),
    section       TEXT,
    message       INTEGER REFERENCES message (id),
    source        TEXT,
    asked_s       INTEGER NOT NULL,
    known_s       INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'passed_on', 'overdue', 'inquired', 'answered', 'explained', 'closed')),
    changed_s     INTEGER NOT NULL,
    passed_s      INTEGER,
    nudged_s      INTEGER,
    escalated_s   INTEGER,
    answered_s    INTEGER
) STRICT;
CREATE INDEX question_by_normal ON question (normal);
CREATE INDEX question_by_source ON question (source) WHERE source IS NOT NULL;
CREATE INDEX question_unsettled ON question (id) WHERE state NOT IN ('answered', 'closed');

-- What happened to it: first seen, every change of state, explanations word for word.
CREATE TABLE question_event (
    id            INTEGER PRIMARY KEY,
    question      INTEGER NOT NULL REFERENCES question (id),
    at_s          INTEGER NOT NULL,
    event         TEXT NOT NULL,
    message       INTEGER REFERENCES message (id),
    letter        INTEGER REFERENCES outbox (id),
    text          TEXT
) STRICT;
CREATE INDEX question_event_by_question ON question_event (question);

-- Who answers which questions, as the organization's newest receipt says.
CREATE TABLE answerer (
    org_id        INTEGER NOT NULL REFERENCES organization (id),
    position      INTEGER NOT NULL,
    name          TEXT NOT NULL,
    type          TEXT,
    PRIMARY KEY (org_id, position)
) STRICT, WITHOUT ROWID;

-- What is of no organization, such as the platform's log that the liaison sends, is the programme's own. Merged into itself, so that
-- it is on no list of organizations.
INSERT INTO organization (id, name, normal, merged_into, created_s) VALUES (0, '', '', 0, 0);

-- migration 4: urgent matters

-- One a message. code: what a person names to settle it; settled_by: the message that said so; handling: what was done.
CREATE TABLE urgent_matter (
    id            INTEGER PRIMARY KEY,
    message       INTEGER NOT NULL UNIQUE REFERENCES message (id),
    org_id        INTEGER REFERENCES organization (id),
    text          TEXT NOT NULL,
    from_address  TEXT,
    received_s    INTEGER NOT NULL,
    known_s       INTEGER NOT NULL,
    code          TEXT NOT NULL,
    settled_s     INTEGER,
    settled_by    INTEGER REFERENCES message (id),
    handling      TEXT
) STRICT;
CREATE INDEX urgent_matter_unsettled ON urgent_matter (id) WHERE settled_s IS NULL;

-- migration 5: extensions; orders by mail that wait for their one-time code; repeated questions

-- Until when an organization may still report a period.
CREATE TABLE extension (
    id            INTEGER PRIMARY KEY,
    org_id        INTEGER NOT NULL REFERENCES organization (id),
    obligation    TEXT NOT NULL,
    period        TEXT NOT NULL,
    until_s       INTEGER NOT NULL,
    message       INTEGER REFERENCES message (id),
    created_s     INTEGER NOT NULL,
    revoked_s     INTEGER
) STRICT;
CREATE UNIQUE INDEX extension_current ON extension (org_id, obligation, period) WHERE revoked_s IS NULL;

-- What somebody asked for and has to confirm. digest: of the code, salted; NULL until the letter that holds the code is made.
CREATE TABLE mail_order (
    id            INTEGER PRIMARY KEY,
    message       INTEGER NOT NULL REFERENCES message (id),
    address       TEXT NOT NULL COLLATE NOCASE,
    command       TEXT NOT NULL,
    argument      TEXT NOT NULL,
    created_s     INTEGER NOT NULL,
    expires_s     INTEGER NOT NULL,
    salt          TEXT,
    digest        TEXT,
    attempts      INTEGER NOT NULL DEFAULT 0,
    used_s        INTEGER
) STRICT;
CREATE INDEX mail_order_by_address ON mail_order (address, created_s);

-- cluster: the first question of those that a person said are one; NULL: it stands alone.
ALTER TABLE question ADD COLUMN cluster INTEGER REFERENCES question (id);
CREATE INDEX question_by_cluster ON question (cluster) WHERE cluster IS NOT NULL;
CREATE INDEX question_by_asked ON question (asked_s);

-- Two questions of which a person said that they are not one: never proposed again.
CREATE TABLE question_apart (
    a             INTEGER NOT NULL REFERENCES question (id),
    b             INTEGER NOT NULL REFERENCES question (id),
    at_s          INTEGER NOT NULL,
    PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;

-- migration 6: what the head of its section says of a report

-- Of the revision that counts; NULL again once another is recorded that is not only read again.
ALTER TABLE submission ADD COLUMN verdict TEXT CHECK (verdict IN ('approved', 'returned'));
ALTER TABLE submission ADD COLUMN verdict_number INTEGER;
ALTER TABLE submission ADD COLUMN verdict_reason TEXT;
ALTER TABLE submission ADD COLUMN verdict_s INTEGER;

-- Every word that was said, by whom, in which message, of which revision. Never changed.
CREATE TABLE verdict (
    id            INTEGER PRIMARY KEY,
    submission    INTEGER NOT NULL REFERENCES submission (id),
    number        INTEGER NOT NULL,
    verdict       TEXT NOT NULL CHECK (verdict IN ('approved', 'returned')),
    reason        TEXT,
    by_address    TEXT NOT NULL COLLATE NOCASE,
    message       INTEGER REFERENCES message (id),
    decided_s     INTEGER NOT NULL
) STRICT;
CREATE INDEX verdict_by_submission ON verdict (submission);

-- migration 7: sections and persons that owe something themselves

-- role: of the programme's people, for a section or person. Their normal begins with "section/" or "person/": no organization's does.
ALTER TABLE organization ADD COLUMN kind TEXT NOT NULL DEFAULT 'organization' CHECK (kind IN ('organization', 'section', 'person'));
ALTER TABLE organization ADD COLUMN role TEXT;

-- migration 8: scores as they were published

-- One for every summary whose scores differ from the last published ones of that period. formula: the version of the formula.
CREATE TABLE score_publication (
    id            INTEGER PRIMARY KEY,
    obligation    TEXT NOT NULL,
    period        TEXT NOT NULL,
    formula       TEXT NOT NULL,
    letter        INTEGER REFERENCES outbox (id),
    at_s          INTEGER NOT NULL
) STRICT;
CREATE INDEX score_publication_of_period ON score_publication (obligation, period);

-- points: hundredths. lines: {"rule": hundredths}, as they were called then.
CREATE TABLE published_score (
    publication   INTEGER NOT NULL REFERENCES score_publication (id),
    org_id        INTEGER NOT NULL REFERENCES organization (id),
    points        INTEGER NOT NULL,
    lines         TEXT NOT NULL,
    PRIMARY KEY (publication, org_id)
) STRICT, WITHOUT ROWID;

-- migration 9: who asked a question by mail

ALTER TABLE question ADD COLUMN asker TEXT COLLATE NOCASE;

-- migration 10: turns of duty that were handed over

CREATE TABLE rota_swap (
    rota          TEXT NOT NULL,
    day           TEXT NOT NULL,
    person        TEXT NOT NULL,
    created_s     INTEGER NOT NULL,
    PRIMARY KEY (rota, day)
) STRICT, WITHOUT ROWID;

-- migration 11: letters that came back

-- counts: the address is dead from at_s on, for good or because it came back too often (2: the first that says so);
-- over_s: mail came from it since.
CREATE TABLE bounce (
    id            INTEGER PRIMARY KEY,
    message       INTEGER NOT NULL UNIQUE REFERENCES message (id),
    address       TEXT NOT NULL COLLATE NOCASE,
    class         TEXT NOT NULL,
    counts        INTEGER NOT NULL,
    at_s          INTEGER NOT NULL,
    over_s        INTEGER
) STRICT;
CREATE INDEX bounce_by_address ON bounce (address, at_s) WHERE over_s IS NULL;

-- migration 12: labels that nobody listed, when first met

-- told_s: the liaison was told of it in a review notice.
CREATE TABLE met_label (
    form          TEXT NOT NULL,
    normal        TEXT NOT NULL,
    since_s       INTEGER NOT NULL,
    told_s        INTEGER,
    PRIMARY KEY (form, normal)
) STRICT, WITHOUT ROWID;
CREATE INDEX met_label_untold ON met_label (since_s) WHERE told_s IS NULL;

-- migration 13: what the operator has to end

-- A condition that holds: since when without a break, how often it was found.
CREATE TABLE held_alert (
    code          TEXT PRIMARY KEY,
    since_s       INTEGER NOT NULL,
    times         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
