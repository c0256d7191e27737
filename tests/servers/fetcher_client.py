"""The keeper's side of a fetcher, for tests."""
import re

from role_client import Role


class Fetcher(Role):
    """`with Fetcher(kind="imap", host=…) as f: f.list("INBOX")`."""

    def __init__(self, wait_s=60, **settings):
        super().__init__("fetcher", wait_s, **{"account": "test", **settings})

    def list(self, folder="INBOX"):
        return self.ask("IPC_LIST", "IPC_LISTED", folder=folder)

    def fetch(self, uids, folder="INBOX", each=None):
        """({uid: (payload, bytes)}, the payload of IPC_FETCHED); with `each` messages go to each(payload, bytes) instead."""
        self.send("IPC_FETCH", folder=folder, uids=uids)
        messages = {}
        while True:
            kind, payload, body = self.receive()
            if kind == "IPC_FETCHED":
                return messages, payload
            assert kind == "IPC_MESSAGE", kind
            if each:
                each(payload, body)
            else:
                assert payload["uid"] not in messages, "the same message twice"
                messages[payload["uid"]] = payload, body

    def peak_kb(self):
        """The most memory that the process has had so far."""
        with open("/proc/%d/status" % self.pid) as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])
