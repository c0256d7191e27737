#!/bin/sh
# one IMAP session, logged in already; no IDLE, like NetEase
cd @DIR@
export AUTHENTICATED=gateway AUTHADDR=gateway MAILDIRPATH=Maildir PROTOCOL=IMAP
export IMAP_CAPABILITY="IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=REFERENCES SORT"
export IMAP_EMPTYTRASH= IMAP_USELOCKS=0 IMAP_ENHANCEDIDLE=0 IMAP_KEYWORDS=1 IMAP_OBSOLETE_CLIENT=0
# without a file alteration monitor it sends an alert before its greeting, which is no IMAP (fake_imap.py has that case)
@ROOT@/usr/bin/imapd Maildir | LC_ALL=C sed -u '1{/ALERT/d}'
